import { migrations } from '../../../migrations/index.js';
import { errorMessage } from '../../database/error-code.js';
import { missingPrivileges } from '../../database/missing-privileges.js';
import { openDatabase } from '../../database/open-database.js';
import { waitForDatabase } from '../../database/wait-for-database.js';
import { requireEmbeddedPostgres } from '../../embedded-postgres/embedded-postgres.js';
import { openTemporaryFile } from '../../features/inventory/temporary-file.js';
import { Problem } from '../../problems/problem.js';
import { readSettings } from '../../settings/settings.js';
import { command, CommandFailure } from '../command.js';
import { EXIT } from '../exit-status.js';

/** Whether the service could start as it is configured. Changes nothing. */
export const check = command({
  name: 'check',
  summary: 'Checks the settings and whether the database can be used, and changes nothing',
  details: 'Status 1 says what is missing: the database, a privilege, a migration, or a folder for temporary files.',
  declare: (blank) => blank,
  run: async (_options, { env, complain }) => {
    const settings = readSettings(env);
    await openTemporaryFile(env.TMPDIR === '' ? undefined : env.TMPDIR).then((file) => file.close(), failure);
    const url = settings.databaseUrl;
    if (url === undefined) {
      await requireEmbeddedPostgres().catch(failure);
      const embedded = `embedded, in ${settings.dataDir}`;
      return { json: { settings: 'good', database: embedded }, text: `Settings: good\nDatabase: ${embedded}` };
    }
    const connectionTimeoutMs = settings.databasePoolWaitMs;
    const notice = (message: string): void => {
      complain(`${message}\n`);
    };
    await waitForDatabase({ url, connectionTimeoutMs, deadlineMs: 0, notice }).catch(failure);
    const { missing, pending } = await stateOf(url, connectionTimeoutMs).catch(failure);
    const privileges = missing.length === 0 ? 'good' : `missing ${missing.join(', ')} (docs/postgresql.md)`;
    const schema = pending.length === 0 ? 'up to date' : `not up to date, migrate runs ${pending.join(', ')}`;
    return {
      json: { settings: 'good', database: 'reachable', missingPrivileges: missing, pendingMigrations: pending },
      text: `Settings: good\nDatabase: reachable\nPrivileges: ${privileges}\nSchema: ${schema}`,
      status: pending.length + missing.length === 0 ? EXIT.success : EXIT.failure,
    };
  },
});

function failure(error: unknown): never {
  throw new CommandFailure(error instanceof Problem ? error.definition.detail : errorMessage(error), { cause: error });
}

interface State {
  readonly missing: readonly string[];
  readonly pending: readonly string[];
}

async function stateOf(url: string, connectionTimeoutMs: number): Promise<State> {
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
    const missing = await missingPrivileges(database);
    const names = migrations.map(({ name }) => name);
    const [table] = await database.query<{ exists: boolean }>({
      text: `SELECT to_regclass('migrations') IS NOT NULL AS exists`,
    });
    if (table?.exists !== true) return { missing, pending: names };
    // Which are pending, only who may read the record can tell.
    if (missing.includes('SELECT on table migrations')) return { missing, pending: [] };
    const done = await database.query<{ name: string }>({ text: 'SELECT name FROM migrations' });
    return { missing, pending: names.filter((name) => !done.some((each) => each.name === name)) };
  } finally {
    await database.onApplicationShutdown();
  }
}
