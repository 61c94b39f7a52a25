/** What the service needs to know to talk to its database. All times are milliseconds; 0 switches a limit off. */
export interface ConnectionSettings {
  /**
   * `postgresql://user:password@host:port/database`, with any parameter that node-postgres understands. Of several hosts,
   * separated by commas, the one that takes writes is used.
   */
  readonly url: string;
  /** The most connections that this process opens. */
  readonly poolSize: number;
  /** The longest that the server works on one statement before it gives up (SQLSTATE 57014). */
  readonly statementTimeoutMs: number;
  /** The longest that a statement waits for one lock (SQLSTATE 55P03). */
  readonly lockTimeoutMs: number;
  /** The longest that a transaction may sit between two statements before the server ends its session. */
  readonly idleInTransactionTimeoutMs: number;
  /** The longest wait for a connection: for a free one of the pool and for a new one to be established. */
  readonly connectionTimeoutMs: number;
  /** False where a pooler in between gives one session to several clients: no statement is named then. True by default. */
  readonly preparedStatements?: boolean;
  /** How the connections show up in `pg_stat_activity`. */
  readonly applicationName: string;
}
