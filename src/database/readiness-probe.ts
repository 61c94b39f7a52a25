import type pg from 'pg';
import { migrations } from '../../migrations/index.js';
import { connectToPrimary, ReadOnlyServer } from './primary.js';

/** Names of the migrations that this build needs, as TypeORM records them. */
const NEEDED = migrations.map(({ name }) => name);

const APPLICATION_NAME = 'execution-hooks readiness';

/** A message in the write-ahead log, which nobody reads, is a write: its commit waits for a synchronous standby. */
const ASK = {
  text: `SELECT (SELECT count(*)::integer FROM migrations WHERE name = ANY($1)) AS count,
                current_setting('transaction_read_only') = 'on' AS "isReadOnly",
                CASE WHEN pg_is_in_recovery() THEN NULL
                     ELSE pg_logical_emit_message(true, '${APPLICATION_NAME}', '') END AS written`,
};

/** A commit that waits for a standby outlives its connection: those of earlier questions, of any replica, are ended. */
const END_FORSAKEN = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE application_name = '${APPLICATION_NAME}' AND usename = current_user AND wait_event = 'SyncRep'
    AND query_start < clock_timestamp() - interval '5 seconds'`;

/**
 * Asks the database whether it can serve, on a connection of its own: the pool's may all be at work, and a service that
 * is busy is not one that is to be taken out of service. The connection is made when it is needed and kept.
 */
export class ReadinessProbe {
  private connection: Promise<pg.Client> | undefined;

  /** Hears of each connection that could not be made. */
  onConnectionFailed: () => void = () => undefined;

  /**
   * @param url of the database
   * @param timeoutMs the longest wait for a connection, and for an answer
   */
  constructor(
    private readonly url: string,
    private readonly timeoutMs: number,
  ) {}

  /**
   * @throws Error when the database does not answer; when it takes no writes, as a standby, a server that is set to be
   *   read only, or one whose synchronous standby does not answer; or when its schema is older than what this build
   *   needs (a newer one will do, since every migration is safe under the release before it). pg's own errors.
   */
  async requireReady(): Promise<void> {
    const connection = (this.connection ??= this.open());
    let answer: { count: number; isReadOnly: boolean } | undefined;
    try {
      const client = await connection;
      const { rows } = await client.query<{ count: number; isReadOnly: boolean }>({ ...ASK, values: [NEEDED] });
      answer = rows[0];
      if (answer?.isReadOnly !== false) throw new ReadOnlyServer();
    } catch (error) {
      // By a new connection the next question finds the host that takes writes by then.
      this.drop(connection);
      throw error;
    }
    if (answer.count !== NEEDED.length) throw new Error('The schema lacks migrations that this build needs.');
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.then((client) => client.end()).catch(() => undefined);
  }

  private open(): Promise<pg.Client> {
    const connection: Promise<pg.Client> = (async () => {
      const { client } = await connectToPrimary(this.url, {
        application_name: APPLICATION_NAME,
        connectionTimeoutMillis: this.timeoutMs,
        query_timeout: this.timeoutMs,
        keepAlive: true,
      }).catch((error: unknown) => {
        this.onConnectionFailed();
        throw error;
      });
      await client.query(END_FORSAKEN);
      client.once('end', () => {
        // Ended while idle, as by a restart of the server: the next question makes another.
        if (this.connection === connection) this.connection = undefined;
      });
      return client;
    })();
    return connection;
  }

  private drop(connection: Promise<pg.Client>): void {
    if (this.connection === connection) this.connection = undefined;
    connection.then((client) => client.end()).catch(() => undefined);
  }
}
