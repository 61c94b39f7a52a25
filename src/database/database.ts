import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import { briefly } from '../turns/others-first.js';
import { conflictPause, isConflict, MOST_RUNS } from './conflict.js';
import { errorCode, errorMessage } from './error-code.js';
import { POOL_TIMEOUT_MESSAGE } from './postgres-problem.js';
import type { SchemaProbe } from './schema-probe.js';

/** One SQL statement; values are always bound, never spliced into the text. */
export interface Statement {
  /**
   * Makes it a server-side prepared statement of that name on each connection: for statements on hot paths whose
   * text never changes. One name stands for one text. Leave it out for one-off SQL.
   */
  readonly name?: string;
  readonly text: string;
}

/** Whatever runs statements: the pool, or one transaction. */
export interface Queryable {
  /** @throws pg's own `DatabaseError`, or a connection error, unchanged (`postgresProblem` maps both). */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** An open transaction. Not to be used once the work it was given to has returned. */
export interface Transaction extends Queryable {
  /** The pg client, for COPY and cursors only. */
  readonly client: PoolClient;
}

export interface TransactionOptions {
  /** Read committed when left out. */
  readonly isolation?: 'read committed' | 'repeatable read';
  readonly readOnly?: boolean;
  /** The work cannot be done again, because its result is on its way to a client: a conflict is not retried. */
  readonly once?: true;
}

/** Hears of what the pool and the transactions go through, to be counted. */
export interface DatabaseObserver {
  /** A caller has waited this long for a connection, in seconds, and got one or not. */
  waited(seconds: number): void;
  /** A statement or transaction is run again after a conflict. */
  retried(): void;
  /** A connection could not be made, of the pool or of readiness. */
  connectionFailed(): void;
}

export interface DatabaseOptions {
  /** Hears of errors that no caller gets: a connection that breaks between two statements of a transaction. */
  readonly onError: (error: Error) => void;
  /**
   * The longest wait for an answer, in milliseconds; 0 waits for ever. Above the server's own `statement_timeout`
   * this only ever ends the wait for a server that has gone silent (its host died, the network eats packets).
   */
  readonly answerTimeoutMs: number;
  /** Tells whether the database can serve, however busy the pool is. */
  readonly probe: SchemaProbe;
  /** Whether the names of statements count: see {@link Statement}. */
  readonly preparedStatements: boolean;
}

/** Runs a statement as it is told, around which it measures. */
export type StatementTracer = <T>(statement: Statement, run: () => Promise<T>) => Promise<T>;

/** Connections of the pool: how many there are, how many of these are idle, how many callers wait for one. */
export interface PoolUsage {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  /** The most connections that it opens. */
  readonly max: number;
}

const BEGIN = {
  'read committed': { 'read write': 'BEGIN', 'read only': 'BEGIN READ ONLY' },
  'repeatable read': {
    'read write': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
    'read only': 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY',
  },
} as const;

/** SQL over the connection pool of a TypeORM data source. */
export class Database implements Queryable, OnApplicationShutdown {
  /** Connections that somebody has taken from the pool. */
  private readonly busy = new Set<PoolClient>();
  private observer: DatabaseObserver | undefined;
  private tracer: StatementTracer | undefined;

  /** @param dataSource initialised, unless nothing is ever asked of the database */
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: DatabaseOptions,
  ) {
    if (!dataSource.isInitialized) return;
    this.pool.on('acquire', (client) => this.busy.add(client));
    this.pool.on('release', (_error, client) => this.busy.delete(client));
  }

  async query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
    return this.retrying(async () => {
      const client = await this.connect();
      client.on('error', this.options.onError);
      let broken = false;
      try {
        return await briefly(() => this.ask<Row>(client, statement, values));
      } catch (error) {
        broken = !leavesSession(error);
        throw error;
      } finally {
        client.off('error', this.options.onError);
        client.release(broken);
      }
    });
  }

  /**
   * Runs `work` in one transaction: committed when its promise fulfils, rolled back when it rejects, with that
   * rejection handed on. After a serialization failure or a deadlock the work is done again, from its beginning: it must
   * change nothing but the database.
   *
   * @throws Error when `work` swallowed a statement's error: Postgres then rolls back at COMMIT, without an error.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return options.once === true ? this.run(work, options) : this.retrying(() => this.run(work, options));
  }

  private async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let runs = 1; ; runs++) {
      try {
        return await work();
      } catch (error) {
        if (runs === MOST_RUNS || !isConflict(error)) throw error;
      }
      this.observer?.retried();
      await conflictPause(runs);
    }
  }

  private async run<T>(work: (transaction: Transaction) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await this.connect();
    // The pool listens to idle clients only; an unheard 'error' event would end the process.
    client.on('error', this.options.onError);
    let broken = false;
    try {
      const mode = options.readOnly === true ? 'read only' : 'read write';
      await client.query(this.config({ text: BEGIN[options.isolation ?? 'read committed'][mode] }));
      const result = await work({
        client,
        query: <Row extends object>(statement: Statement, values?: readonly unknown[]) =>
          this.ask<Row>(client, statement, values),
      });
      const { command } = await client.query(this.config({ text: 'COMMIT' }));
      if (command !== 'COMMIT')
        throw new Error('The transaction was rolled back: an error of a statement was swallowed.');
      return result;
    } catch (error) {
      broken = !(await this.rollBack(client, error));
      throw error;
    } finally {
      client.off('error', this.options.onError);
      client.release(broken);
    }
  }

  /** Has one observer hear of what happens from now on. */
  observe(observer: DatabaseObserver): void {
    this.observer = observer;
    this.probe.onConnectionFailed = () => {
      observer.connectionFailed();
    };
  }

  /** Has every statement from now on be traced. */
  traceWith(tracer: StatementTracer): void {
    this.tracer = tracer;
  }

  /** Tells whether the database can serve, however busy the pool is. */
  get probe(): SchemaProbe {
    return this.options.probe;
  }

  /** How busy the pool is at the moment. */
  poolUsage(): PoolUsage {
    const { totalCount, idleCount, waitingCount, options } = this.pool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount, max: options.max };
  }

  /**
   * Ends the connections that are in use, whatever their statements: their callers get a connection error, and Postgres
   * rolls back what was not committed.
   */
  abandon(): void {
    for (const client of this.busy) void client.end();
  }

  /** Closes the pool once the connections in use are given back; a second call does nothing. */
  async onApplicationShutdown(): Promise<void> {
    await this.probe.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  /** Whether the client is fit for reuse: a client that cannot even roll back is not. */
  private async rollBack(client: PoolClient, cause: unknown): Promise<boolean> {
    // The statement that nobody answered still occupies the connection, a ROLLBACK would only queue behind it.
    if (errorMessage(cause) === ANSWER_TIMEOUT_MESSAGE) return false;
    try {
      await client.query(this.config({ text: 'ROLLBACK' }));
      return true;
    } catch {
      return false;
    }
  }

  private async ask<Row extends object>(
    client: PoolClient,
    statement: Statement,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    const run = (): Promise<QueryResult<Row>> => client.query<Row>(this.config(statement, values));
    const { rows } = await (this.tracer === undefined ? run() : this.tracer(statement, run));
    return rows;
  }

  private async connect(): Promise<PoolClient> {
    const { observer } = this;
    if (observer === undefined) return this.pool.connect();
    const start = performance.now();
    try {
      return await this.pool.connect();
    } catch (error) {
      // All were in use: none was refused.
      if (errorMessage(error) !== POOL_TIMEOUT_MESSAGE) observer.connectionFailed();
      throw error;
    } finally {
      observer.waited((performance.now() - start) / 1000);
    }
  }

  private config({ name, text }: Statement, values?: readonly unknown[]): QueryConfig {
    return {
      text,
      ...(name === undefined || !this.options.preparedStatements ? {} : { name }),
      ...(values === undefined ? {} : { values: [...values] }),
      ...(this.options.answerTimeoutMs === 0 ? {} : { query_timeout: this.options.answerTimeoutMs }),
    };
  }

  private get pool(): Pool {
    return poolOf(this.dataSource);
  }
}

/** The connections of a data source. @throws Error once they have been closed */
export function poolOf({ driver }: DataSource): Pool {
  // TypeORM types the pool of its driver as `any`, and the driver of a data source as the interface of them all.
  const { master } = driver as unknown as { master?: Pool };
  if (master === undefined) throw new Error('Cannot use a pool after calling end on the pool');
  return master;
}

/** What node-postgres says when `query_timeout` passes; it has no code. */
const ANSWER_TIMEOUT_MESSAGE = 'Query read timeout';

/** Whether a session goes on after an error: a refused statement is not the end of it. */
function leavesSession(error: unknown): boolean {
  return errorCode(error) !== undefined && (error as { severity?: unknown }).severity === 'ERROR';
}
