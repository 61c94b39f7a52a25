import { errorMessage } from '../../database/error-code.js';
import { migrate } from '../../database/migrate.js';
import { waitForDatabase } from '../../database/wait-for-database.js';
import { readSettings } from '../../settings/settings.js';
import { command, CommandFailure } from '../command.js';
import { withDatabase } from '../with-database.js';

/** Brings the schema up to date, without starting the service. */
export const migrateCommand = command({
  name: 'migrate',
  summary: 'Brings the schema of the database up to date',
  details: 'The service does so itself when it starts; one replica, or this command, at a time.',
  declare: (blank) => blank,
  run: async (_options, surroundings) => {
    const { databaseUrl: url, databasePoolWaitMs, databaseStartTimeoutMs } = readSettings(surroundings.env);
    const notice = (message: string): void => {
      surroundings.complain(`${message}\n`);
    };
    if (url === undefined) {
      // The embedded database is migrated by its very start.
      await withDatabase(surroundings, () => Promise.resolve());
      return { json: { upToDate: true }, text: 'The schema is up to date.' };
    }
    try {
      await waitForDatabase({
        url,
        connectionTimeoutMs: databasePoolWaitMs,
        deadlineMs: databaseStartTimeoutMs,
        notice,
      });
      const migrations = await migrate({ url, connectionTimeoutMs: databasePoolWaitMs, notice });
      return { json: { upToDate: true, migrations }, text: 'The schema is up to date.' };
    } catch (error) {
      throw new CommandFailure(errorMessage(error), { cause: error });
    }
  },
});
