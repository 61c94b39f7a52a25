import { pino } from 'pino';
import { type Service, startService } from '../../src/app/service.js';
import { readSettings } from '../../src/settings/settings.js';

/**
 * The service as it is started by its main program, on a database that is there: with its own pool and its own stop.
 *
 * @param env settings that differ from the defaults
 */
export function startServiceOn(databaseUrl: string, env: Readonly<Record<string, string>> = {}): Promise<Service> {
  return startService(
    readSettings({ DATABASE_URL: databaseUrl, PORT: '0', ...env }),
    pino({ level: 'silent' }),
    () => undefined,
    new AbortController().signal,
  );
}
