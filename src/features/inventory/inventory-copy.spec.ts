import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { resetApps } from '../../../test/support/app-rows.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { matchContainersSync } from '../../matching/match.js';
import type { AppKey } from './app-key.js';
import { AppScope } from './app-scope.js';
import { readInventory, readPods } from './inventory-reader.js';
import { InventorySpool } from './inventory-spool.js';
import { FEWEST_COPIED_PODS, type InventoryReplacement, replaceInventory } from './inventory-writer.js';
import type { ListedPod } from './listed-pod.js';

const ACCOUNT = '6fa2f917-f730-41b8-9c15-17f531843b31';
const APP = '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9';
const OTHER_APP = 'c5b0ca4a-3cf4-4d5f-a5f1-2a2f3e6f8d10';
const KEY: AppKey = { accountId: ACCOUNT, appId: APP };
const OTHER: AppKey = { accountId: ACCOUNT, appId: OTHER_APP };
const SNAPSHOT = { isolation: 'repeatable read', readOnly: true } as const;

/** Of an inventory that is worth a copy. */
const PODS = FEWEST_COPIED_PODS + 50;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});

afterAll(async () => {
  await db.drop();
});

beforeEach(async () => {
  await resetApps(db.database, [KEY, OTHER]);
});

/** So many pods, in an order that is not that of their names, with texts of all kinds. */
function pods(count: number, image: string, more: Partial<ListedPod> = {}): ListedPod[] {
  const odd = ['a\tb', 'a\nb', 'a\\b', 'a\\nb', 'a"b', 'ä\u2028b', '\u{1f980}', '\uffff', 'a=b', '=', '\\N', '\r'];
  return Array.from({ length: count }, (_, index) => {
    const text = odd[index % odd.length] ?? '';
    return {
      index,
      namespace: `ns-${index % 3}${text}`,
      name: `${text}-${(index * 7_919) % count}-${index}`,
      labels: new Map([
        [text, `value ${index % 5}`],
        ['a', `b=${text}`],
      ]),
      containers: Array.from({ length: index % 3 }, (_container, at) => ({
        name: `c${(at * 2) % 3}${text}`,
        image: `${image}:${text}`,
      })),
      initContainers: 0,
      ephemeralContainers: 0,
      phase: 'Running',
      isBeingDeleted: false,
      isNodeLost: false,
      ...more,
    };
  });
}

async function replace(list: readonly ListedPod[], key = KEY, memory = 1e6): Promise<InventoryReplacement | undefined> {
  const spool = new InventorySpool(memory);
  try {
    for (const pod of list) await spool.add(pod);
    return await replaceInventory(db.database, key, spool, { scope: new AppScope([]) });
  } finally {
    await spool.dispose();
  }
}

/** What a new process reads of an app, and what it says of the copy. */
async function read(key = KEY): Promise<{ snapshot: InventorySnapshot; revision: string; complaints: string[] }> {
  const complaints: string[] = [];
  const inventory = await db.database.transaction(
    (transaction) =>
      readInventory(transaction, key, (revision, error) => {
        complaints.push(`${revision}: ${String(error)}`);
      }),
    SNAPSHOT,
  );
  if (inventory === undefined) throw new Error('There is no such app.');
  return { ...inventory, complaints };
}

function jsonOf(snapshot: InventorySnapshot): string {
  return matchContainersSync(snapshot, []).containersJson();
}

const fromRows = (key = KEY): Promise<string> =>
  db.database.transaction(async (transaction) => jsonOf(await readPods(transaction, key)), SNAPSHOT);

interface StoredPart {
  readonly part: number;
  readonly revision: string;
  readonly xmin: string;
}

const parts = ({ appId }: AppKey = KEY): Promise<StoredPart[]> =>
  db.database.query(
    { text: 'SELECT part, revision, xmin::text FROM inventory_copies WHERE app_id = $1 ORDER BY part' },
    [appId],
  );

/** Makes the copy tell another story than the rows, so that what is read shows where it is from. */
async function emptyRows(): Promise<void> {
  await db.database.query({ text: 'DELETE FROM inventory_pods' });
}

describe('the copy of an inventory', () => {
  it('is written with the rows, is what they are, and is read instead of them', async () => {
    const replaced = await replace(pods(PODS, 'i'));
    expect(await parts()).toEqual([{ part: 0, revision: '1', xmin: expect.anything() }]);
    const rows = await fromRows();
    await emptyRows();
    const { snapshot, revision, complaints } = await read();
    expect([revision, complaints]).toEqual(['1', []]);
    expect(jsonOf(snapshot)).toBe(rows);
    expect(snapshot.containerCount).toBe(PODS - 1);
    expect(replaced?.snapshot).toBeDefined();
    if (replaced?.snapshot !== undefined) expect(jsonOf(replaced.snapshot)).toBe(rows);
  });

  it('is made of rows that come in pieces, from a file too', async () => {
    const long = pods(5_000, 'i', { labels: new Map([['long', 'l'.repeat(200)]]) });
    await replace(long, KEY, 1_000);
    const rows = await fromRows();
    await emptyRows();
    expect(jsonOf((await read()).snapshot)).toBe(rows);
  });

  it('may have several parts', async () => {
    const long = 'x'.repeat(1_000);
    await replace(pods(PODS * 16, 'i').map((pod) => ({ ...pod, name: `${pod.name}${long}` })));
    expect((await parts()).map(({ part }) => part)).toEqual([0, 1, 2]);
    const rows = await fromRows();
    const whole = await read();
    expect([jsonOf(whole.snapshot) === rows, whole.complaints]).toEqual([true, []]);
    await db.database.query({ text: 'DELETE FROM inventory_copies WHERE part = 1' });
    const { snapshot, complaints } = await read();
    expect(jsonOf(snapshot)).toBe(rows);
    expect(complaints).toEqual([expect.stringMatching(/^1: MalformedSnapshot/)]);
  });

  it('is renewed with every revision, and left alone by the same inventory', async () => {
    await replace(pods(PODS, 'i'));
    await replace(pods(PODS, 'j'));
    const before = await parts();
    expect(before).toMatchObject([{ part: 0, revision: '2' }]);
    await replace(pods(PODS, 'j'));
    await replace(pods(PODS, 'j').reverse());
    expect(await parts()).toEqual(before);
    const rows = await fromRows();
    await emptyRows();
    expect(jsonOf((await read()).snapshot)).toBe(rows);
  });

  it('is not made of few pods, and goes when few are left', async () => {
    expect((await replace(pods(FEWEST_COPIED_PODS - 1, 'i')))?.snapshot).toBeUndefined();
    expect(await parts()).toEqual([]);
    await replace(pods(FEWEST_COPIED_PODS, 'i'));
    expect(await parts()).toHaveLength(1);
    await replace(pods(3, 'i'));
    expect(await parts()).toEqual([]);
    expect((await read()).snapshot.podCount).toBe(2);
  });

  it('is one of its app, and goes with that', async () => {
    await replace(pods(PODS, 'i'));
    await replace(pods(PODS, 'other'), OTHER);
    await replace(pods(PODS, 'j'));
    expect([await parts(), await parts(OTHER)]).toMatchObject([[{ revision: '2' }], [{ revision: '1' }]]);
    expect((await read(OTHER)).snapshot.images.texts[0]).toMatch(/^other:/);
    await db.database.query({ text: 'DELETE FROM apps WHERE id = $1' }, [APP]);
    expect([await parts(), await parts(OTHER)]).toMatchObject([[], [{ revision: '1' }]]);
  });

  it('is as it was when the transaction that replaces it fails', async () => {
    await replace(pods(PODS, 'i'));
    const before = [await parts(), await fromRows()];
    await db.database.query({ text: `ALTER TABLE inventory_copies ADD CONSTRAINT c CHECK (revision < 2)` });
    await expect(replace(pods(PODS, 'j'))).rejects.toThrow('violates check constraint');
    await db.database.query({ text: `ALTER TABLE inventory_copies DROP CONSTRAINT c` });
    expect([await parts(), await fromRows()]).toEqual(before);
    const { revision, snapshot } = await read();
    expect([revision, jsonOf(snapshot)]).toEqual(['1', before[1]]);
  });

  it('is not read where the rows are of another revision, as a release writes them that knows no copies', async () => {
    await replace(pods(PODS, 'i'));
    await db.database.query({ text: `DELETE FROM inventory_pods WHERE namespace LIKE 'ns-1%'` });
    await db.database.query({ text: 'UPDATE apps SET inventory_revision = inventory_revision + 1 WHERE id = $1' }, [
      APP,
    ]);
    const { revision, snapshot, complaints } = await read();
    expect([revision, jsonOf(snapshot), complaints]).toEqual(['2', await fromRows(), []]);
  });

  it('is not read where its format is another one', async () => {
    await replace(pods(PODS, 'i'));
    await db.database.query({ text: `DELETE FROM inventory_pods WHERE namespace LIKE 'ns-1%'` });
    await db.database.query({ text: 'UPDATE inventory_copies SET format = format + 1' });
    const { snapshot, complaints } = await read();
    expect([jsonOf(snapshot), complaints]).toEqual([await fromRows(), []]);
  });

  it.each([
    ['a changed byte', `bytes = set_byte(bytes, 20, get_byte(bytes, 20) # 1)`],
    ['a lost end', `bytes = substring(bytes FROM 1 FOR length(bytes) - 1)`],
    ['another digest', `sha256 = sha256('')`],
    ['no bytes at all', `bytes = '', sha256 = sha256('')`],
    ['other bytes with their own digest', `bytes = 'nonsense', sha256 = sha256('nonsense')`],
  ])('is not read with %s, which is told', async (_, change) => {
    await replace(pods(PODS, 'i'));
    await db.database.query({ text: `UPDATE inventory_copies SET ${change}` });
    const { revision, snapshot, complaints } = await read();
    expect([revision, jsonOf(snapshot)]).toEqual(['1', await fromRows()]);
    expect(complaints).toHaveLength(1);
  });

  it('is not read where a part is more than what parts are made of', async () => {
    await replace(pods(PODS, 'i'));
    const bytes = brotliCompressSync(Buffer.alloc(1024 ** 2 + 1));
    await db.database.query({ text: 'UPDATE inventory_copies SET bytes = $1, sha256 = sha256($1::bytea)' }, [bytes]);
    const { snapshot, complaints } = await read();
    expect(jsonOf(snapshot)).toBe(await fromRows());
    expect(complaints).toEqual([expect.stringContaining('Cannot create a Buffer larger than 1048576 bytes')]);
  });
});
