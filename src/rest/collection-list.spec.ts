import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { APP as APPS } from '../features/apps/app.resource.js';
import { inventoryCollection } from '../features/inventory/inventory.collection.js';
import { HOOK_SOURCE } from '../features/hook-sources/hook-source.resource.js';
import { EXECUTION_HOOK } from '../features/hooks/execution-hook.resource.js';
import type { HookToMatch } from '../features/hooks/matching-fields.js';
import type { CollectionDefinition } from '../query/collection-definition.js';
import { type CollectionList, listCollection } from './collection-list.js';
import { parseCollectionQuery } from '../query/collection-query.js';
import { raw, sql } from '../query/sql-fragment.js';

const ACCOUNT = '11111111-1111-4111-8111-111111111111';
const APP = '22222222-2222-4222-8222-222222222222';
const OTHER_APP = '33333333-3333-4333-8333-333333333333';
const SOURCE = '44444444-4444-4444-8444-444444444444';
const PRIVATE_SOURCE = '55555555-5555-4555-8555-555555555555';
const USER = '66666666-6666-4666-8666-666666666666';
const HOOK = '77777777-7777-4777-8777-777777777777';
const NETAPP_HOOK = '88888888-8888-4888-8888-888888888888';

interface Envelope {
  readonly type: string;
  readonly version: string;
  readonly items: unknown[];
  readonly metadata: { readonly continue?: string; readonly count?: number };
}

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  const insert = (statement: string, ...values: unknown[]): Promise<object[]> =>
    db.database.query({ text: statement }, values);
  const at = '2022-10-06T20:58:16.305662Z';
  await insert(`INSERT INTO accounts (id, name, created_by) VALUES ($1, 'acme', $2)`, ACCOUNT, USER);
  await insert(
    `INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, private, description, created_at, modified_at, created_by)
     VALUES ($1, $2, '1.0', 'open', 'script', 'ZWNobw==', 'abc', 'false', 'said "so"', $4, $4, $5),
            ($1, $3, '1.0', 'shut', 'script', 'c2VjcmV0', 'def', 'true', NULL, $4, $4, $5)`,
    ACCOUNT,
    SOURCE,
    PRIVATE_SOURCE,
    at,
    USER,
  );
  await insert(
    `INSERT INTO apps (account_id, id, version, name, cluster_id, cluster_name, namespace_scoped_resources, inventory_revision, inventory_collected_at, created_at, modified_at, created_by)
     VALUES ($1, $2, '2.0', 'payroll', $5, 'east', '[]', 7, $4, $4, $4, $5),
            ($1, $3, '2.2', 'wordpress', NULL, NULL,
             '[{"namespace":"wp"},{"namespace":"db","labelSelectors":["tier=back","app=wp"]},{"namespace":"wp"}]', 0, NULL, $4, $4, $5)`,
    ACCOUNT,
    APP,
    OTHER_APP,
    at,
    USER,
  );
  await insert(
    `INSERT INTO inventory_pods (account_id, app_id, namespace, pod, labels, containers) VALUES
       ($1, $2, 'b', 'one', '[{"name":"app","value":"web"}]', '[{"name":"z","image":"i1"},{"name":"A","image":"i2"}]'),
       ($1, $2, 'a', 'two', '[]', '[{"name":"m","image":"i1"}]'),
       ($1, $3, 'wp', 'other', '[]', '[{"name":"m","image":"i1"}]')`,
    ACCOUNT,
    APP,
    OTHER_APP,
  );
  await insert(
    `INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action, stage, hook_source_id, arguments, app_id, enabled, description, labels, created_at, modified_at, created_by, modified_by)
     VALUES ($1, $2, '1.1', 'Payröll "x"', $1, 'custom', '[{"type":"podName","value":"^a\\\\.b$"}]', 'snapshot', 'pre', $4, '["freeze",""]', $5, 'true', 'one', '[{"name":"a","value":"b"}]', $6, $6, $7, $7),
            ($1, $3, '1.2', 'MariaDB', $1, 'netapp', '[]', 'backup', 'post', $4, '[]', NULL, 'false', NULL, '[]', $6, $6, $7, NULL)`,
    ACCOUNT,
    HOOK,
    NETAPP_HOOK,
    SOURCE,
    APP,
    at,
    USER,
  );
});

afterAll(() => db.drop());

async function list<Columns extends object>(
  definition: CollectionDefinition,
  query = '',
  options: Partial<CollectionList<Columns>> = {},
): Promise<Envelope> {
  const body = await listCollection({
    database: db.database,
    definition,
    query: parseCollectionQuery(definition, query, [ACCOUNT]),
    scope: [sql`${raw(definition.from.alias)}.account_id = ${ACCOUNT}`],
    caller: USER,
    ...options,
  });
  return JSON.parse(await wholeOf(body)) as Envelope;
}

async function wholeOf(body: string | Readable): Promise<string> {
  return typeof body === 'string' ? body : text(body);
}

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: USER,
};

const COLLECTIONS = [EXECUTION_HOOK.collection, HOOK_SOURCE.collection, APPS.collection, inventoryCollection];

describe('the collections of the service', () => {
  it.each(COLLECTIONS)('compare the texts of $type by code point', async ({ fields, from }) => {
    for (const [path, field] of Object.entries(fields)) {
      if (!('type' in field) || field.type !== 'string') continue;
      const each = field.kind === 'member' ? `, ${field.each}` : '';
      const [row] = await db.database.query<{ collation: string }>({
        text: `SELECT pg_collation_for(${field.sql}) AS collation FROM ${from.table} AS ${from.alias} ${typeof from.join === 'string' ? from.join : ''}${each} LIMIT 1`,
      });
      if (row !== undefined) expect([path, row.collation]).toEqual([path, '"C"']);
    }
  });

  it('lists execution hooks as they are stored, completed', async () => {
    const asked: unknown[] = [];
    const { items, ...envelope } = await list<HookToMatch>(EXECUTION_HOOK.collection, '', {
      complete: (columns, wanted): Record<string, string> => {
        asked.push([columns, [...wanted]]);
        return columns.matchedAppId === null ? {} : { matchingContainers: '[]', matchingImages: '["i1"]' };
      },
    });
    expect(items).toEqual([
      {
        type: 'application/astra-executionHook',
        version: '1.1',
        id: HOOK,
        name: 'Payröll "x"',
        hookType: 'custom',
        matchingCriteria: [{ type: 'podName', value: '^a\\.b$' }],
        action: 'snapshot',
        stage: 'pre',
        hookSourceID: SOURCE,
        arguments: ['freeze', ''],
        appID: APP,
        enabled: 'true',
        description: 'one',
        metadata: { ...METADATA, labels: [{ name: 'a', value: 'b' }], modifiedBy: USER },
        matchingContainers: [],
        matchingImages: ['i1'],
      },
      {
        type: 'application/astra-executionHook',
        version: '1.2',
        id: NETAPP_HOOK,
        name: 'MariaDB',
        hookType: 'netapp',
        matchingCriteria: [],
        action: 'backup',
        stage: 'post',
        hookSourceID: SOURCE,
        arguments: [],
        enabled: 'false',
        metadata: METADATA,
      },
    ]);
    expect(asked).toMatchObject([
      [
        { matchingCriteria: [{ type: 'podName', value: '^a\\.b$' }], matchedAppId: APP, inventoryRevision: '7' },
        ['matchingContainers', 'matchingImages'],
      ],
      [{ matchingCriteria: [], matchedAppId: null, inventoryRevision: null }, ['matchingContainers', 'matchingImages']],
    ]);
    expect(envelope).toEqual({
      type: 'application/astra-executionHooks',
      version: '1.2',
      metadata: {
        labels: [],
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        modificationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        createdBy: USER,
      },
    });
  });

  it('lists hook sources without the text of private ones, which no filter tells either', async () => {
    const [open, shut] = (await list(HOOK_SOURCE.collection)).items;
    expect(open).toEqual({
      type: 'application/astra-hookSource',
      version: '1.0',
      id: SOURCE,
      name: 'open',
      sourceType: 'script',
      source: 'ZWNobw==',
      private: 'false',
      preloaded: 'false',
      sourceMD5Checksum: 'abc',
      description: 'said "so"',
      metadata: METADATA,
    });
    expect(shut).not.toHaveProperty('source');
    expect(shut).not.toHaveProperty('description');
    const byText = await list(HOOK_SOURCE.collection, "include=id&filter=source+gte+''");
    expect(byText.items).toEqual([[SOURCE]]);
  });

  it('lists apps with the namespaces that they declare or, when none, have', async () => {
    const { items } = await list(APPS.collection);
    expect(items).toEqual([
      {
        type: 'application/astra-app',
        version: '2.0',
        id: APP,
        name: 'payroll',
        links: [],
        state: 'ready',
        stateDetails: [],
        protectionState: 'none',
        protectionStateDetails: [],
        namespaceScopedResources: [],
        namespaces: ['a', 'b'],
        clusterName: 'east',
        clusterID: USER,
        lastResourceCollectionTimestamp: '2022-10-06T20:58:16.305662Z',
        metadata: METADATA,
      },
      expect.objectContaining({ version: '2.2', namespaces: ['db', 'wp'] }),
    ]);
    expect(items[1]).not.toHaveProperty('clusterName');
    for (const [filter, expected] of [
      ["namespaces[*]+eq+'wp'", [['wordpress']]],
      ["namespaceScopedResources[*].namespace+eq+'db'", [['wordpress']]],
      ["namespaceScopedResources[*].labelSelectors[*]+eq+'app=wp'", [['wordpress']]],
      ["namespaceScopedResources[*].labelSelectors[*]+eq+'app'", []],
      ["state+eq+'ready'", [['payroll'], ['wordpress']]],
    ] as const) {
      expect((await list(APPS.collection, `include=name&filter=${filter}`)).items).toEqual(expected);
    }
  });

  it('lists containers by namespace, pod and name', async () => {
    const scope = [sql`p.account_id = ${ACCOUNT} AND p.app_id = ${APP}`] as const;
    const { items, type } = await list(inventoryCollection, '', { scope });
    expect(type).toBe('application/astra-appContainers');
    const pod = { namespaceName: 'b', podName: 'one', podLabels: [{ name: 'app', value: 'web' }] };
    expect(items).toEqual([
      { namespaceName: 'a', podName: 'two', podLabels: [], containerName: 'm', containerImage: 'i1' },
      { ...pod, containerName: 'A', containerImage: 'i2' },
      { ...pod, containerName: 'z', containerImage: 'i1' },
    ]);
    const pages: unknown[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const page: Envelope = await list(
        inventoryCollection,
        `include=containerName&limit=1${token === '' ? '' : `&continue=${token}`}`,
        { scope },
      );
      pages.push(page.items);
      token = page.metadata.continue;
    }
    expect(pages).toEqual([[['m']], [['A']], [['z']]]);
  });
});
