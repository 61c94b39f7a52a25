import type { CollectionDefinition } from './collection-definition.js';
import type { ScalarField } from './field.js';
import { InvalidParameter, shown } from './invalid-parameter.js';

/** One column of a sort. */
export interface OrderKey {
  readonly path: string;
  readonly field: ScalarField;
}

/**
 * A total order of a collection: the field asked for, then the collection's key, all in one direction, so that one
 * index read forwards or backwards yields it. Items that lack the field come last in both directions.
 */
export interface Order {
  readonly keys: readonly OrderKey[];
  readonly descending: boolean;
}

/** Paths of the fields that a collection can be sorted by. */
export function orderablePaths({ fields }: Pick<CollectionDefinition, 'fields'>): string[] {
  return Object.entries(fields).flatMap(([path, field]) => (field.kind === 'scalar' && field.orderable ? [path] : []));
}

/** The order of a list without `orderBy`. */
export function defaultOrder(definition: CollectionDefinition): Order {
  return orderBy(definition, definition.defaultOrder, false);
}

/**
 * Reads `field` or `field desc`.
 *
 * @throws InvalidParameter when it is anything else, or the field is none that the collection can be sorted by
 */
export function parseOrder(definition: CollectionDefinition, text: string): Order {
  const [path = '', direction, ...rest] = text.trim().split(/[ \t]+/);
  if (!orderablePaths(definition).includes(path)) {
    throw new InvalidParameter([
      path === '' ? 'position 1: expected a field' : `position 1: ${shown(path)} is not a field that can be sorted by`,
      `the fields to sort by are ${orderablePaths(definition).join(', ')}`,
    ]);
  }
  if (rest.length > 0 || (direction !== undefined && direction !== 'desc')) {
    throw new InvalidParameter([
      `position ${text.indexOf(path) + path.length + 2}: expected "desc" or nothing after the field, found ${shown([direction ?? '', ...rest].join(' '))}`,
    ]);
  }
  return orderBy(definition, path, direction === 'desc');
}

function orderBy({ fields, key }: CollectionDefinition, path: string, descending: boolean): Order {
  const keys = [path, ...key.filter((other) => other !== path)].map((each): OrderKey => {
    const field = fields[each];
    if (field?.kind !== 'scalar') throw new Error(`${each} of a collection's order or key is not a scalar field`);
    return { path: each, field };
  });
  return { keys, descending };
}
