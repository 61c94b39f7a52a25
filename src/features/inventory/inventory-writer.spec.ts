import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { resetApps } from '../../../test/support/app-rows.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { ExtendedValidationFailure, InvalidJsonPayload } from '../../problems/catalogue.js';
import type { PodOutside } from '../apps/app-namespaces.js';
import type { AppKey } from './app-key.js';
import type { NamespaceScopedResource } from '../apps/namespace-scoped-resource.js';
import { AppScope } from './app-scope.js';
import { type InventoryAnswer, ListCount } from './inventory-answer.js';
import { InventorySpool } from './inventory-spool.js';
import { type InventoryReplacement, replaceInventory } from './inventory-writer.js';
import type { ListedPod } from './listed-pod.js';
import { podListBytes } from './pod-list-bytes.js';
import { POD_LIMITS, readPodList } from './pod-list-reader.js';

const ACCOUNT = '6fa2f917-f730-41b8-9c15-17f531843b31';
const OTHER_ACCOUNT = '0c9f5a8d-1c3d-4b1e-8f60-8a3a5fbe9b11';
const APP = '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9';
const OTHER_APP = 'c5b0ca4a-3cf4-4d5f-a5f1-2a2f3e6f8d10';
const NOBODY = '00000000-0000-0000-0000-000000000000';
const KEY: AppKey = { accountId: ACCOUNT, appId: APP };

/** A pod in short: its containers by name, and the value of its one label. */
interface ShortPod {
  readonly containers: Readonly<Record<string, string>>;
  readonly label?: string;
}

/** An inventory in short: its pods by `namespace/name`. */
type ShortInventory = Readonly<Record<string, ShortPod>>;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});

afterAll(async () => {
  await db.drop();
});

beforeEach(async () => {
  await resetApps(db.database, [KEY, { ...KEY, appId: OTHER_APP }, { ...KEY, accountId: OTHER_ACCOUNT }]);
});

function listed(inventory: ShortInventory): ListedPod[] {
  return Object.entries(inventory).map(([path, { containers, label }], index) => {
    const [namespace = '', name = ''] = path.split('/');
    return {
      index,
      namespace,
      name,
      labels: new Map(label === undefined ? [] : [['label', label]]),
      containers: Object.entries(containers).map(([container, image]) => ({ name: container, image })),
      initContainers: 0,
      ephemeralContainers: 0,
      phase: 'Running',
      isBeingDeleted: false,
      isNodeLost: false,
    };
  });
}

/** One pod of an inventory, as a list has it at another place. */
function listedAt(index: number, path: string, inventory: ShortInventory): ListedPod {
  return listed(inventory)
    .filter(({ namespace, name }) => `${namespace}/${name}` === path)
    .map((pod) => ({ ...pod, index }))
    .reduce((only) => only);
}

async function replaceBy(pods: Iterable<ListedPod>, key: AppKey = KEY): Promise<InventoryReplacement | undefined> {
  const spool = new InventorySpool(1e6);
  try {
    for (const pod of pods) await spool.add(pod);
    return await replaceInventory(db.database, key, spool, { scope: new AppScope([]) });
  } finally {
    await spool.dispose();
  }
}

function replace(inventory: ShortInventory, key: AppKey = KEY): Promise<InventoryReplacement | undefined> {
  return replaceBy(listed(inventory), key);
}

/** When the app's inventory was last reported, and what tells that it is the same. */
function reports(): Promise<{ readonly revision: string; readonly at: string; readonly digest: string }[]> {
  return db.database.query({
    text: `SELECT inventory_revision AS revision, inventory_collected_at AS at, encode(inventory_digest, 'hex') AS digest
      FROM apps WHERE inventory_revision > 0`,
  });
}

/** What is stored of an app, in short. */
async function stored(key: AppKey = KEY): Promise<ShortInventory> {
  const rows = await db.database.query<{
    path: string;
    labels: readonly { name: string; value: string }[];
    containers: readonly { name: string; image: string }[];
  }>(
    {
      text: `SELECT namespace || '/' || pod AS path, labels, containers FROM inventory_pods
        WHERE account_id = $1 AND app_id = $2`,
    },
    [key.accountId, key.appId],
  );
  return Object.fromEntries(
    rows.map(({ path, labels, containers }) => [
      path,
      {
        containers: Object.fromEntries(containers.map(({ name, image }) => [name, image])),
        ...(labels[0] === undefined ? {} : { label: labels[0].value }),
      },
    ]),
  );
}

/** Everything that is stored of inventories, row versions included: equal only when nothing was written. */
async function versions(): Promise<{ pods: readonly { pod: string }[]; apps: readonly object[] }> {
  return {
    pods: await db.database.query({ text: 'SELECT xmin::text, ctid::text, pod FROM inventory_pods ORDER BY ctid' }),
    apps: await db.database.query({ text: 'SELECT xmin::text, ctid::text FROM apps ORDER BY ctid' }),
  };
}

const FIRST: ShortInventory = {
  'east/web-0': { containers: { web: 'nginx:1', proxy: 'istio' }, label: 'a' },
  'east/web-1': { containers: { web: 'nginx:1' }, label: 'a' },
  'west/db-0': { containers: { db: 'postgres:15', metrics: 'exporter' } },
};

describe('replacing an inventory', () => {
  it('stores the first one', async () => {
    expect(await replace(FIRST)).toEqual({ revision: '1', added: 5, changed: 0, removed: 0 });
    expect(await stored()).toEqual(FIRST);
    const rows = await db.database.query({
      text: `SELECT namespace, pod, labels, containers FROM inventory_pods WHERE pod = 'web-0'`,
    });
    expect(rows).toEqual([
      {
        namespace: 'east',
        pod: 'web-0',
        labels: [{ name: 'label', value: 'a' }],
        containers: [
          { name: 'proxy', image: 'istio' },
          { name: 'web', image: 'nginx:1' },
        ],
      },
    ]);
  });

  it('counts containers added, changed and removed, and leaves alone what stays', async () => {
    await replace(FIRST);
    const before = await versions();
    const second: ShortInventory = {
      'east/web-0': { containers: { web: 'nginx:2', proxy: 'istio', debug: 'busybox' }, label: 'a' },
      'east/web-1': { containers: { web: 'nginx:1' }, label: 'a' },
      'west/db-1': { containers: { db: 'postgres:15' } },
    };
    expect(await replace(second)).toEqual({ revision: '2', added: 2, changed: 1, removed: 2 });
    expect(await stored()).toEqual(second);
    const ofWeb1 = ({ pods }: Awaited<ReturnType<typeof versions>>): object[] =>
      pods.filter(({ pod }) => pod === 'web-1');
    expect(ofWeb1(await versions())).toEqual(ofWeb1(before));
  });

  it('counts every container of a pod as changed when its labels are', async () => {
    await replace(FIRST);
    const relabelled = { ...FIRST, 'east/web-0': { containers: { web: 'nginx:1', extra: 'x' }, label: 'b' } };
    expect(await replace(relabelled)).toEqual({ revision: '2', added: 1, changed: 1, removed: 1 });
    expect(await stored()).toEqual(relabelled);
  });

  it('changes nothing but the time of the report for the same inventory', async () => {
    await replace(FIRST);
    const before = (await versions()).pods;
    const [reported] = await reports();
    expect(await replace(FIRST)).toEqual({ revision: '1', added: 0, changed: 0, removed: 0 });
    expect((await versions()).pods).toEqual(before);
    const spread = Object.fromEntries(Object.entries(FIRST).map(([path, pod]) => [path, { ...pod }]));
    expect(await replaceBy(listed(spread).map((pod) => ({ ...pod, index: pod.index * 3 })))).toMatchObject({
      revision: '1',
    });
    expect((await versions()).pods).toEqual(before);
    const [reportedAgain] = await reports();
    expect(reportedAgain?.revision).toBe(reported?.revision);
    expect(Date.parse(reportedAgain?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(reported?.at ?? ''));
    expect(reportedAgain?.at).not.toBe(reported?.at);
  });

  it('keeps rows and revision for the same pods in another order', async () => {
    await replace(FIRST);
    const before = (await versions()).pods;
    expect(await replaceBy(listed(FIRST).reverse())).toEqual({ revision: '1', added: 0, changed: 0, removed: 0 });
    expect((await versions()).pods).toEqual(before);
    // Sent once more in that order, the digest tells: no row is copied to the stage.
    const [{ digest } = { digest: '' }] = await reports();
    expect(await replaceBy(listed(FIRST).reverse())).toMatchObject({ revision: '1' });
    expect((await reports())[0]?.digest).toBe(digest);
  });

  it('is cut by what the app declares when it is written, however it was cut when it was read', async () => {
    const declare = (resources: readonly NamespaceScopedResource[]): Promise<unknown> =>
      db.database.query({ text: 'UPDATE apps SET namespace_scoped_resources = $2 WHERE id = $1' }, [
        KEY.appId,
        JSON.stringify(resources),
      ]);
    const wide = [{ namespace: 'n' }, { namespace: 'm' }];
    const inventory: ShortInventory = { 'n/p': { containers: { a: 'i' } }, 'm/q': { containers: { a: 'i', b: 'i' } } };
    const put = async (): Promise<[InventoryReplacement | undefined, PodOutside[]]> => {
      const spool = new InventorySpool(1e6);
      const moved: PodOutside[] = [];
      try {
        for (const pod of listed(inventory)) await spool.add(pod);
        const leftOut = (pod: PodOutside): unknown => moved.push(pod);
        return [await replaceInventory(db.database, KEY, spool, { scope: new AppScope(wide), leftOut }), moved];
      } finally {
        await spool.dispose();
      }
    };
    await declare([{ namespace: 'n' }]);
    expect(await put()).toEqual([
      { revision: '1', added: 1, changed: 0, removed: 0 },
      [{ reason: 'otherNamespace', containers: 2 }],
    ]);
    expect(Object.keys(await stored())).toEqual(['n/p']);
    // The same list is another inventory once it is the app's as a whole.
    await declare(wide);
    expect(await put()).toEqual([{ revision: '2', added: 2, changed: 0, removed: 0 }, []]);
    await declare([]);
  });

  it('takes an empty inventory, the first one and a later one', async () => {
    expect(await replace({})).toEqual({ revision: '0', added: 0, changed: 0, removed: 0 });
    await replace(FIRST);
    expect(await replace({})).toEqual({ revision: '2', added: 0, changed: 0, removed: 5 });
    expect(await stored()).toEqual({});
  });

  it('keeps pods without containers, which add none', async () => {
    const bare: ShortInventory = { 'east/web-0': { containers: {} } };
    expect(await replace(bare)).toEqual({ revision: '1', added: 0, changed: 0, removed: 0 });
    expect(await stored()).toEqual(bare);
    expect(await replace({ 'east/web-0': { containers: { a: 'i' } } })).toEqual({
      revision: '2',
      added: 1,
      changed: 0,
      removed: 0,
    });
    expect(await replace(bare)).toEqual({ revision: '3', added: 0, changed: 0, removed: 1 });
  });

  it('keeps apps and accounts apart', async () => {
    const other = { accountId: ACCOUNT, appId: OTHER_APP };
    const foreign = { accountId: OTHER_ACCOUNT, appId: APP };
    const second: ShortInventory = { 'east/web-0': { containers: { web: 'other' } } };
    await replace(FIRST);
    expect(await replace(second, other)).toEqual({ revision: '1', added: 1, changed: 0, removed: 0 });
    expect(await replace(second, foreign)).toEqual({ revision: '1', added: 1, changed: 0, removed: 0 });
    expect(await replace({}, other)).toMatchObject({ revision: '2', removed: 1 });
    expect([await stored(), await stored(other), await stored(foreign)]).toEqual([FIRST, {}, second]);
  });

  it('keeps every text as it was sent', async () => {
    const odd: ShortInventory = {
      'a\tb\\N/\\.\nc\r': { containers: { 'c"\\': '\\N\t\n😀{}' }, label: '\\"\u2028\u0001' },
      '\\N/😀': { containers: { '': '' } },
    };
    await replace(odd);
    expect(await stored()).toEqual(odd);
    expect(await replace(odd)).toMatchObject({ revision: '1' });
  });

  it('refuses pods that are listed twice, naming all of them, and keeps the old inventory', async () => {
    await replace(FIRST);
    const before = await versions();
    const pods = listed(FIRST);
    const again = [
      ...pods,
      listedAt(5, 'west/db-0', FIRST),
      { ...listedAt(9, 'east/web-0', FIRST), labels: new Map() },
    ];
    const reason = (first: number, pod: string): string =>
      `must not be that of items[${first}]: pod ${pod} is listed twice`;
    const error: unknown = await replaceBy(again).catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(ExtendedValidationFailure);
    expect(error).toMatchObject({
      members: {
        invalidFields: [
          { name: 'items[5].metadata.name', reason: reason(2, 'west/db-0') },
          { name: 'items[9].metadata.name', reason: reason(0, 'east/web-0') },
        ],
      },
    });
    expect(await versions()).toEqual(before);
  });

  it('gives nothing for an app that is not there', async () => {
    const missing = { accountId: ACCOUNT, appId: NOBODY };
    expect(await replace(FIRST, missing)).toBeUndefined();
    expect(await db.database.query({ text: 'SELECT FROM inventory_pods' })).toEqual([]);
  });

  it('gives nothing for an app that is deleted meanwhile', async () => {
    const { replacement } = await db.database.transaction(async (transaction) => {
      await transaction.query({ text: 'DELETE FROM apps WHERE account_id = $1 AND id = $2' }, [ACCOUNT, APP]);
      const waiting = replace(FIRST);
      await waitForLock();
      return { replacement: waiting };
    });
    expect(await replacement).toBeUndefined();
  });

  it('changes nothing when the rows cannot be stored', async () => {
    await replace(FIRST);
    const before = await versions();
    const broken = [...listed(FIRST), { ...listedAt(3, 'east/web-0', FIRST), name: 'a\0b' }];
    await expect(replaceBy(broken)).rejects.toThrow();
    expect(await versions()).toEqual(before);
  });

  it('leaves the connections as they were', async () => {
    await replace(FIRST);
    await replace({});
    const text = `SELECT current_setting('work_mem') || current_setting('enable_nestloop') AS settings, to_regclass('inventory_stage') AS stage`;
    const [fresh] = await db.database.query({
      text: `SELECT boot_val FROM pg_settings WHERE name = 'enable_nestloop'`,
    });
    expect(fresh).toEqual({ boot_val: 'on' });
    for (let connection = 0; connection < 5; connection++) {
      expect(await db.database.query({ text })).toEqual([{ settings: '4MBon', stage: null }]);
    }
  });

  /** Waits until some session waits for a lock. */
  async function waitForLock(): Promise<void> {
    const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    while ((await db.database.query({ text })).length === 0);
  }

  it('waits for another replacement, whose inventory it replaces', async () => {
    await replace(FIRST);
    const second: ShortInventory = { 'east/web-0': { containers: { web: 'second' } } };
    const { replacement } = await db.database.transaction(async (transaction) => {
      // What a replacement holds while it writes.
      const text = 'SELECT FROM apps WHERE account_id = $1 AND id = $2 FOR NO KEY UPDATE';
      await transaction.query({ text }, [ACCOUNT, APP]);
      const waiting = replace(second);
      await waitForLock();
      expect(await stored()).toEqual(FIRST);
      return { replacement: waiting };
    });
    expect(await replacement).toEqual({ revision: '2', added: 0, changed: 1, removed: 4 });
  });

  it('lets hooks of the app be written while it writes itself', async () => {
    await replace(FIRST);
    const { replacement } = await db.database.transaction(async (transaction) => {
      await transaction.query({ text: 'SELECT FROM inventory_pods FOR UPDATE' });
      const waiting = replace({});
      await waitForLock();
      // What the foreign key of a new hook asks for; without NOWAIT it would wait for the replacement.
      const text = 'SELECT FROM apps WHERE account_id = $1 AND id = $2 FOR KEY SHARE NOWAIT';
      await db.database.query({ text }, [ACCOUNT, APP]);
      return { replacement: waiting };
    });
    expect(await replacement).toMatchObject({ revision: '2', removed: 5 });
  });

  it('ends with one of several concurrent inventories, whole', async () => {
    const inventories = Array.from({ length: 4 }, (_, writer): ShortInventory =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_pod, pod) => [
          `ns/${(pod + writer * 10) % 80}`,
          { containers: { c: `image-${writer}` }, label: String(pod % 2 === 0 ? 'same' : writer) },
        ]),
      ),
    );
    const results = await Promise.all(inventories.map((inventory) => replace(inventory)));
    expect(results.map((result) => result?.revision).sort()).toEqual(['1', '2', '3', '4']);
    const last = results.findIndex((result) => result?.revision === '4');
    expect(await stored()).toEqual(inventories[last]);
  });

  it('gives the same inventory sent several times at once one revision', async () => {
    const results = await Promise.all(Array.from({ length: 4 }, () => replace(FIRST)));
    expect(results.map((result) => result?.revision)).toEqual(['1', '1', '1', '1']);
    expect(results.map((result) => result?.added).sort()).toEqual([0, 0, 0, 5]);
  });

  const image = fc.constantFrom('i', 'j');
  const shortPod = fc.record(
    {
      containers: fc.dictionary(fc.constantFrom('a', 'b', 'c'), image, { noNullPrototype: true }),
      label: fc.constantFrom('x', 'y'),
    },
    { requiredKeys: ['containers'], noNullPrototype: true },
  );
  const path = fc.constantFrom('n/p', 'n/q', 'm/p', 'm/q', 'm/r');
  const inventory: fc.Arbitrary<ShortInventory> = fc.dictionary(path, shortPod, { noNullPrototype: true });

  /** Container by container, what a replacement has to find. */
  function difference(
    before: ShortInventory,
    after: ShortInventory,
  ): { added: number; changed: number; removed: number } {
    const flat = (pods: ShortInventory): Map<string, string> =>
      new Map(
        Object.entries(pods).flatMap(([pod, { containers, label }]) =>
          Object.entries(containers).map(([name, its]) => [`${pod}/${name}`, JSON.stringify([its, label])] as const),
        ),
      );
    const [old, young] = [flat(before), flat(after)];
    const count = (names: Iterable<string>, of: (name: string) => boolean): number => [...names].filter(of).length;
    return {
      added: count(young.keys(), (name) => !old.has(name)),
      changed: count(young.keys(), (name) => old.has(name) && old.get(name) !== young.get(name)),
      removed: count(old.keys(), (name) => !young.has(name)),
    };
  }

  it('finds exactly what differs, whatever the inventories', async () => {
    let before: ShortInventory = {};
    let revision = 0;
    await fc.assert(
      fc.asyncProperty(inventory, async (after) => {
        const differs = Object.keys({ ...before, ...after }).some(
          (pod) => JSON.stringify(sorted(before[pod])) !== JSON.stringify(sorted(after[pod])),
        );
        if (differs) revision += 1;
        expect(await replace(after)).toEqual({ revision: String(revision), ...difference(before, after) });
        expect(await stored()).toEqual(after);
        before = after;
      }),
      // Each run goes on from the one before, so nothing can be made smaller.
      { numRuns: 60, endOnFailure: true },
    );
    expect(revision).toBeGreaterThan(30);
  });

  function sorted(pod: ShortPod | undefined): unknown {
    return pod && [Object.entries(pod.containers).sort(), pod.label];
  }
});

describe('an inventory from a pod list', () => {
  async function put(
    bytes: Buffer,
    encoding?: string,
    resources: readonly NamespaceScopedResource[] = [],
  ): Promise<InventoryAnswer> {
    const spool = new InventorySpool(10_000);
    const scope = new AppScope(resources);
    const count = new ListCount();
    try {
      const body = Readable.from([bytes], { objectMode: false });
      for await (const pod of readPodList(podListBytes(body, encoding, { bytes: 1e8 }), POD_LIMITS)) {
        const reason = scope.reasonToLeaveOut(pod);
        count.add(pod, reason);
        if (reason === undefined) await spool.add(pod);
      }
      const replacement = await replaceInventory(db.database, KEY, spool, { scope });
      if (replacement === undefined) throw new Error('The app is gone.');
      return count.answer(Number(replacement.revision), replacement);
    } finally {
      await spool.dispose();
    }
  }

  const file = (path: string): Promise<Buffer> => readFile(new URL(`../../../${path}`, import.meta.url));
  const NONE = {
    otherNamespace: 0,
    labelSelector: 0,
    finished: 0,
    pending: 0,
    unknownPhase: 0,
    terminating: 0,
    nodeLost: 0,
  };

  it.each([
    ['demo/pods-payroll-east.json', { pods: [8, 7], leftOut: { finished: 1 }, containers: [13, 3, 1] }],
    ['demo/pods-payroll-west.json', { pods: [1, 1], leftOut: {}, containers: [1, 0, 0] }],
    ['test/data/pods-logging.json', { pods: [8, 7], leftOut: { pending: 1 }, containers: [8, 0, 1] }],
    ['test/data/pods-streaming.json', { pods: [3, 2], leftOut: { terminating: 1 }, containers: [2, 0, 1] }],
    ['test/data/pods-wordpress.json', { pods: [3, 3], leftOut: {}, containers: [3, 1, 0] }],
  ])('of %s has the pods and containers that it should', async (path, { pods, leftOut, containers }) => {
    const bytes = await file(path);
    const answer = {
      type: 'application/astra-appInventory',
      version: '1.0',
      revision: 1,
      pods: { received: pods[0], kept: pods[1], leftOut: { ...NONE, ...leftOut } },
      containers: {
        kept: containers[0],
        leftOut: { init: containers[1], ephemeral: 0, ofPodsLeftOut: containers[2] },
        added: containers[0],
        changed: 0,
        removed: 0,
      },
    };
    expect(await put(bytes)).toEqual(answer);
    expect(await put(gzipSync(bytes), 'gzip')).toEqual({ ...answer, containers: { ...answer.containers, added: 0 } });
  });

  it('holds the containers of the running pods', async () => {
    await put(await file('test/data/pods-streaming.json'));
    const image =
      'registry.example.internal:5000/platform/kafka@sha256:9b8ad7f3c1e0d2a4b5c6d7e8f90123456789abcdef0123456789abcdef012345';
    expect(Object.entries(await stored()).map(([path, { containers }]) => [path, containers])).toEqual([
      ['streaming/kafka-0', { kafka: image }],
      ['streaming/kafka-1', { kafka: image }],
    ]);
  });

  it('keeps to the namespaces and label selectors of the app', async () => {
    const bytes = await file('demo/pods-payroll-east.json');
    const resources = [
      { namespace: 'payroll-east', labelSelectors: ['app.kubernetes.io/name in (payroll,other)', 'env!=dr'] },
    ];
    // Of the pods named payroll, three run (two containers each) and the finished one left its job.
    expect(await put(bytes, undefined, resources)).toMatchObject({
      pods: { received: 8, kept: 3, leftOut: { ...NONE, labelSelector: 4, finished: 1 } },
      containers: { kept: 6, leftOut: { init: 3, ephemeral: 0, ofPodsLeftOut: 8 } },
    });
    expect(await put(bytes, undefined, [{ namespace: 'payroll-west' }])).toMatchObject({
      pods: { received: 8, kept: 0, leftOut: { ...NONE, otherNamespace: 8 } },
      containers: { kept: 0, leftOut: { ofPodsLeftOut: 14 }, removed: 6 },
    });
  });

  it('stays as it was when the next list is damaged anywhere', async () => {
    const bytes = await file('test/data/pods-wordpress.json');
    await put(bytes);
    const before = await versions();
    const next = await file('test/data/pods-streaming.json');
    for (const damaged of [next.subarray(0, -2), Buffer.concat([next, next]), next.subarray(0, next.length / 2)]) {
      await expect(put(damaged)).rejects.toBeInstanceOf(InvalidJsonPayload);
      await expect(put(gzipSync(damaged), 'gzip')).rejects.toBeInstanceOf(InvalidJsonPayload);
    }
    await expect(put(gzipSync(next).subarray(0, -9), 'gzip')).rejects.toBeInstanceOf(InvalidJsonPayload);
    expect(await versions()).toEqual(before);
  });
});
