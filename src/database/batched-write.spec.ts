import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { BatchedWrite } from './batched-write.js';
import type { Queryable, Statement } from './database.js';

interface Thing {
  readonly id: number;
  readonly name: string;
}

const INSERT: Statement = {
  name: 'insert-things',
  text: `
    WITH w AS (
      SELECT * FROM ROWS FROM (json_to_recordset($1::json) AS (id integer, name text)) WITH ORDINALITY AS w
    ), t AS (
      INSERT INTO things SELECT id, name FROM w WHERE id > 0 ORDER BY id DESC RETURNING id
    )
    SELECT w.ordinality::integer AS place, t.id FROM t JOIN w ON w.id = t.id`,
};

describe('a batched write', () => {
  let test: TestDatabase;
  /** How many writes each statement had. */
  let statements: number[];
  let things: BatchedWrite<Thing, { readonly id: number }>;

  beforeAll(async () => {
    test = await createTestDatabase();
    await test.database.query({ text: 'CREATE TABLE things (id integer PRIMARY KEY, name text NOT NULL UNIQUE)' });
  });

  afterAll(() => test.drop());

  beforeEach(async () => {
    await test.database.query({ text: 'TRUNCATE things' });
    statements = [];
    const counted: Queryable = {
      query: (statement, values = []) => {
        statements.push((JSON.parse(String(values[0])) as unknown[]).length);
        return test.database.query(statement, values);
      },
    };
    things = new BatchedWrite(counted, INSERT);
  });

  const names = async (): Promise<string[]> =>
    (await test.database.query<Thing>({ text: 'SELECT name FROM things ORDER BY id' })).map(({ name }) => name);

  it('writes what is asked in one turn of the event loop with one statement, each with its own row', async () => {
    const rows = await Promise.all([
      things.write('a', { id: 1, name: 'one' }),
      things.write('a', { id: 0, name: 'none' }),
      things.write('a', { id: 2, name: 'two' }),
    ]);
    expect(rows.map((row) => row?.id)).toEqual([1, undefined, 2]);
    expect(statements).toEqual([3]);
    expect(await names()).toEqual(['one', 'two']);
  });

  it('has those of one account share a statement only', async () => {
    await Promise.all([things.write('a', { id: 1, name: 'one' }), things.write('b', { id: 2, name: 'two' })]);
    expect(statements).toEqual([1, 1]);
  });

  it('has a write fail for its own fault only', async () => {
    await things.write('a', { id: 1, name: 'taken' });
    const results = await Promise.allSettled([
      things.write('a', { id: 2, name: 'two' }),
      things.write('a', { id: 3, name: 'taken' }),
      things.write('a', { id: 4, name: 'four' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: '23505' } });
    expect(await names()).toEqual(['taken', 'two', 'four']);
  });

  it('has one of two writes of the same fail', async () => {
    const results = await Promise.allSettled([
      things.write('a', { id: 1, name: 'one' }),
      things.write('a', { id: 1, name: 'one' }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await names()).toEqual(['one']);
  });

  it('does nothing again of which it is unknown whether it was done', async () => {
    let asked = 0;
    const broken = new BatchedWrite<Thing>(
      {
        query: () => {
          asked += 1;
          return Promise.reject(new Error('Connection terminated unexpectedly'));
        },
      },
      INSERT,
    );
    const results = await Promise.allSettled([
      broken.write('a', { id: 1, name: 'a' }),
      broken.write('a', { id: 2, name: 'b' }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
  });

  it('gives what is long, or beyond a hundred, a statement of its own', async () => {
    const long = 'x'.repeat(10_000);
    await Promise.all([
      things.write('a', { id: 1000, name: long }),
      ...Array.from({ length: 150 }, (_, n) => things.write('a', { id: n + 1, name: `thing ${n}` })),
    ]);
    expect(statements).toEqual([1, 100, 50]);
    expect((await names()).length).toBe(151);
  });
});
