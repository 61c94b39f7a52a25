import type { Field } from './field.js';
import type { Fragment } from './sql-fragment.js';

/**
 * All that a collection declares to get the whole of docs/api.md, section 5: filter, include, orderBy, paging,
 * count and the streamed envelope.
 */
export interface CollectionDefinition {
  /** Media type of the collection, e.g. `application/astra-executionHooks`. */
  readonly type: string;
  /** Version of the envelope. */
  readonly version: string;
  /** The table, its alias in every SQL expression below, and further joins; a fragment where these bind values. */
  readonly from: { readonly table: string; readonly alias: string; readonly join?: string | Fragment };
  /**
   * Path in the API (`metadata.createdBy`, `matchingCriteria[*].type`) to field, in the order of the stored
   * resource's JSON, which is made of these. The first one must always be there.
   */
  readonly fields: Readonly<Record<string, Field>>;
  /** Path of the field that a list without `orderBy` is sorted by. */
  readonly defaultOrder: string;
  /** Paths of the fields that tell any two items apart and break every tie: scalar, orderable, never null. */
  readonly key: readonly [string, ...string[]];
  /** Columns that `complete` gets, beside the item: name to SQL. Read only when a computed field is asked for. */
  readonly completedFrom?: Readonly<Record<string, string>>;
  /**
   * Most rows fetched at a time by a list that is streamed; fewer where they are long. Two batches are held at most, so
   * this times the largest row bounds the memory of a list.
   */
  readonly batchRows: number;
}
