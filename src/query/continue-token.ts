import { createHash } from 'node:crypto';
import type { Condition } from './filter-plan.js';
import { InvalidParameter } from './invalid-parameter.js';
import type { Order } from './order.js';
import { SCALARS } from './scalar-type.js';

/** The values of an item's sort columns, as Postgres prints them; null only where the field may be lacking. */
export type Position = readonly (string | null)[];

/** What a walk is over: a token of one walk means nothing in another. `limit`, `include` and `count` may differ. */
export interface Walk {
  /** Media type of the collection. */
  readonly collection: string;
  /** Whose items: the account, the app. */
  readonly scope: readonly string[];
  readonly conditions: readonly Condition[];
  readonly order: Order;
}

/**
 * The token of the page after `position`: base64, as the published API has it, of the position and a digest of it and of the walk. The digest
 * is no secret and need not be one: a position that somebody made up is checked by type, bound, and reaches nothing
 * that the walk itself would not.
 */
export function writeContinueToken(walk: Walk, position: Position): string {
  return Buffer.from(JSON.stringify([digest(walk, position), ...position])).toString('base64');
}

/**
 * Position of a token.
 *
 * @throws InvalidParameter when the token is none, or one of another walk
 */
export function readContinueToken(walk: Walk, token: string): Position {
  const [written, ...position] = decode(token);
  const fits =
    position.length === walk.order.keys.length &&
    walk.order.keys.every(({ field }, index) => {
      const value = position[index];
      return value === null ? field.nullable : typeof value === 'string' && isPosition(field.type, value);
    });
  if (!fits || written !== digest(walk, position as Position)) {
    throw new InvalidParameter([
      'expected the metadata.continue of a previous page of this collection with the same filter and orderBy; leave it out to start again',
    ]);
  }
  return position as Position;
}

function isPosition(type: Order['keys'][number]['field']['type'], value: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(value) && SCALARS[type].accepts(value);
}

function decode(token: string): unknown[] {
  // Whoever puts a token into a query string as it is, sends each of its plus signs as a blank.
  const sent = token.replaceAll(' ', '+');
  const bytes = Buffer.from(sent, 'base64');
  // Buffer skips what is not base64: only what it writes itself is a token.
  if (bytes.toString('base64') !== sent) return [];
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function digest({ collection, scope, conditions, order }: Walk, position: Position): string {
  const query = [
    collection,
    scope,
    conditions.map(({ path, operator, values }) => [path, operator, ...values]),
    order.keys[0]?.path,
    order.descending,
    position,
  ];
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, DIGEST_LENGTH);
}

/** Characters of base64url: 132 bits. */
const DIGEST_LENGTH = 22;
