import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { EXECUTION_HOOK } from '../features/hooks/execution-hook.resource.js';
import { listCollection } from './collection-list.js';
import { parseCollectionQuery } from '../query/collection-query.js';
import { sql } from '../query/sql-fragment.js';

const ACCOUNT = '11111111-1111-4111-8111-111111111111';
const APP = '22222222-2222-4222-8222-222222222222';
const SOURCE = '44444444-4444-4444-8444-444444444444';
const SETTLED = 1_500;

interface Page {
  readonly items: [id: string, name: string][];
  readonly metadata: { readonly continue?: string };
}

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await run(`INSERT INTO accounts (id, name, created_by) VALUES ($1, 'acme', $1)`, ACCOUNT);
  await run(
    `INSERT INTO apps (account_id, id, version, name, created_by) VALUES ($1, $2, '2.2', 'a', $1)`,
    ACCOUNT,
    APP,
  );
  await run(
    `INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, created_by)
     VALUES ($1, $2, '1.0', 's', 'script', '', '', $1)`,
    ACCOUNT,
    SOURCE,
  );
  await insert('settled', SETTLED);
});

afterAll(() => db.drop());

function run(statement: string, ...values: unknown[]): Promise<object[]> {
  return db.database.query({ text: statement }, values);
}

/** Hooks with equal and with different times, among and beside those that are there already. */
function insert(prefix: string, count: number): Promise<object[]> {
  return run(
    `INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, action, stage, hook_source_id,
       app_id, created_by, created_at)
     SELECT $1, gen_random_uuid(), '1.2', $2 || md5(random()::text), $1, 'custom', 'backup', 'pre', $3, $4, $1,
       timestamptz '2024-01-01' + floor(random() * 300) * interval '1 second'
     FROM generate_series(1, $5)`,
    ACCOUNT,
    prefix,
    SOURCE,
    APP,
    count,
  );
}

/** Inserts, deletes and renames hooks that are none of the settled ones, until told to stop. */
function churn(renamesSettled: boolean): () => Promise<number> {
  const signal = { stopped: false };
  const rounds = (async (): Promise<number> => {
    let round = 0;
    for (; !signal.stopped; round += 1) {
      await insert(`fleeting-${randomUUID()}`, 20);
      await run(`DELETE FROM execution_hooks WHERE name LIKE 'fleeting%' AND random() < 0.3`);
      await run(
        `UPDATE execution_hooks SET name = left(name, 7) || gen_random_uuid() || clock_timestamp(), modified_at = clock_timestamp()
         WHERE random() < 0.05 AND (name LIKE 'fleeting%' OR $1)`,
        renamesSettled,
      );
    }
    return round;
  })();
  return () => {
    signal.stopped = true;
    return rounds;
  };
}

async function walk(query: string): Promise<{ readonly seen: [string, string][]; readonly pages: number }> {
  const seen: [string, string][] = [];
  let pages = 0;
  for (let token: string | undefined = ''; token !== undefined; pages += 1) {
    const body: string | Readable = await listCollection({
      database: db.database,
      definition: EXECUTION_HOOK.collection,
      query: parseCollectionQuery(
        EXECUTION_HOOK.collection,
        `include=id,name&limit=100&${query}${token === '' ? '' : `&continue=${token}`}`,
        [ACCOUNT],
      ),
      scope: [sql`h.account_id = ${ACCOUNT}`],
      caller: ACCOUNT,
    });
    const page = JSON.parse(typeof body === 'string' ? body : await text(body)) as Page;
    if (page.metadata.continue !== undefined) expect(page.items).toHaveLength(100);
    seen.push(...page.items);
    token = page.metadata.continue;
  }
  return { seen, pages };
}

async function settledIds(): Promise<string[]> {
  const rows = await run(`SELECT id FROM execution_hooks WHERE name LIKE 'settled%'`);
  return rows.map((row) => (row as { id: string }).id).toSorted();
}

describe('a walk by pages of 100 while others insert, delete and rename', () => {
  it.each([
    ['in the default order, whatever is renamed', '', true],
    ['from the newest on, whatever is renamed', 'orderBy=metadata.creationTimestamp+desc', true],
    ['by id, whatever is renamed', 'orderBy=id', true],
    ['filtered, whatever is renamed', "filter=stage+eq+'pre',arguments[*]+in+'a,b'", true],
    ['by name, of those that keep theirs', 'orderBy=name', false],
    ['by description, which all lack', 'orderBy=description+desc', false],
  ])('sees every row that existed throughout exactly once: %s', async (_, query, renamesSettled) => {
    await run(`UPDATE execution_hooks SET arguments = '["b"]' WHERE name LIKE 'settled%'`);
    const expected = await settledIds();
    const stop = churn(renamesSettled);
    try {
      const { seen, pages } = await walk(query);
      const ids = seen.filter(([, name]) => name.startsWith('settled')).map(([id]) => id);
      expect(ids.toSorted()).toEqual(expected);
      // In an order that no rename changes, the fleeting ones come at most once too.
      if (renamesSettled) expect(new Set(seen.map(([id]) => id)).size).toBe(seen.length);
      expect(pages).toBeGreaterThanOrEqual(SETTLED / 100);
    } finally {
      expect(await stop()).toBeGreaterThan(0);
    }
  });
});
