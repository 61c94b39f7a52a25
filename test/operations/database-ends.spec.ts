import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { postgresProblem } from '../../src/database/postgres-problem.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseGate } from '../support/database-gate.js';

let behind: TestDatabase;
let gate: DatabaseGate;
let database: Database;
beforeAll(async () => {
  behind = await createTestDatabase();
  gate = await DatabaseGate.open(behind.url);
  database = await openDatabase(
    {
      url: gate.url,
      poolSize: 2,
      statementTimeoutMs: 20_000,
      lockTimeoutMs: 10_000,
      idleInTransactionTimeoutMs: 20_000,
      connectionTimeoutMs: 10_000,
      applicationName: 'execution-hooks test',
    },
    () => undefined,
  );
});
afterAll(async () => {
  await database.onApplicationShutdown();
  gate.close();
  await behind.drop();
});

it('a connection that is ended as soon as it is ready fails its statement, and nothing else', async () => {
  await database.transaction(async (transaction) => {
    // The one connection that there is is taken: the next statement gets a new one.
    await transaction.query({ text: 'SELECT 1' });
    gate.endNext();
    const failed: unknown = await database.query({ text: 'SELECT 1' }).catch((error: unknown) => error);
    expect(postgresProblem(failed)?.status).toBe(503);
    expect(await database.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);
  });
});
