import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { EXECUTION_HOOK } from '../features/hooks/execution-hook.resource.js';
import type { HookToMatch } from '../features/hooks/matching-fields.js';
import { listCollection } from './collection-list.js';
import { parseCollectionQuery } from '../query/collection-query.js';
import type { Scope } from '../query/collection-sql.js';
import { filterablePaths } from '../query/filter-plan.js';
import { FILTER_OPERATORS, type FilterOperator } from '../query/filter-parser.js';
import { includablePaths } from '../query/include.js';
import { orderablePaths } from '../query/order.js';
import { sql } from '../query/sql-fragment.js';

/**
 * Random queries over random hooks, each answered by the service's SQL and by a few lines of plain JavaScript over the
 * resources. Both must agree, page by page.
 */

type Json = null | string | number | readonly Json[] | { readonly [key: string]: Json };
type Resource = Readonly<Record<string, Json>>;

interface Page {
  readonly items: Json[];
  readonly metadata: { readonly continue?: string; readonly count?: number };
}

const USERS = ['0f0e0d0c-0b0a-4908-8706-050403020100', '00000000-0000-0000-0000-000000000000', randomUUID()];
const APPS = ['10000000-0000-4000-8000-000000000001', 'f0000000-0000-5000-b000-00000000000f'];
const SOURCES = ['a0000000-0000-4000-8000-00000000000a', '0a000000-0000-4000-9000-00000000000a'];
const TIMES = [
  '2022-10-06T20:58:16.305662Z',
  '2022-10-06T20:58:16.305663Z',
  '1969-12-31T23:59:59.999999Z',
  '2024-02-29T00:00:00.000000Z',
];
// Between U+FFFD and U+1F600 the order by code point is not that by UTF-16 unit; é, É and E are not in dictionary order.
const word = fc
  .array(fc.constantFrom('a', 'b', 'B', 'é', 'É', 'E', '�', '😀', "'", ',', ' ', '%', '_', '\\', '"', '-', '\n'), {
    maxLength: 3,
  })
  .map((letters) => letters.join(''));
const labels = fc.array(fc.record({ name: word, value: word }), { maxLength: 2 });

const hook = fc.record({
  id: fc.uuid({ version: 4 }),
  version: fc.constantFrom('1.0', '1.1', '1.2', '1.3'),
  name: word,
  matchingCriteria: fc.array(fc.record({ type: fc.constantFrom('podName', 'podLabel'), value: word }), {
    maxLength: 3,
  }),
  action: fc.constantFrom('snapshot', 'backup', 'restore'),
  stage: fc.constantFrom('pre', 'post'),
  hookSourceID: fc.constantFrom(...SOURCES),
  arguments: fc.array(word, { maxLength: 3 }),
  appID: fc.option(fc.constantFrom(...APPS)),
  enabled: fc.constantFrom('true', 'false'),
  description: fc.option(word),
  labels,
  createdAt: fc.constantFrom(...TIMES),
  modifiedAt: fc.constantFrom(...TIMES),
  createdBy: fc.constantFrom(...USERS),
  modifiedBy: fc.option(fc.constantFrom(...USERS)),
});

type Hook = typeof hook extends fc.Arbitrary<infer T> ? T : never;

/** Numbers are compared as such, which the naive evaluation of texts does not; test/api/hook-extensions.spec.ts has them. */
function ofTexts(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !path.startsWith('execution') && !path.startsWith('excludingCriteria'));
}

const condition = fc.record({
  path: fc.constantFrom(...ofTexts(filterablePaths(EXECUTION_HOOK.collection))),
  operator: fc.constantFrom(...FILTER_OPERATORS),
  picks: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
  other: word,
});

const request = fc.record(
  {
    conditions: fc.array(condition, { minLength: 1, maxLength: 3 }),
    orderBy: fc.oneof(
      fc.constantFrom(...ofTexts(orderablePaths(EXECUTION_HOOK.collection))),
      fc.constantFrom('name', 'appID', 'description', 'metadata.modifiedBy'),
    ),
    descending: fc.boolean(),
    include: fc.uniqueArray(fc.constantFrom(...ofTexts(includablePaths(EXECUTION_HOOK.collection))), {
      minLength: 1,
      maxLength: 5,
    }),
    limit: fc.integer({ min: 1, max: 12 }),
    skip: fc.integer({ min: 1, max: 5 }),
    count: fc.boolean(),
    inApp: fc.boolean(),
    batchRows: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: ['descending', 'count', 'inApp', 'batchRows'] },
);

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});

afterAll(() => db.drop());

describe('a list of execution hooks', () => {
  it('is what a naive evaluation says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(hook, { selector: ({ id }) => id, maxLength: 25, size: 'max' }),
        fc.array(request, { minLength: 1, maxLength: 12 }),
        async (hooks, requests) => {
          const account = await store(hooks);
          for (const one of requests) {
            const resources = hooks.map(resourceOf);
            const queryString = write(one, resources);
            const { pages, ...expected } = evaluate(one, resources, queryString);
            const actual = await walk(one, account, queryString);
            expect({ queryString, pages: actual.map(({ items }) => items) }).toEqual({ queryString, pages });
            for (const page of actual) expect(page.metadata.count).toBe(expected.count);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

async function store(hooks: readonly Hook[]): Promise<string> {
  const account = randomUUID();
  const insert = (statement: string, ...values: unknown[]): Promise<object[]> =>
    db.database.query({ text: statement }, values);
  await insert(`INSERT INTO accounts (id, name, created_by) VALUES ($1, 'acme', $1)`, account);
  await insert(
    `INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, created_by)
     SELECT $1, id, '1.0', id, 'script', '', '', $1 FROM unnest($2::uuid[]) AS id`,
    account,
    SOURCES,
  );
  await insert(
    `INSERT INTO apps (account_id, id, version, name, created_by) SELECT $1, id, '2.2', id, $1 FROM unnest($2::uuid[]) AS id`,
    account,
    APPS,
  );
  // Names are unique in a scope: the id as the scope of each allows them to be equal here.
  await insert(
    `INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action, stage,
       hook_source_id, arguments, app_id, enabled, description, labels, created_at, modified_at, created_by, modified_by)
     SELECT $1, h.id, h.version, h.name, h.id, CASE WHEN h."appID" IS NULL THEN 'netapp' ELSE 'custom' END,
       h."matchingCriteria", h.action, h.stage, h."hookSourceID", h.arguments, h."appID", h.enabled, h.description,
       h.labels, h."createdAt", h."modifiedAt", h."createdBy", h."modifiedBy"
     FROM jsonb_to_recordset($2) AS h(id uuid, version text, name text, "matchingCriteria" jsonb, action text, stage text,
       "hookSourceID" uuid, arguments jsonb, "appID" uuid, enabled text, description text, labels jsonb,
       "createdAt" timestamptz, "modifiedAt" timestamptz, "createdBy" uuid, "modifiedBy" uuid)`,
    account,
    JSON.stringify(hooks),
  );
  return account;
}

async function walk(request: Request, account: string, queryString: string): Promise<Page[]> {
  const definition = { ...EXECUTION_HOOK.collection, batchRows: request.batchRows };
  const [app] = APPS;
  const scope: Scope = request.inApp
    ? [
        sql`h.account_id = ${account} AND h.app_id = ${app}`,
        sql`h.account_id = ${account} AND h.app_id IS NULL AND h.stage = ANY(${['pre']})`,
      ]
    : [sql`h.account_id = ${account}`];
  const pages: Page[] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    const continued = token === '' ? queryString : `${queryString}&continue=${token}`;
    const body: string | Readable = await listCollection<HookToMatch>({
      database: db.database,
      definition,
      query: parseCollectionQuery(definition, continued, [account]),
      scope,
      complete: (columns, wanted): Record<string, string> =>
        columns.matchedAppId === null
          ? {}
          : Object.fromEntries([...wanted].map((path) => [path, JSON.stringify([path, columns.matchedAppId])])),
      caller: account,
    });
    const page = JSON.parse(typeof body === 'string' ? body : await text(body)) as Page;
    pages.push(page);
    if (pages.length > 100) throw new Error('The walk does not end.');
    token = page.metadata.continue;
  }
  return pages;
}

function write(
  { conditions, orderBy, descending, include, limit, skip, count }: Request,
  resources: Resource[],
): string {
  const parameters = new URLSearchParams();
  if (conditions !== undefined) {
    const written = conditions.map(({ path, operator, picks, other }) => {
      const known = resources.flatMap((resource) => valuesAt(resource, path));
      const values = picks.map((pick) => known[pick % (known.length + 1)] ?? madeUp(path, other));
      const value = operator === 'in' ? values.join(',') : (values[0] ?? '');
      return `${path} ${operator} '${value.replaceAll("'", "''")}'`;
    });
    parameters.set('filter', written.join(','));
  }
  if (orderBy !== undefined) parameters.set('orderBy', `${orderBy}${descending ? ' desc' : ''}`);
  if (include !== undefined) parameters.set('include', include.join(','));
  if (limit !== undefined) parameters.set('limit', String(limit));
  if (skip !== undefined) parameters.set('skip', String(skip));
  if (count) parameters.set('count', 'true');
  return parameters.toString();
}

function madeUp(path: string, other: string): string {
  const field = EXECUTION_HOOK.collection.fields[path];
  const type = field !== undefined && 'type' in field ? field.type : 'string';
  return type === 'identifier' ? randomUUID() : type === 'timestamp' ? '2023-01-01T00:00:00.000000Z' : other;
}

function evaluate(
  { orderBy, descending, include, limit, skip, count, inApp }: Request,
  resources: Resource[],
  queryString: string,
): { readonly pages: Json[][]; readonly count: number | undefined } {
  const filter = new URLSearchParams(queryString).get('filter');
  const matching = resources
    .filter(({ appID, stage }) => !inApp || appID === APPS[0] || (appID === undefined && stage === 'pre'))
    .filter((resource) => filter === null || splitFilter(filter).every((each) => satisfies(resource, each)));
  const path = orderBy ?? 'metadata.creationTimestamp';
  const direction = orderBy !== undefined && descending ? -1 : 1;
  const sorted = matching.toSorted((a, b) => {
    const [x] = valuesAt(a, path);
    const [y] = valuesAt(b, path);
    if (x === undefined || y === undefined) {
      if (x !== y) return x === undefined ? 1 : -1;
    } else if (x !== y) {
      return direction * compare(x, y);
    }
    return direction * compare(valuesAt(a, 'id').join(), valuesAt(b, 'id').join());
  });
  const items = sorted
    .slice(skip ?? 0)
    .map((resource): Json => include?.map((each) => valueAt(resource, each) ?? null) ?? resource);
  const pages: Json[][] = [];
  const size = limit ?? Math.max(items.length, 1);
  for (let at = 0; at === 0 || at < items.length; at += size) pages.push(items.slice(at, at + size));
  return { pages, count: count ? matching.length : undefined };
}

function splitFilter(filter: string): [string, FilterOperator, string][] {
  return [...filter.matchAll(/([^ ,']+) (\w+) '((?:[^']|'')*)'/g)].map(([, path = '', operator, value = '']) => [
    path,
    operator as FilterOperator,
    value.replaceAll("''", "'"),
  ]);
}

function satisfies(resource: Resource, [path, operator, value]: [string, FilterOperator, string]): boolean {
  return valuesAt(resource, path).some((each) => {
    switch (operator) {
      case 'in':
        return value.split(',').includes(each);
      case 'eq':
        return each === value;
      case 'lt':
        return compare(each, value) < 0;
      case 'gt':
        return compare(each, value) > 0;
      case 'lte':
        return compare(each, value) <= 0;
      case 'gte':
        return compare(each, value) >= 0;
    }
  });
}

function valuesAt(resource: Resource, path: string): string[] {
  let found: Json[] = [resource];
  for (const step of path.split(/\.|(?=\[\*\])/)) {
    found = found.flatMap((value) => {
      if (step === '[*]') return value;
      const member = (value as Resource)[step];
      return member === undefined ? [] : [member];
    });
  }
  return found as string[];
}

function valueAt(resource: Resource, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((value, step) => (value as Resource | undefined)?.[step], resource);
}

/** UTF-8 sorts by code point. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function resourceOf({
  id,
  version,
  name,
  matchingCriteria,
  action,
  stage,
  hookSourceID,
  enabled,
  ...hook
}: Hook): Resource {
  const { appID, description, modifiedBy } = hook;
  return {
    type: 'application/astra-executionHook',
    version,
    id,
    name,
    hookType: appID === null ? 'netapp' : 'custom',
    matchingCriteria,
    action,
    stage,
    hookSourceID,
    arguments: hook.arguments,
    ...(appID === null ? {} : { appID }),
    enabled,
    ...(description === null ? {} : { description }),
    metadata: {
      labels: hook.labels,
      creationTimestamp: hook.createdAt,
      modificationTimestamp: hook.modifiedAt,
      createdBy: hook.createdBy,
      ...(modifiedBy === null ? {} : { modifiedBy }),
    },
    ...(appID === null
      ? {}
      : { matchingContainers: ['matchingContainers', appID], matchingImages: ['matchingImages', appID] }),
  };
}
