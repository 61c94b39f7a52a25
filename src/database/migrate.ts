import { DataSource, MigrationExecutor } from 'typeorm';
import { dataSourceOptions } from './data-source.js';

/** The advisory lock that a replica holds while it migrates: any number that nothing else of the service uses. */
const MIGRATION_LOCK = '7203918455012643001';

export interface MigrationOptions {
  /** The database to migrate. */
  readonly url: string;
  /** The longest wait for a connection, in milliseconds. */
  readonly connectionTimeoutMs: number;
  /** Hears what happens, in sentences for the log. */
  readonly notice: (message: string) => void;
}

/**
 * Runs the pending migrations, all in one transaction, and returns their names. One replica at a time: others wait
 * for it and then find nothing to do. A replica that dies at it leaves neither a lock nor half a schema behind.
 *
 * Needs a connection that stays the same session between transactions (no transaction-level pooler in between).
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  return whileOthersWait(options, async (executor) => {
    const names = (await executor.executePendingMigrations()).map((migration) => migration.name);
    options.notice(names.length === 0 ? 'The schema is up to date.' : `Migrated the schema: ${names.join(', ')}.`);
    return names;
  });
}

/** Reverts the newest migration. It takes its tables' data with it. */
export async function revertMigration(options: MigrationOptions): Promise<void> {
  await whileOthersWait(options, async (executor) => {
    await executor.undoLastMigration();
    options.notice('Reverted the newest migration.');
  });
}

/** Gives `work` an executor whose one session holds the lock: were it to die, lock and transaction go together. */
async function whileOthersWait<T>(
  { url, connectionTimeoutMs, notice }: MigrationOptions,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const dataSource = new DataSource(
    dataSourceOptions(
      {
        url,
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
    const runner = dataSource.createQueryRunner();
    const [locked] = (await runner.query(`SELECT pg_try_advisory_lock(${MIGRATION_LOCK}) AS locked`)) as [
      { locked: boolean },
    ];
    if (!locked.locked) {
      notice('Another replica is migrating the schema; waiting for it.');
      await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    }
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'all';
    return await work(executor);
  } finally {
    // Ending the session gives the lock back.
    await dataSource.destroy();
  }
}
