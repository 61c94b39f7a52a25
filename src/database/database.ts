import type { OnApplicationShutdown } from '@nestjs/common';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import { briefly } from '../turns/others-first.js';
import { conflictPause, isConflict, MOST_RUNS } from './conflict.js';
import { Connections, type ConnectionsOptions, type Lease, type PoolUsage } from './connections.js';
import { errorCode, errorMessage } from './error-code.js';
import { isPoolTimeout, isUnanswered, WriteUncertain } from './postgres-problem.js';
import type { ReadinessProbe } from './readiness-probe.js';

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

export interface DatabaseOptions extends ConnectionsOptions {
  /**
   * The longest wait for an answer, in milliseconds; 0 waits for ever. Above the server's own `statement_timeout`
   * this only ever ends the wait for a server that has gone silent (its host died, the network eats packets).
   */
  readonly answerTimeoutMs: number;
  /** Tells whether the database can serve, however busy the pool is. */
  readonly probe: ReadinessProbe;
  /** Whether the names of statements count: see {@link Statement}. */
  readonly preparedStatements: boolean;
}

/** Runs a statement as it is told, around which it measures. */
export type StatementTracer = <T>(statement: Statement, run: () => Promise<T>) => Promise<T>;

/** What a statement says that writes rows; not by the first word, which may be WITH. */
const WRITES = /\b(?:INSERT INTO|UPDATE|DELETE FROM)\b/;

const BEGIN = {
  'read committed': { 'read write': 'BEGIN', 'read only': 'BEGIN READ ONLY' },
  'repeatable read': {
    'read write': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
    'read only': 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY',
  },
} as const;

/** SQL over the connection pool of a TypeORM data source. */
export class Database implements Queryable, OnApplicationShutdown {
  private readonly connections: Connections;
  private observer: DatabaseObserver | undefined;
  private tracer: StatementTracer | undefined;

  /** @param dataSource initialised, unless nothing is ever asked of the database */
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: DatabaseOptions,
  ) {
    this.connections = new Connections(dataSource, options);
  }

  /**
   * @param signal when aborted, ends the connection and by that the statement on the server: within
   *   `CLIENT_CHECK` (data-source.ts), whatever it does. The rejection is that of a broken connection.
   */
  async query<Row extends object>(
    statement: Statement,
    values?: readonly unknown[],
    signal?: AbortSignal,
  ): Promise<Row[]> {
    return this.retrying(async () => {
      const { client, giveBack } = await this.lease(signal);
      let isBroken = false;
      try {
        return await briefly(() => this.ask<Row>(client, statement, values));
      } catch (error) {
        isBroken = this.connections.leaveReadOnly(client, error) || !leavesSession(error);
        throw uncertain(error, WRITES.test(statement.text));
      } finally {
        giveBack(isBroken);
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
    return this.retrying(async () => {
      const { client, giveBack } = await this.lease();
      let isBroken = false;
      try {
        const transaction = await this.begin(client, options);
        const result = await work(transaction);
        await this.commit(client);
        return result;
      } catch (error) {
        isBroken = this.connections.leaveReadOnly(client, error) || !(await this.rollBack(client, error));
        throw error;
      } finally {
        giveBack(isBroken);
      }
    });
  }

  /**
   * Hands on what `read` yields and returns, out of one read-only snapshot that lasts until it has ended or is not asked
   * any more. Nothing of it is done again after a conflict: its beginning may be on its way to a client.
   *
   * @param signal as for {@link query}
   */
  async *snapshot<T, Result>(
    read: (snapshot: Queryable) => AsyncGenerator<T, Result, void>,
    signal: AbortSignal,
  ): AsyncGenerator<T, Result, void> {
    const { client, giveBack } = await this.lease(signal);
    let failure: unknown = 'not asked any more';
    try {
      const snapshot = await this.begin(client, { isolation: 'repeatable read', readOnly: true });
      const result = yield* read(snapshot);
      await this.commit(client);
      failure = undefined;
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      giveBack(failure !== undefined && !(await this.rollBack(client, failure)));
    }
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

  private async begin(client: PoolClient, { isolation, readOnly }: TransactionOptions): Promise<Transaction> {
    const mode = readOnly === true ? 'read only' : 'read write';
    await client.query(this.config({ text: BEGIN[isolation ?? 'read committed'][mode] }));
    return { client, query: (statement, values) => this.ask(client, statement, values) };
  }

  private async commit(client: PoolClient): Promise<void> {
    const { command } = await client.query(this.config({ text: 'COMMIT' })).catch((error: unknown) => {
      throw uncertain(error, true);
    });
    if (command !== 'COMMIT')
      throw new Error('The transaction was rolled back: an error of a statement was swallowed.');
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
  get probe(): ReadinessProbe {
    return this.options.probe;
  }

  /** How busy the pool is at the moment. */
  poolUsage(): PoolUsage {
    return this.connections.usage();
  }

  /**
   * Ends the connections that are in use, whatever their statements: their callers get a connection error, and Postgres
   * rolls back what was not committed.
   */
  abandon(): void {
    this.connections.abandon();
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

  private async lease(signal?: AbortSignal): Promise<Lease> {
    const start = performance.now();
    try {
      return await this.connections.lease(signal);
    } catch (error) {
      // All were in use: none was refused.
      if (!isPoolTimeout(error)) this.observer?.connectionFailed();
      throw error;
    } finally {
      this.observer?.waited((performance.now() - start) / 1000);
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
}

/** The error as it is, unless it leaves open whether something was written. */
function uncertain(error: unknown, writes: boolean): unknown {
  return writes && isUnanswered(error) ? new WriteUncertain(error) : error;
}

/** What node-postgres says when `query_timeout` passes; it has no code. */
const ANSWER_TIMEOUT_MESSAGE = 'Query read timeout';

/** Whether a session goes on after an error: a refused statement is not the end of it. */
function leavesSession(error: unknown): boolean {
  return errorCode(error) !== undefined && (error as { severity?: unknown }).severity === 'ERROR';
}
