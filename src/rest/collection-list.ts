import { Readable } from 'node:stream';
import type { Database, Queryable } from '../database/database.js';
import type { CollectionDefinition } from '../query/collection-definition.js';
import type { CollectionQuery } from '../query/collection-query.js';
import {
  type ItemLayout,
  itemLayout,
  type ItemRow,
  positionColumn,
  type Scope,
  selectCount,
  selectItems,
  textColumn,
} from '../query/collection-sql.js';
import { writeContinueToken } from '../query/continue-token.js';
import { bind } from '../query/sql-fragment.js';

/** JSON texts of an item's computed fields, by path; one that is missing is a field that the item lacks. */
export type ComputedFields = Readonly<Record<string, string>>;

/**
 * Makes the computed fields of one item.
 *
 * @param columns what the definition's `completedFrom` selects
 * @param wanted the computed fields that the query asks for; never empty
 * @param snapshot the transaction that the item was read in: what it reads is of the same moment as every item
 */
export type Complete<Columns> = (
  columns: Columns,
  wanted: ReadonlySet<string>,
  snapshot: Queryable,
) => ComputedFields | Promise<ComputedFields>;

/** One request for a collection. */
export interface CollectionList<Columns> {
  readonly database: Database;
  readonly definition: CollectionDefinition;
  readonly query: CollectionQuery;
  /** Which rows; a function where that takes a query of its own, in the same snapshot. */
  readonly scope: Scope | ((snapshot: Queryable) => Promise<Scope>);
  /** Needed where the definition has computed fields. */
  readonly complete?: Complete<Columns>;
  /** User id of the caller, who is the creator of the list as a resource. */
  readonly caller: string;
  /** Aborted when the client has gone before the list began; once there is a stream, destroying that does it. */
  readonly signal?: AbortSignal;
}

/**
 * The JSON of a list (docs/api.md, section 5): one string where it is short, a stream where it is long.
 *
 * A list that takes more than one statement reads everything in one read-only snapshot. It is written as it is read,
 * with a server-side cursor, and no faster than its reader takes it; a reader that leaves ends the query and its
 * connection. Errors before the first byte are rejections; later ones destroy the stream.
 *
 * @throws pg's own errors, and whatever `scope` and `complete` throw
 */
export async function listCollection<Columns extends object>(
  list: CollectionList<Columns>,
): Promise<string | Readable> {
  const { signal } = list;
  const leaving = new AbortController();
  const text = listText(list, signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]));
  try {
    const first = await text.next();
    return first.done === true ? first.value : streamOf(first.value, text, leaving);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** A stream of the first chunk, of those that follow, and of the last, which a generator returns. */
function streamOf(first: string, rest: AsyncGenerator<string, string, void>, leaving: AbortController): Readable {
  const chunks = (async function* () {
    yield first;
    yield yield* rest;
  })();
  const iterator: AsyncIterableIterator<string> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => chunks.next(),
    return: async () => {
      // Without it, the generator would first wait for the statement that it is at.
      leaving.abort();
      await rest.return('');
      return { done: true, value: undefined };
    },
  };
  return Readable.from(iterator, { objectMode: false, highWaterMark: 1 });
}

/** Yields the chunks of a list but the last, and returns that once its snapshot has ended. */
function listText<Columns extends object>(
  list: CollectionList<Columns>,
  signal: AbortSignal,
): AsyncGenerator<string, string, void> {
  const { database, query, scope } = list;
  const isOneStatement =
    readsAtOnce(list) && typeof scope !== 'function' && !query.count && wantedFields(list).size === 0;
  return isOneStatement
    ? writeList(list, { query: (statement, values) => database.query(statement, values, signal) })
    : database.snapshot((snapshot) => writeList(list, snapshot), signal);
}

async function* writeList<Columns extends object>(
  list: CollectionList<Columns>,
  snapshot: Queryable,
): AsyncGenerator<string, string, void> {
  const { definition, query, caller } = list;
  const scope = typeof list.scope === 'function' ? await list.scope(snapshot) : list.scope;
  const item = itemWriter(list, snapshot);
  let text = `{"type":${JSON.stringify(definition.type)},"version":${JSON.stringify(definition.version)},"items":[`;
  let enough = query.limit === undefined ? FIRST_CHUNK : PAGE_TEXT;
  let items = 0;
  let last: ItemRow | undefined;
  let more = false;
  for await (const rows of readBatches(list, snapshot, scope)) {
    for (const row of rows) {
      if (items === query.limit) {
        more = true;
        break;
      }
      const itemText = item(row);
      text += `${items === 0 ? '' : ','}${typeof itemText === 'string' ? itemText : await itemText}`;
      items += 1;
      last = row;
      if (text.length >= enough) {
        yield text;
        text = '';
        enough = CHUNK;
      }
    }
  }
  const now = listTimestamp();
  const metadata = {
    labels: [],
    creationTimestamp: now,
    modificationTimestamp: now,
    createdBy: caller,
    ...(more && last !== undefined ? { continue: writeContinueToken(query, positionOf(query, last)) } : {}),
    ...(query.count ? { count: await readCount(list, snapshot, scope) } : {}),
  };
  return `${text}],"metadata":${JSON.stringify(metadata)}}`;
}

/** Text of a stream's pieces, in UTF-16 units: the first bytes of a long list go out early, the others cost little apiece. */
const FIRST_CHUNK = 16 * 1024;
const CHUNK = 64 * 1024;

/** A page up to this long, in UTF-16 units, is made as one text, so that no slow client keeps its connection to the database. */
const PAGE_TEXT = 1024 * 1024;

/** Rows of a streamed list's first batch: few, for its first byte. */
const FIRST_BATCH_ROWS = 64;

/** Text of each further batch, in UTF-16 units: as many rows as have made this much so far, within `batchRows`. */
const BATCH_TEXT = 1024 * 1024;

/** A batch is at most this many times the one before: rows may get larger. */
const BATCH_GROWTH = 4;

/** Rows of a page that are read with one statement; more take a cursor. */
const MAX_ROWS_AT_ONCE = 500;

async function* readBatches<Columns extends object>(
  list: CollectionList<Columns>,
  snapshot: Queryable,
  scope: Scope,
): AsyncGenerator<ItemRow[], void> {
  const { definition, query } = list;
  // One row more than the page tells whether there is a next one.
  const rows = query.limit === undefined ? undefined : query.limit + 1;
  const { text, values } = bind(selectItems(definition, query, scope, rows));
  if (readsAtOnce(list)) {
    yield await snapshot.query<ItemRow>({ text }, values);
    return;
  }
  await snapshot.query({ text: `DECLARE items NO SCROLL CURSOR FOR ${text}` }, values);
  const fetch = (count: number): Promise<ItemRow[]> =>
    snapshot.query<ItemRow>({ text: `FETCH FORWARD ${count} FROM items` });
  let count = Math.min(FIRST_BATCH_ROWS, definition.batchRows);
  let next = fetch(count);
  for (;;) {
    const batch = await next;
    const isLast = batch.length < count;
    if (!isLast) {
      count = nextBatch(batch, definition.batchRows);
      // Read while this batch is written. Should nobody want it any more, its failure is nobody's either.
      next = fetch(count);
      next.catch(() => undefined);
    }
    yield batch;
    // node-postgres leaves a trail of results, each reachable from the one before until a full collection: emptied, they
    // weigh nothing. Otherwise a list of any length would grow the heap to wherever V8 cares to collect it.
    batch.length = 0;
    if (isLast) return;
  }
}

function nextBatch(batch: readonly ItemRow[], batchRows: number): number {
  const length = batch.reduce((sum, row) => sum + textOf(row, 0).length, 0);
  const fitting = Math.floor((BATCH_TEXT * batch.length) / Math.max(length, 1));
  return Math.max(1, Math.min(fitting, BATCH_GROWTH * batch.length, batchRows));
}

async function readCount<Columns extends object>(
  { definition, query }: CollectionList<Columns>,
  snapshot: Queryable,
  scope: Scope,
): Promise<number> {
  const { text, values } = bind(selectCount(definition, query, scope));
  const [row] = await snapshot.query<{ count: string }>({ text }, values);
  return Number(row?.count);
}

/** Whether a list holds a connection while its client reads: it is more than one short page. */
export function isLong<Columns extends object>(list: Pick<CollectionList<Columns>, 'definition' | 'query'>): boolean {
  return !readsAtOnce(list);
}

function readsAtOnce<Columns extends object>({
  definition,
  query,
}: Pick<CollectionList<Columns>, 'definition' | 'query'>): boolean {
  return query.limit !== undefined && query.limit < Math.min(definition.batchRows, MAX_ROWS_AT_ONCE);
}

function wantedFields<Columns extends object>({ definition, query }: CollectionList<Columns>): ReadonlySet<string> {
  return new Set(itemLayout(definition, query).computed);
}

function itemWriter<Columns extends object>(
  list: CollectionList<Columns>,
  snapshot: Queryable,
): (row: ItemRow) => string | Promise<string> {
  const layout = itemLayout(list.definition, list.query);
  const wanted = wantedFields(list);
  if (wanted.size === 0) return (row) => textOf(row, 0);
  const { complete } = list;
  if (complete === undefined) throw new Error(`Nothing completes ${[...wanted].join(', ')}`);
  // The columns of a row beyond its texts and position are those of `completedFrom`.
  return (row) => {
    const fields = complete(row as Columns, wanted, snapshot);
    return isPromise(fields) ? fields.then((made) => assemble(layout, row, made)) : assemble(layout, row, fields);
  };
}

function isPromise(fields: ComputedFields | Promise<ComputedFields>): fields is Promise<ComputedFields> {
  return fields instanceof Promise;
}

function assemble({ computed, isArray }: ItemLayout, row: ItemRow, fields: ComputedFields): string {
  if (isArray) {
    return computed.reduce(
      (text, path, index) => `${text}${fields[path] ?? 'null'}${textOf(row, index + 1)}`,
      textOf(row, 0),
    );
  }
  const added = computed.map((path) => (fields[path] === undefined ? '' : `,${JSON.stringify(path)}:${fields[path]}`));
  return `${textOf(row, 0).slice(0, -1)}${added.join('')}}`;
}

function textOf(row: ItemRow, index: number): string {
  return row[textColumn(index)] as string;
}

function positionOf({ order }: CollectionQuery, row: ItemRow): (string | null)[] {
  return order.keys.map((_, index) => row[positionColumn(index)] as string | null);
}

/** A list is made when it is asked for. Its own time, unlike stored ones, needs no more than the milliseconds of a Date. */
function listTimestamp(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
