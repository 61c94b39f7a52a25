import { DataSource } from 'typeorm';
import type { ConnectionSettings } from './connection-settings.js';
import { dataSourceOptions, splitOptions } from './data-source.js';
import { poolOf } from './connections.js';
import { Database } from './database.js';
import { Hosts } from './hosts.js';
import { findPrimary, requireWritable } from './primary.js';
import { ReadinessProbe } from './readiness-probe.js';

/** The server's own limit comes first; this much later (milliseconds) a server that says nothing is given up on. */
const ANSWER_GRACE_MS = 5_000;

/** The longest that readiness waits for a connection, and for an answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Connects to the database: one connection is made, the pool opens more as they are needed.
 *
 * @param onError hears of connections that broke without a caller to tell; the pool replaces them by itself.
 */
export async function openDatabase(settings: ConnectionSettings, onError: (error: Error) => void): Promise<Database> {
  const hosts = new Hosts(settings.url);
  const primary = await findPrimary(settings.url, settings.connectionTimeoutMs);
  while (hosts.current !== primary) hosts.moveOn(hosts.current);
  const options = dataSourceOptions({ ...settings, url: primary }, onError);
  const dataSource = await new DataSource(options).initialize();
  // A server that shuts down may end a connection in the same breath in which it is ready: before whoever has asked for
  // it can listen, and an unheard 'error' event would end the process. Its first statement fails then.
  const pool = poolOf(dataSource);
  pool.on('connect', (client) => client.on('error', () => undefined));
  if (hosts.count > 1) {
    Object.assign(pool.options, { onConnect: requireWritable });
    Object.defineProperty(pool.options, 'connectionString', { get: () => splitOptions(hosts.current).url });
  }
  const { statementTimeoutMs } = settings;
  return new Database(dataSource, {
    onError,
    hosts,
    preparedStatements: settings.preparedStatements ?? true,
    probe: new ReadinessProbe(settings.url, PROBE_TIMEOUT_MS),
    answerTimeoutMs: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS,
  });
}
