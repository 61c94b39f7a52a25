import DataLoader from 'dataloader';
import type { Queryable, Statement } from './database.js';

/** One value of a key, as the statement's parameter has it. */
type KeyValue = string | Buffer;

/** The most keys of one statement: what a burst of requests asks for beyond that goes into the next one. */
const MOST_KEYS = 100;

/**
 * Looks rows up by key, for many requests at once: those that ask in the same turn of the event loop share one
 * statement. Under load that is what a request costs least by, on this side and on the server's; a request that is
 * alone waits for nobody.
 *
 * Nothing is kept: a statement starts after every request that it answers has asked, so that each sees what was
 * committed before it. Requests that ask for the same key share its row.
 */
export class BatchedLookup<Row extends object> {
  private readonly loader: DataLoader<readonly KeyValue[], Row | undefined, string>;

  /**
   * @param statement takes one array of values for each part of the key, and answers the rows that there are, at most one
   *   a key, each with the `place` of its key in the arrays, from 1
   */
  constructor(
    private readonly queryable: Queryable,
    private readonly statement: Statement,
  ) {
    this.loader = new DataLoader((keys) => this.findAll(keys), {
      // Requests are read in one phase of the event loop, each in a tick of its own; this is the end of that phase.
      batchScheduleFn: setImmediate,
      maxBatchSize: MOST_KEYS,
      cacheKeyFn: (key) => key.map((value) => (typeof value === 'string' ? value : value.toString('hex'))).join(' '),
    });
  }

  /** @throws what the statement throws, which every request that shares it gets */
  find(...key: readonly KeyValue[]): Promise<Row | undefined> {
    return this.loader.load(key);
  }

  private async findAll(keys: readonly (readonly KeyValue[])[]): Promise<(Row | undefined)[]> {
    // The loader remembers keys only to find those that are asked for twice; from now on they are asked for anew.
    this.loader.clearAll();
    const parts = keys[0]?.map((_, part) => keys.map((key) => key[part])) ?? [];
    const rows = await this.queryable.query<Row & { readonly place: number }>(this.statement, parts);
    const found = new Array<Row | undefined>(keys.length).fill(undefined);
    for (const row of rows) found[row.place - 1] = row;
    return found;
  }
}
