import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resetApps } from '../../../test/support/app-rows.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import { compareCodePoints } from '../../matching/code-point-order.js';
import { type InventorySnapshot, labelOf } from '../../matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../matching/snapshot-builder.js';
import { SNAPSHOT_FORMAT } from '../../matching/snapshot-bytes.js';
import type { AppKey } from './app-key.js';
import { InventoryCache } from './inventory-cache.js';
import { readInventory } from './inventory-reader.js';

const ACCOUNT = '6fa2f917-f730-41b8-9c15-17f531843b31';
const APP = '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9';
const OTHER_APP = 'c5b0ca4a-3cf4-4d5f-a5f1-2a2f3e6f8d10';
const NOBODY = '00000000-0000-0000-0000-000000000000';
const KEY: AppKey = { accountId: ACCOUNT, appId: APP };
const OTHER: AppKey = { accountId: ACCOUNT, appId: OTHER_APP };
const SNAPSHOT = { isolation: 'repeatable read', readOnly: true } as const;

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

/** No copy is unreadable. */
function refused(...copy: readonly unknown[]): never {
  throw new Error(`A copy was refused: ${JSON.stringify(copy)}`);
}

/** Stores an inventory of so many pods, each with one container, whose image is the revision. */
async function store(revision: number, pods: number, { appId }: AppKey = KEY): Promise<void> {
  await db.database.transaction(async (transaction) => {
    await transaction.query({ text: 'UPDATE apps SET inventory_revision = $2 WHERE id = $1' }, [appId, revision]);
    await transaction.query({ text: 'DELETE FROM inventory_pods WHERE app_id = $1' }, [appId]);
    await transaction.query(
      {
        text: `INSERT INTO inventory_pods
          SELECT $1, $2, 'ns', 'pod-' || n, '[{"name": "n", "value": "v"}]',
            json_build_array(json_build_object('name', 'c', 'image', 'image-' || $3::text))
          FROM generate_series(1, $4::integer) AS n`,
      },
      [ACCOUNT, appId, String(revision), pods],
    );
  });
}

describe('reading an inventory', () => {
  it('gives every pod of the app, and the revision', async () => {
    await store(7, 2500);
    await store(1, 1, OTHER);
    const read = await db.database.transaction((transaction) => readInventory(transaction, KEY, refused), SNAPSHOT);
    expect(read?.revision).toBe('7');
    expect(read?.snapshot).toMatchObject({ podCount: 2500, containerCount: 2500 });
    expect(read?.snapshot.namespaces.texts).toEqual(['ns']);
    expect(read?.snapshot.podNames.texts.slice(0, 3)).toEqual(['pod-1', 'pod-10', 'pod-100']);
    expect(read?.snapshot.labelTexts.count).toBe(1);
    expect(read && labelOf(read.snapshot, 0)).toEqual({ name: 'n', value: 'v' });
    expect(read?.snapshot.containerNames.texts).toEqual(['c']);
    expect(read?.snapshot.images.texts).toEqual(['image-7']);
  });

  it.each([0, 1, 999, 1000, 1001, 2000])('gives all of %i pods', async (count) => {
    await store(1, count);
    const read = await db.database.transaction((transaction) => readInventory(transaction, KEY, refused), SNAPSHOT);
    expect(read?.snapshot.podCount).toBe(count);
  });

  it('gives texts as they are, whatever they hold', async () => {
    const texts = ['a\tb', 'a\nb', 'a\\b', 'a\\nb', 'a"b', 'ä\u2028b', '\u{1f980}'].sort(compareCodePoints);
    for (const text of texts) {
      await db.database.query({ text: 'INSERT INTO inventory_pods VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb)' }, [
        ACCOUNT,
        APP,
        text,
        text,
        JSON.stringify([{ name: text, value: text }]),
        JSON.stringify([{ name: text, image: text }]),
      ]);
    }
    const read = await db.database.transaction((transaction) => readInventory(transaction, KEY, refused), SNAPSHOT);
    const snapshot = read?.snapshot;
    for (const column of [snapshot?.namespaces, snapshot?.podNames, snapshot?.containerNames, snapshot?.images]) {
      expect(column?.texts).toEqual(texts);
    }
    expect(texts.map((_, label) => snapshot && labelOf(snapshot, label))).toEqual(
      texts.map((text) => ({ name: text, value: text })),
    );
  });

  it('gives nothing for an app that is not there', async () => {
    const missing = { accountId: NOBODY, appId: APP };
    expect(
      await db.database.transaction((transaction) => readInventory(transaction, missing, refused), SNAPSHOT),
    ).toBeUndefined();
  });

  it('gives revision and pods of one moment', async () => {
    await store(1, 1500);
    const read = await db.database.transaction(async (transaction) => {
      let statements = 0;
      // The next inventory is committed between any two statements of the reading.
      const disturbed: Queryable = {
        query: async <Row extends object>(statement: Statement, values?: readonly unknown[]) => {
          const rows = await transaction.query<Row>(statement, values);
          statements += 1;
          await store(1 + statements, 10 * statements);
          return rows;
        },
      };
      return readInventory(disturbed, KEY, refused);
    }, SNAPSHOT);
    expect(read).toMatchObject({ revision: '1', snapshot: { podCount: 1500 } });
    expect(read?.snapshot.images.texts).toEqual(['image-1']);
  });

  it('can be done several times in one transaction', async () => {
    await store(1, 1500);
    await store(2, 1200, OTHER);
    await db.database.transaction(async (transaction) => {
      for (const [key, count] of [
        [KEY, 1500],
        [OTHER, 1200],
        [KEY, 1500],
      ] as const) {
        expect((await readInventory(transaction, key, refused))?.snapshot.podCount).toBe(count);
      }
    }, SNAPSHOT);
  });
});

describe('the inventory cache', () => {
  let cache: InventoryCache;
  /** Counts the readings on connections of their own, and the transactions of the tests. */
  const transactions = jest.spyOn(Database.prototype, 'transaction');

  beforeEach(() => {
    cache = new InventoryCache(db.database, 10_000_000, () => undefined, refused);
    transactions.mockClear();
  });

  afterAll(() => {
    transactions.mockRestore();
  });

  function images(snapshot: InventorySnapshot): readonly string[] {
    return snapshot.images.texts;
  }

  it('reads an inventory once for as long as the revision is the same', async () => {
    await store(1, 3);
    transactions.mockClear();
    const first = await cache.snapshot(KEY, '1');
    expect(await cache.snapshot(KEY, '1')).toBe(first);
    expect(transactions).toHaveBeenCalledTimes(1);
    await store(2, 4);
    transactions.mockClear();
    const second = await cache.snapshot(KEY, '2');
    expect([images(first), images(second)]).toEqual([['image-1'], ['image-2']]);
    expect(await cache.snapshot(KEY, '2')).toBe(second);
    expect(transactions).toHaveBeenCalledTimes(1);
  });

  it('reads once for all who ask at once', async () => {
    await store(1, 3);
    transactions.mockClear();
    const all = await Promise.all(Array.from({ length: 20 }, () => cache.snapshot(KEY, '1')));
    expect(new Set(all).size).toBe(1);
    expect(transactions).toHaveBeenCalledWith(expect.anything(), SNAPSHOT);
    expect(transactions).toHaveBeenCalledTimes(1);
  });

  it('gives the newer inventory when there is one, and keeps it as that', async () => {
    await store(2, 3);
    transactions.mockClear();
    const newer = await cache.snapshot(KEY, '1');
    expect(images(newer)).toEqual(['image-2']);
    expect(await cache.snapshot(KEY, '2')).toBe(newer);
    expect(transactions).toHaveBeenCalledTimes(1);
  });

  it('gives, within a transaction, what the transaction sees, without another connection', async () => {
    await store(1, 3);
    transactions.mockClear();
    await db.database.transaction(async (transaction) => {
      await transaction.query({ text: 'SELECT FROM apps' });
      await store(2, 3);
      transactions.mockClear();
      expect(images(await cache.snapshot(KEY, '1', transaction))).toEqual(['image-1']);
      expect(transactions).not.toHaveBeenCalled();
    }, SNAPSHOT);
    expect(images(await cache.snapshot(KEY, '2'))).toEqual(['image-2']);
  });

  it('does not let a transaction wait for a connection', async () => {
    await store(1, 3);
    // All five connections of the pool are taken by transactions; who has none waits until they are over.
    const waiting: Promise<InventorySnapshot>[] = [];
    const snapshots = await Promise.all(
      Array.from({ length: 5 }, () =>
        db.database.transaction(async (transaction) => {
          await transaction.query({ text: 'SELECT FROM apps' });
          waiting.push(cache.snapshot(KEY, '1'));
          return cache.snapshot(KEY, '1', transaction);
        }, SNAPSHOT),
      ),
    );
    expect(snapshots.map(images)).toEqual(Array.from({ length: 5 }, () => ['image-1']));
    expect((await Promise.all(waiting)).map(images)).toEqual(Array.from({ length: 5 }, () => ['image-1']));
  });

  it('does not hand on what went wrong for another request', async () => {
    await store(1, 3);
    transactions.mockClear();
    const failure = new Error('this transaction is over');
    const failing: Queryable = { query: () => Promise.reject(failure) };
    const [own, others] = await Promise.allSettled([cache.snapshot(KEY, '1', failing), cache.snapshot(KEY, '1')]);
    expect(own).toEqual({ status: 'rejected', reason: failure });
    expect(others).toMatchObject({ status: 'fulfilled', value: { podCount: 3 } });
  });

  it('gives an empty inventory for an app that is gone, and does not keep it', async () => {
    const missing = { accountId: NOBODY, appId: APP };
    expect(await cache.snapshot(missing, '1')).toMatchObject({ podCount: 0, containerCount: 0 });
    await cache.snapshot(missing, '1');
    expect(transactions).toHaveBeenCalledTimes(2);
  });

  it('keeps the inventories that were used last, within its budget', async () => {
    await store(1, 100);
    await store(1, 100, OTHER);
    const { byteSize } = await cache.snapshot(KEY, '1');
    const tight = new InventoryCache(db.database, Math.floor(byteSize * 1.5), () => undefined, refused);
    transactions.mockClear();
    await tight.snapshot(KEY, '1');
    await tight.snapshot(KEY, '1');
    expect(transactions).toHaveBeenCalledTimes(1);
    await tight.snapshot(OTHER, '1');
    await tight.snapshot(OTHER, '1');
    expect(transactions).toHaveBeenCalledTimes(2);
    await tight.snapshot(KEY, '1');
    expect(transactions).toHaveBeenCalledTimes(3);
  });

  it.each([0, 1])('keeps nothing with a budget of %i bytes', async (budget) => {
    await store(1, 3);
    transactions.mockClear();
    const none = new InventoryCache(db.database, budget, () => undefined, refused);
    expect(images(await none.snapshot(KEY, '1'))).toEqual(['image-1']);
    expect(images(await none.snapshot(KEY, '1'))).toEqual(['image-1']);
    expect(transactions).toHaveBeenCalledTimes(2);
  });

  it('takes what this process has committed, where it keeps that inventory already', async () => {
    await store(1, 3);
    const snapshot = new InventorySnapshotBuilder().build();
    cache.renew(KEY, { revision: '2', snapshot });
    expect(cache.keptSnapshot(KEY, '2')).toBeUndefined();
    await cache.snapshot(KEY, '1');
    cache.renew(KEY, { revision: '2', snapshot });
    cache.renew(OTHER, { revision: '2', snapshot });
    expect(cache.keptSnapshot(KEY, '2')).toBe(snapshot);
    expect(cache.usage).toEqual({ snapshots: 1, bytes: snapshot.byteSize });
  });

  it('tells once a revision that a copy cannot be used', async () => {
    const complaints: unknown[] = [];
    const keepingNothing = new InventoryCache(
      db.database,
      0,
      () => undefined,
      (app, error) => complaints.push([app, String(error)]),
    );
    for (const revision of [1, 2]) {
      await store(revision, 3);
      await db.database.query({ text: `INSERT INTO inventory_copies VALUES ($1, $2, $3, $4, $5, '', '')` }, [
        ACCOUNT,
        APP,
        revision,
        revision,
        SNAPSHOT_FORMAT,
      ]);
      for (let time = 0; time < 3; time++) {
        expect(images(await keepingNothing.snapshot(KEY, String(revision)))).toEqual([`image-${revision}`]);
      }
    }
    expect(complaints).toEqual(Array(2).fill([KEY, 'Error: A part is damaged.']));
  });
});
