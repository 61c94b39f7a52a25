import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Queryable, Statement } from '../database/database.js';

/**
 * Runs statements that can be cancelled on the server, wherever they run: each starts with a comment of its own, by
 * which it is found among the active ones. So a cancellation that comes late meets no statement of anybody else, which
 * one by process id could.
 */
export class CancellableQueries {
  private readonly comment = `/* list ${randomUUID()} */`;
  private running = 0;
  private cancelled = false;

  /** @param pool asked for a connection of its own to cancel on */
  constructor(private readonly pool: Queryable) {}

  /** @throws QueriesCancelled once `cancel` was called, and what `queryable` throws */
  async query<Row extends object>(
    queryable: Queryable,
    { text }: Statement,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    if (this.cancelled) throw new QueriesCancelled();
    this.running += 1;
    try {
      return await queryable.query<Row>({ text: `${this.comment} ${text}` }, values);
    } finally {
      this.running -= 1;
    }
  }

  /** Ends what runs (its caller gets Postgres' `query_canceled`) and refuses what would come. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    // Nobody waits for it, and a statement that could not be cancelled ends by itself.
    this.cancelRunning().catch(() => undefined);
  }

  private async cancelRunning(): Promise<void> {
    const text = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1)`;
    while (this.running > 0) {
      await this.pool.query({ text }, [this.comment]);
      // A statement on its way to the server was not there to be found.
      await setTimeout(CANCEL_AGAIN_MS, undefined, { ref: false });
    }
  }
}

/** The statement was not run: its list had been cancelled. */
export class QueriesCancelled extends Error {
  constructor() {
    super('The list was cancelled.');
  }
}

const CANCEL_AGAIN_MS = 100;
