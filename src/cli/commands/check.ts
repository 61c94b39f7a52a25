import { migrations } from '../../../migrations/index.js';
import { errorMessage } from '../../database/error-code.js';
import { openDatabase } from '../../database/open-database.js';
import { waitForDatabase } from '../../database/wait-for-database.js';
import { readSettings } from '../../settings/settings.js';
import { command, CommandFailure } from '../command.js';
import { EXIT } from '../exit-status.js';

/** Whether the service could start as it is configured. Changes nothing. */
export const check = command({
  name: 'check',
  summary: 'Checks the settings and whether the database can be used, and changes nothing',
  details: 'Status 1 says that the database cannot be reached or that its schema is not up to date.',
  declare: (blank) => blank,
  run: async (_options, { env, complain }) => {
    const settings = readSettings(env);
    const url = settings.databaseUrl;
    if (url === undefined) {
      const embedded = `embedded, in ${settings.dataDir}`;
      return { json: { settings: 'good', database: embedded }, text: `Settings: good\nDatabase: ${embedded}` };
    }
    const connectionTimeoutMs = settings.databasePoolWaitMs;
    const notice = (message: string): void => {
      complain(`${message}\n`);
    };
    await waitForDatabase({ url, connectionTimeoutMs, deadlineMs: 0, notice }).catch((error: unknown) => {
      throw new CommandFailure(errorMessage(error), { cause: error });
    });
    const pending = await pendingMigrations(url, connectionTimeoutMs);
    const schema = pending.length === 0 ? 'up to date' : `not up to date, migrate runs ${pending.join(', ')}`;
    return {
      json: { settings: 'good', database: 'reachable', pendingMigrations: pending },
      text: `Settings: good\nDatabase: reachable\nSchema: ${schema}`,
      status: pending.length === 0 ? EXIT.success : EXIT.failure,
    };
  },
});

async function pendingMigrations(url: string, connectionTimeoutMs: number): Promise<string[]> {
  const database = await openDatabase(
    {
      url,
      poolSize: 1,
      statementTimeoutMs: 0,
      lockTimeoutMs: 0,
      idleInTransactionTimeoutMs: 0,
      connectionTimeoutMs,
      applicationName: 'execution-hooks check',
    },
    () => undefined,
  );
  try {
    const names = migrations.map(({ name }) => name);
    const [table] = await database.query<{ exists: boolean }>({
      text: `SELECT to_regclass('migrations') IS NOT NULL AS exists`,
    });
    if (table?.exists !== true) return names;
    const done = await database.query<{ name: string }>({ text: 'SELECT name FROM migrations' });
    return names.filter((name) => !done.some((each) => each.name === name));
  } finally {
    await database.onApplicationShutdown();
  }
}
