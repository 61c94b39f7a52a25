import { randomUUID } from 'node:crypto';
import type { Queryable, Statement } from '../database/database.js';

/**
 * Runs statements that can be cancelled on the server, wherever they run: each starts with a comment of its own, by
 * which it is found among the active ones. So a cancellation that comes late meets no statement of anybody else, which
 * one by process id could.
 */
export class CancellableQueries {
  private readonly comment = `/* list ${randomUUID()} */`;
  private running = 0;

  /** @param pool asked for a connection of its own to cancel on */
  constructor(private readonly pool: Queryable) {}

  async query<Row extends object>(
    queryable: Queryable,
    { text }: Statement,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    this.running += 1;
    try {
      return await queryable.query<Row>({ text: `${this.comment} ${text}` }, values);
    } finally {
      this.running -= 1;
    }
  }

  /** Ends what runs; its caller gets Postgres' `query_canceled`. */
  cancel(): void {
    if (this.running === 0) return;
    const text = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, $1)`;
    // Nobody waits for it, and a statement that could not be cancelled ends by itself.
    this.pool.query({ text }, [this.comment]).catch(() => undefined);
  }
}
