import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/database/database.js';
import { errorCode } from '../../src/database/error-code.js';
import { openDatabase } from '../../src/database/open-database.js';
import { execute, SERVER_URL, TEMPLATE_URL, withDatabase } from './database-server.js';

/** A database of a test's own: a fresh copy of the migrated schema, without any row but the migrations'. */
export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes `database`, ends every other session too, and drops the database. */
  readonly drop: () => Promise<void>;
}

/** Copies the run's template database (see `database-server.ts`); takes some tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { [SERVER_URL]: serverUrl, [TEMPLATE_URL]: templateUrl } = process.env;
  if (serverUrl === undefined || templateUrl === undefined) {
    throw new Error('There is no database server: run the tests with Jest (npm test).');
  }
  const template = new URL(templateUrl).pathname.slice(1);
  const name = `${template}_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);

  const url = withDatabase(serverUrl, name);
  const database = await openDatabase(
    {
      url,
      poolSize: 5,
      statementTimeoutMs: 20_000,
      lockTimeoutMs: 10_000,
      idleInTransactionTimeoutMs: 20_000,
      connectionTimeoutMs: 10_000,
      applicationName: 'execution-hooks test',
    },
    () => undefined,
  );
  return {
    url,
    database,
    drop: async () => {
      await database.onApplicationShutdown();
      await dropDatabase(serverUrl, name);
    },
  };
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** The server's own autovacuum may be at work in the database: its session is not the tests' to end, but ends soon. */
async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  for (let attempts = 100; ; attempts--) {
    try {
      await execute(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      return;
    } catch (error) {
      if (attempts === 1 || errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error;
      await sleep(100);
    }
  }
}
