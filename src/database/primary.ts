import pg from 'pg';
import { Hosts } from './hosts.js';

/** A server that takes no writes, for now or for good: a standby, or one that is set to be read only. */
export class ReadOnlyServer extends Error {
  /** As a statement that wants to write there is refused: read_only_sql_transaction. */
  readonly code = '25006';
  readonly severity = 'FATAL';

  constructor() {
    super('The database server is read only.');
  }
}

/** @throws ReadOnlyServer, and pg's own errors */
export async function requireWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
  if (rows[0]?.transaction_read_only !== 'off') throw new ReadOnlyServer();
}

/**
 * Connects to a database; to the one of its hosts that takes writes, where its URL names several.
 *
 * @param config of each connection
 * @throws pg's own errors; where there are several hosts, an AggregateError with one for each
 */
export async function connectToPrimary(
  url: string,
  config: pg.ClientConfig,
): Promise<{ readonly client: pg.Client; readonly url: string }> {
  const hosts = new Hosts(url);
  const errors: unknown[] = [];
  for (let tried = 0; tried < hosts.count; tried++) {
    const { current } = hosts;
    const client = new pg.Client({ ...config, connectionString: current });
    // What breaks the connection is met by the next statement; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      if (hosts.count > 1) await requireWritable(client);
      return { client, url: current };
    } catch (error) {
      errors.push(error);
      await client.end().catch(() => undefined);
      hosts.moveOn(current);
    }
  }
  if (errors.length === 1) throw errors[0];
  const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, `None of the database's hosts takes writes: ${reasons.join('; ')}`);
}

/** The URL of the host that takes writes; of the only host without asking it. @throws as {@link connectToPrimary} does */
export async function findPrimary(url: string, connectionTimeoutMs: number): Promise<string> {
  if (new Hosts(url).count === 1) return url;
  const primary = await connectToPrimary(url, { connectionTimeoutMillis: connectionTimeoutMs });
  await primary.client.end();
  return primary.url;
}
