import { type Logger, pino } from 'pino';
import type { Database } from '../database/database.js';
import { errorMessage } from '../database/error-code.js';
import { startDatabase } from '../app/service.js';
import { readSettings, type Settings } from '../settings/settings.js';
import { CommandFailure, type Surroundings } from './command.js';

/**
 * Does something with the service's database, migrated, and closes it again.
 *
 * @throws SettingsError; CommandFailure when the database cannot be used
 */
export async function withDatabase<T>(
  surroundings: Surroundings,
  work: (database: Database, settings: Settings, logger: Logger) => Promise<T>,
): Promise<T> {
  const settings = readSettings(surroundings.env);
  let isClosing = false;
  const logger = progressLogger((text) => {
    // An embedded server that stops breaks what is still being closed.
    if (!isClosing) surroundings.complain(text);
  });
  const opened = await startDatabase(settings, logger, (error) => {
    surroundings.complain(`The embedded database ended: ${error.message}\n`);
  }).catch((error: unknown) => {
    throw new CommandFailure(errorMessage(error), { cause: error });
  });
  try {
    return await work(opened.database, settings, logger);
  } finally {
    isClosing = true;
    await opened.database.onApplicationShutdown();
    await opened.stopServer();
  }
}

/** What the service would log of its start, as sentences on standard error. */
function progressLogger(complain: Surroundings['complain']): Logger {
  return pino(
    { base: null, timestamp: false },
    {
      write: (line) => {
        complain(`${(JSON.parse(line) as { msg: string }).msg}\n`);
      },
    },
  );
}
