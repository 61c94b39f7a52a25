import DataLoader from 'dataloader';
import type { Queryable, Statement } from './database.js';
import { errorCode } from './error-code.js';

/** The most writes of one statement, and the longest (in characters of JSON) that shares one: others go alone. */
const MOST_WRITES = 100;
const LONGEST_SHARED = 8_192;

/**
 * Writes rows for many requests at once: those of one account that ask in the same turn of the event loop share one
 * statement and its commit (ADR 0020). A request that is alone waits for nobody.
 *
 * A write may wait for a lock that somebody holds on what it refers to, and those that share its statement wait with
 * it: never those of another account. No write fails for another one's fault: where the database refuses the statement
 * for what is in it, each is done again by itself. Where it is not known what became of a statement, all who share it
 * hear that.
 */
export class BatchedWrite<Values extends object, Row extends object = object> {
  /** By account, those of this turn. */
  private readonly loaders = new Map<string, DataLoader<string, Row | undefined>>();

  /**
   * @param statement takes one JSON array of the values, each an object, and answers at most one row for each with the
   *   `place` of its values in the array, from 1
   */
  constructor(
    private readonly queryable: Queryable,
    private readonly statement: Statement,
  ) {}

  /** @returns undefined where the statement has written nothing for these values @throws what the statement throws */
  async write(accountId: string, values: Values): Promise<Row | undefined> {
    const json = JSON.stringify(values);
    return json.length > LONGEST_SHARED ? this.writeAlone(json) : this.loaderOf(accountId).load(json);
  }

  private loaderOf(accountId: string): DataLoader<string, Row | undefined> {
    const known = this.loaders.get(accountId);
    if (known !== undefined) return known;
    const loader = new DataLoader<string, Row | undefined>(
      (writes) => {
        this.loaders.delete(accountId);
        return this.writeAll(writes);
      },
      {
        batchScheduleFn: setImmediate,
        maxBatchSize: MOST_WRITES,
        // Two writes of the same are two writes.
        cache: false,
      },
    );
    this.loaders.set(accountId, loader);
    return loader;
  }

  private async writeAll(writes: readonly string[]): Promise<(Row | undefined | Error)[]> {
    try {
      const rows = await this.query(writes);
      const written = new Array<Row | undefined>(writes.length).fill(undefined);
      for (const row of rows) written[row.place - 1] = row;
      return written;
    } catch (error) {
      if (writes.length === 1 || !isRefused(error)) throw error;
      return Promise.all(writes.map((write) => this.writeAlone(write).catch((refusal: unknown) => refusal as Error)));
    }
  }

  private async writeAlone(write: string): Promise<Row | undefined> {
    return (await this.query([write]))[0];
  }

  private query(writes: readonly string[]): Promise<(Row & { readonly place: number })[]> {
    return this.queryable.query(this.statement, [`[${writes.join(',')}]`]);
  }
}

/** A broken constraint, or a lock that was not to be had in time: Postgres has undone all of the statement. */
function isRefused(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && (code.startsWith('23') || code === '55P03');
}
