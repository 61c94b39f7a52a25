import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { BatchedLookup } from './batched-lookup.js';
import type { Queryable, Statement } from './database.js';

interface Thing {
  readonly name: string;
}

const FIND: Statement = {
  name: 'find-things',
  text: `
    SELECT key.place::integer, t.name
    FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY AS key(id, kind, place)
    JOIN things t ON t.id = key.id AND t.kind = key.kind
    ORDER BY t.name DESC`,
};

describe('a batched lookup', () => {
  let test: TestDatabase;
  /** How many keys each statement had. */
  let statements: number[];
  let lookup: BatchedLookup<Thing>;

  beforeAll(async () => {
    test = await createTestDatabase();
    await test.database.query({ text: 'CREATE TABLE things (id integer, kind text, name text NOT NULL)' });
  });

  afterAll(() => test.drop());

  beforeEach(async () => {
    await test.database.query({ text: 'TRUNCATE things' });
    await test.database.query({
      text: `INSERT INTO things SELECT n, 'even', 'thing ' || n FROM generate_series(0, 998, 2) AS n`,
    });
    statements = [];
    const counted: Queryable = {
      query: (statement, values = []) => {
        statements.push((values[0] as unknown[]).length);
        return test.database.query(statement, values);
      },
    };
    lookup = new BatchedLookup(counted, FIND);
  });

  it('answers what is asked in one turn of the event loop with one statement, each key with its own row', async () => {
    const [four, odd, two] = await Promise.all([
      lookup.find('4', 'even'),
      lookup.find('4', 'odd'),
      Promise.resolve().then(() => lookup.find('2', 'even')),
    ]);
    expect([four?.name, odd, two?.name]).toEqual(['thing 4', undefined, 'thing 2']);
    expect(statements).toEqual([3]);
  });

  it('asks once for a key that several want', async () => {
    const rows = await Promise.all([lookup.find('4', 'even'), lookup.find('6', 'even'), lookup.find('4', 'even')]);
    expect(rows.map((row) => row?.name)).toEqual(['thing 4', 'thing 6', 'thing 4']);
    expect(statements).toEqual([2]);
  });

  it('keeps nothing: a request sees what was committed before it', async () => {
    expect((await lookup.find('4', 'even'))?.name).toBe('thing 4');
    await test.database.query({ text: 'DELETE FROM things' });
    expect(await lookup.find('4', 'even')).toBeUndefined();
  });

  it('never answers from a statement that is under way already', async () => {
    let finish: (() => void) | undefined;
    const held: Queryable = {
      query: async (statement, values) => {
        const rows = await test.database.query<never>(statement, values);
        if (finish === undefined) await new Promise<void>((resolve) => (finish = resolve));
        return rows;
      },
    };
    lookup = new BatchedLookup(held, FIND);
    const early = lookup.find('4', 'even');
    while (finish === undefined) await setImmediate();
    await test.database.query({ text: 'DELETE FROM things' });
    expect(await lookup.find('4', 'even')).toBeUndefined();
    finish();
    expect((await early)?.name).toBe('thing 4');
  });

  it('spreads a burst over statements of bounded size', async () => {
    const rows = await Promise.all(Array.from({ length: 250 }, (_, n) => lookup.find(String(2 * n), 'even')));
    expect(rows.map((row) => row?.name)).toEqual(Array.from({ length: 250 }, (_, n) => `thing ${2 * n}`));
    expect(statements).toEqual([100, 100, 50]);
  });

  it('gives the error of a statement to all who share it, and to nobody after them', async () => {
    await test.database.query({ text: 'ALTER TABLE things RENAME TO stuff' });
    const failed = await Promise.allSettled([lookup.find('4', 'even'), lookup.find('6', 'even')]);
    await test.database.query({ text: 'ALTER TABLE stuff RENAME TO things' });
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await lookup.find('4', 'even'))?.name).toBe('thing 4');
  });
});
