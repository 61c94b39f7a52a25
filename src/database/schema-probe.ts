import pg from 'pg';
import { migrations } from '../../migrations/index.js';

/** Names of the migrations that this build needs, as TypeORM records them. */
const NEEDED = migrations.map(({ name }) => name);

const COUNT_RUN = { text: 'SELECT count(*)::integer AS count FROM migrations WHERE name = ANY($1)' };

/**
 * Asks the database whether it can serve, on a connection of its own: the pool's may all be at work, and a service that
 * is busy is not one that is to be taken out of service. The connection is made when it is needed and kept.
 */
export class SchemaProbe {
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
   * @throws Error when the database does not answer, or its schema is older than what this build needs; a newer one will
   *   do, since every migration is safe under the release before it. pg's own errors.
   */
  async requireSchema(): Promise<void> {
    const connection = (this.connection ??= this.open());
    let run: number | undefined;
    try {
      const client = await connection;
      const { rows } = await client.query<{ count: number }>({ ...COUNT_RUN, values: [NEEDED] });
      run = rows[0]?.count;
    } catch (error) {
      this.drop(connection);
      throw error;
    }
    if (run !== NEEDED.length) throw new Error('The schema lacks migrations that this build needs.');
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    await connection?.then((client) => client.end()).catch(() => undefined);
  }

  private open(): Promise<pg.Client> {
    const connection: Promise<pg.Client> = this.connect(() => {
      // Ended while idle, as by a restart of the server: the next question makes another.
      if (this.connection === connection) this.connection = undefined;
    });
    return connection;
  }

  private async connect(ended: () => void): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'execution-hooks readiness',
      connectionTimeoutMillis: this.timeoutMs,
      query_timeout: this.timeoutMs,
      keepAlive: true,
    });
    // Whatever breaks the connection is met by the next question; unheard it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (error) {
      this.onConnectionFailed();
      throw error;
    }
    client.once('end', ended);
    return client;
  }

  private drop(connection: Promise<pg.Client>): void {
    if (this.connection === connection) this.connection = undefined;
    connection.then((client) => client.end()).catch(() => undefined);
  }
}
