import { DataSource } from 'typeorm';
import type { ConnectionSettings } from './connection-settings.js';
import { dataSourceOptions } from './data-source.js';
import { Database, poolOf } from './database.js';
import { SchemaProbe } from './schema-probe.js';

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
  const dataSource = await new DataSource(dataSourceOptions(settings, onError)).initialize();
  // A server that shuts down may end a connection in the same breath in which it is ready: before whoever has asked for
  // it can listen, and an unheard 'error' event would end the process. Its first statement fails then.
  poolOf(dataSource).on('connect', (client) => client.on('error', () => undefined));
  const { statementTimeoutMs } = settings;
  return new Database(dataSource, {
    onError,
    preparedStatements: settings.preparedStatements ?? true,
    probe: new SchemaProbe(settings.url, PROBE_TIMEOUT_MS),
    answerTimeoutMs: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS,
  });
}
