import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { dataSourceOptions } from './data-source.js';
import { errorCode, errorMessage } from './error-code.js';
import { findPrimary } from './primary.js';

/** The advisory lock that a replica holds while it migrates: any number that nothing else of the service uses. */
const MIGRATION_LOCK = '7203918455012643001';

/** How often, in milliseconds, a replica asks whether another one is done. */
const POLL_MS = 200;

export interface MigrationOptions {
  /** The database to migrate. */
  readonly url: string;
  /** The longest wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Hears what happens, in sentences for the log. */
  readonly notice: (message: string) => void;
}

/**
 * Runs the pending migrations and returns their names: each in a transaction of its own, or in none where it says so
 * (an index built concurrently). One replica at a time: others wait for it and then find nothing to do. A replica that
 * dies at it leaves neither a lock nor half a migration behind.
 *
 * With something to do, it needs a connection that stays the same session between transactions (no transaction-level
 * pooler in between) and a user who owns the schema; with nothing to do, neither.
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  return withSession(options, async (dataSource, runner) => {
    const names = await missingMigrations(options, dataSource, runner).catch(explainPrivileges);
    options.notice(names.length === 0 ? 'The schema is up to date.' : `Migrated the schema: ${names.join(', ')}.`);
    return names;
  });
}

/** Reverts the newest migration. It takes its tables' data with it. */
export async function revertMigration(options: MigrationOptions): Promise<void> {
  await withSession(options, async (dataSource, runner) => {
    await lock(runner, options.notice);
    await executorOf(dataSource, runner).undoLastMigration();
    options.notice('Reverted the newest migration.');
  });
}

async function missingMigrations(
  options: MigrationOptions,
  dataSource: DataSource,
  runner: QueryRunner,
): Promise<string[]> {
  return (await isUpToDate(runner)) ? [] : migrateAlone(options, dataSource, runner);
}

const INSUFFICIENT_PRIVILEGE = '42501';

function explainPrivileges(error: unknown): never {
  if (errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error;
  const advice = 'execution-hooks check says which privileges are missing, docs/postgresql.md how to give them';
  throw new Error(`The user of the database may not do this: ${errorMessage(error)}; ${advice}.`, { cause: error });
}

async function migrateAlone(
  { notice }: MigrationOptions,
  dataSource: DataSource,
  runner: QueryRunner,
): Promise<string[]> {
  await lock(runner, notice);
  const done = await executorOf(dataSource, runner).executePendingMigrations();
  return done.map(({ name }) => name);
}

function executorOf(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  return executor;
}

/** Whether every migration has run, asked in a way that takes no lock and creates nothing. */
async function isUpToDate(runner: QueryRunner): Promise<boolean> {
  const [table] = (await runner.query(`SELECT to_regclass('migrations') IS NOT NULL AS "isThere"`)) as [
    { isThere: boolean },
  ];
  if (!table.isThere) return false;
  const rows = (await runner.query('SELECT name FROM migrations')) as { name: string }[];
  const run = new Set(rows.map(({ name }) => name));
  return migrations.every(({ name }) => run.has(name));
}

/**
 * Takes the lock of the session. Asked for again and again rather than waited for: a statement that waits keeps its
 * snapshot, and an index that the other replica builds concurrently would wait for the end of that.
 */
async function lock(runner: QueryRunner, notice: (message: string) => void): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    const [row] = (await runner.query(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS "isLocked"`)) as [
      { isLocked: boolean },
    ];
    if (row.isLocked) return;
    if (attempts === 1) notice('Another replica is migrating the schema; waiting for it.');
    await sleep(POLL_MS);
  }
}

/** Gives `work` a session of its own: were it to die, lock and transaction go together. */
async function withSession<T>(
  { url, connectionTimeoutMs, notice }: MigrationOptions,
  work: (dataSource: DataSource, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const dataSource = new DataSource(
    dataSourceOptions(
      {
        url: await findPrimary(url, connectionTimeoutMs),
        connectionTimeoutMs,
        poolSize: 1,
        // A migration, like the wait for somebody else's, takes as long as it takes.
        statementTimeoutMs: 0,
        lockTimeoutMs: 0,
        idleInTransactionTimeoutMs: 0,
        applicationName: 'execution-hooks migration',
      },
      (error) => {
        notice(`The connection of the migration broke: ${error.message}`);
      },
    ),
  );
  await dataSource.initialize();
  try {
    return await work(dataSource, dataSource.createQueryRunner());
  } finally {
    // Ending the session gives the lock back.
    await dataSource.destroy();
  }
}
