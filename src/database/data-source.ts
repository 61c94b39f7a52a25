import type { DataSourceOptions } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import type { ConnectionSettings } from './connection-settings.js';
import { typeParsers } from './type-parsers.js';

/** An idle connection is kept this long: its prepared statements are worth more than the memory of its backend. */
const IDLE_CONNECTION_MS = 5 * 60_000;

/**
 * How often a server that is at work for a client looks whether that is still there, and ends the statement if not
 * (PostgreSQL 14 or newer, on anything but Windows). This is how a list ends whose reader has left.
 */
const CLIENT_CHECK = '1s';

/**
 * Options of the service's TypeORM data source: never synchronised, only migrated; sessions in UTC, with the server
 * holding the time limits, so that they also end what a dead client left behind.
 *
 * @param onPoolError hears of connections that broke while nobody used them; the pool has replaced them already.
 * @throws TypeError when the URL is no URL (the message never repeats it: it holds a password).
 */
export function dataSourceOptions(
  settings: ConnectionSettings,
  onPoolError: (error: Error) => void,
): Extract<DataSourceOptions, { type: 'postgres' }> {
  const { url, options: urlOptions } = splitOptions(settings.url);
  const session = {
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    client_connection_check_interval: CLIENT_CHECK,
  };
  return {
    type: 'postgres',
    url,
    applicationName: settings.applicationName,
    poolSize: settings.poolSize,
    connectTimeoutMS: settings.connectionTimeoutMs,
    poolErrorHandler: (error: Error) => {
      // node-postgres hangs the whole client, connection parameters and all, on the error: nothing for a log.
      Reflect.deleteProperty(error, 'client');
      onPoolError(error);
    },
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
    logging: false,
    migrations,
    extra: {
      types: typeParsers,
      options: [urlOptions, ...Object.entries(session).map(([name, value]) => `-c ${name}=${value}`)].join(' ').trim(),
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      keepAlive: true,
    },
  };
}

/** The URL without its own `options` parameter, which would otherwise displace the session settings above. */
export function splitOptions(url: string): { url: string; options: string } {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new TypeError('The database URL is not a valid URL.');
  }
  const options = parsed.searchParams.get('options') ?? '';
  if (options === '') return { url, options };
  parsed.searchParams.delete('options');
  return { url: parsed.href, options };
}
