import type { Pool, PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import type { Hosts } from './hosts.js';
import { isPoolTimeout, isReadOnly } from './postgres-problem.js';

/** Connections of the pool: how many there are, how many of these are idle, how many callers wait for one. */
export interface PoolUsage {
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
  /** The most connections that it opens. */
  readonly max: number;
}

/** A connection that is taken from the pool until it is given back, for reuse unless it is broken. */
export interface Lease {
  readonly client: PoolClient;
  readonly giveBack: (isBroken: boolean) => void;
}

export interface ConnectionsOptions {
  /** Hears of errors that no caller gets: a connection that breaks between two statements of a transaction. */
  readonly onError: (error: Error) => void;
  /** Where the pool connects to. */
  readonly hosts: Hosts;
}

/** The connections of a TypeORM data source, made to the one of the database's hosts that takes writes. */
export class Connections {
  private readonly leased = new Set<PoolClient>();
  /** Rises whenever a server turns out to be read only: connections of an earlier generation are not used again. */
  private generation = 0;
  private readonly generations = new WeakMap<PoolClient, number>();

  /** @param dataSource initialised, unless no connection is ever asked for */
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: ConnectionsOptions,
  ) {
    if (!dataSource.isInitialized) return;
    this.pool.on('acquire', (client) => this.leased.add(client));
    this.pool.on('release', (_error, client) => this.leased.delete(client));
    this.pool.on('connect', (client) => this.generations.set(client, this.generation));
  }

  /**
   * Waits for a connection, for as long as the pool waits.
   *
   * @param signal ends the connection, whatever it is at, when it is aborted
   */
  async lease(signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    const client = await this.take();
    const end = (): void => {
      void client.end();
    };
    // The pool listens to idle clients only; an unheard 'error' event would end the process.
    client.on('error', this.options.onError);
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
    return {
      client,
      giveBack: (isBroken) => {
        signal?.removeEventListener('abort', end);
        client.off('error', this.options.onError);
        client.release(isBroken || signal?.aborted === true);
      },
    };
  }

  /**
   * Leaves a server that has become read only, by every connection: behind its address, or at the next host, is another.
   * @returns whether the error says that it has
   */
  leaveReadOnly(client: PoolClient, error: unknown): boolean {
    if (!isReadOnly(error)) return false;
    if (!this.isOutdated(client)) {
      this.generation += 1;
      this.options.hosts.moveOn(this.options.hosts.current);
    }
    return true;
  }

  /** How busy the pool is at the moment. */
  usage(): PoolUsage {
    const { totalCount, idleCount, waitingCount, options } = this.pool;
    return { total: totalCount, idle: idleCount, waiting: waitingCount, max: options.max };
  }

  /** Ends the connections that are in use, whatever their statements. */
  abandon(): void {
    for (const client of this.leased) void client.end();
  }

  private async take(): Promise<PoolClient> {
    for (;;) {
      const client = await this.connect();
      if (!this.isOutdated(client)) return client;
      client.release(true);
    }
  }

  private isOutdated(client: PoolClient): boolean {
    return (this.generations.get(client) ?? 0) !== this.generation;
  }

  /** One that is idle, or a new one to the first host that takes writes. */
  private async connect(): Promise<PoolClient> {
    const { hosts } = this.options;
    for (let tried = 1; ; tried++) {
      const { current } = hosts;
      try {
        return await this.pool.connect();
      } catch (error) {
        if (isPoolTimeout(error)) throw error;
        hosts.moveOn(current);
        if (tried === hosts.count) throw error;
      }
    }
  }

  private get pool(): Pool {
    return poolOf(this.dataSource);
  }
}

/** The pool of a data source. @throws Error once it has been closed */
export function poolOf({ driver }: DataSource): Pool {
  // TypeORM types the pool of its driver as `any`, and the driver of a data source as the interface of them all.
  const { master } = driver as unknown as { master?: Pool };
  if (master === undefined) throw new Error('Cannot use a pool after calling end on the pool');
  return master;
}
