import { InvalidQueryParameters, QueryParametersNotSupported } from '../problems/catalogue.js';
import type { InvalidParam } from '../problems/problem.js';
import type { CollectionDefinition } from './collection-definition.js';
import { type Position, readContinueToken, type Walk } from './continue-token.js';
import { parseFilter } from './filter-parser.js';
import { planFilter } from './filter-plan.js';
import { parseInclude } from './include.js';
import { InvalidParameter, shown } from './invalid-parameter.js';
import { defaultOrder, parseOrder } from './order.js';
import { readQueryString } from './query-string.js';

/** The query parameters of every collection (docs/api.md, section 5). */
export const COLLECTION_PARAMETERS = ['include', 'filter', 'orderBy', 'limit', 'continue', 'skip', 'count'] as const;

type ParameterName = (typeof COLLECTION_PARAMETERS)[number];

/** Greatest `limit` and `skip`. */
export const MAX_LIMIT = 2_147_483_647;

/** A checked query of one collection: nothing in it is as a client sent it except values that will be bound. */
export interface CollectionQuery extends Walk {
  /** Paths whose values each item is an array of; whole items when left out. */
  readonly include?: readonly string[];
  /** Most items of the page; all of them when left out. */
  readonly limit?: number;
  /** Items to leave out at the start of the walk. Nothing more is skipped where a page is continued. */
  readonly skip?: number;
  /** Where the previous page ended. */
  readonly position?: Position;
  /** Whether to say how many items match the filter, whatever the page. */
  readonly count: boolean;
}

/**
 * Checks the query string of a request for a collection.
 *
 * @param query as it came, encoded, without `?`
 * @param scope whose items: what tells the collection of this account and app from that of another
 * @throws QueryParametersNotSupported (problem 6) with every parameter that no collection has
 * @throws InvalidQueryParameters (problem 5) with everything that is wrong with the others
 */
export function parseCollectionQuery(
  definition: CollectionDefinition,
  query: string,
  scope: readonly string[],
): CollectionQuery {
  const parameters = readQueryString(query);
  refuseUnknown(parameters.map(({ name }) => name));

  const invalid: InvalidParam[] = [];
  const read = <T>(name: ParameterName, parse: (text: string) => T): T | undefined => {
    try {
      const [first, second] = parameters.filter((parameter) => parameter.name === name);
      if (second !== undefined) throw new InvalidParameter(['expected once, found more than once']);
      if (first === undefined) return undefined;
      if (typeof first.value !== 'string') throw first.value;
      return parse(first.value);
    } catch (error) {
      if (!(error instanceof InvalidParameter)) throw error;
      invalid.push(...error.reasons.map((reason) => ({ name, reason })));
      return undefined;
    }
  };

  const include = read('include', (text) => parseInclude(definition, text));
  const conditions = read('filter', (text) => planFilter(definition, parseFilter(text)));
  const order = read('orderBy', (text) => parseOrder(definition, text));
  const limit = read('limit', parsePositive);
  const skip = read('skip', parsePositive);
  const count = read('count', parseBoolean);
  const walk: Walk = {
    collection: definition.type,
    scope,
    conditions: conditions ?? [],
    order: order ?? defaultOrder(definition),
  };
  // A token can be judged only beside the query that it belongs to.
  const queryIsKnown = !invalid.some(({ name }) => name === 'filter' || name === 'orderBy');
  const position = read('continue', (text) => (queryIsKnown ? readContinueToken(walk, text) : undefined));

  if (invalid.length > 0) throw new InvalidQueryParameters(invalid);
  return {
    ...walk,
    count: count ?? false,
    ...(include === undefined ? {} : { include }),
    ...(limit === undefined ? {} : { limit }),
    ...(skip === undefined ? {} : { skip }),
    ...(position === undefined ? {} : { position }),
  };
}

function refuseUnknown(names: readonly string[]): void {
  const known = new Set<string>(COLLECTION_PARAMETERS);
  const unknown = new Set(names.filter((name) => !known.has(name)));
  if (unknown.size === 0) return;
  const reason = `is not a parameter of this collection; its parameters are ${COLLECTION_PARAMETERS.join(', ')}`;
  throw new QueryParametersNotSupported([...unknown].slice(0, MAX_UNKNOWN).map((name) => ({ name, reason })));
}

const MAX_UNKNOWN = 32;

function parsePositive(text: string): number {
  const value = /^[1-9]\d*$/.test(text) ? Number(text) : NaN;
  if (!(value <= MAX_LIMIT)) {
    throw new InvalidParameter([`expected an integer from 1 to ${MAX_LIMIT} in decimal digits, found ${shown(text)}`]);
  }
  return value;
}

function parseBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') {
    throw new InvalidParameter([`expected true or false, found ${shown(text)}`]);
  }
  return text === 'true';
}
