import { DataSource } from 'typeorm';
import type { ConnectionSettings } from './connection-settings.js';
import { dataSourceOptions } from './data-source.js';
import { Database } from './database.js';

/** The server's own limit comes first; this much later (milliseconds) a server that says nothing is given up on. */
const ANSWER_GRACE_MS = 5_000;

/**
 * Connects to the database: one connection is made, the pool opens more as they are needed.
 *
 * @param onError hears of connections that broke without a caller to tell; the pool replaces them by itself.
 */
export async function openDatabase(settings: ConnectionSettings, onError: (error: Error) => void): Promise<Database> {
  const dataSource = await new DataSource(dataSourceOptions(settings, onError)).initialize();
  const { statementTimeoutMs } = settings;
  return new Database(dataSource, {
    onError,
    answerTimeoutMs: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + ANSWER_GRACE_MS,
  });
}
