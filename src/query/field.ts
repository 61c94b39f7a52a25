import { type JsonPart, quoted } from './json-part.js';
import type { ScalarType } from './scalar-type.js';

/** A stored value: can be filtered, sorted by and included. */
export interface ScalarField {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  /** The SQL expression, over the aliases of the collection's `from`; null where the item lacks the field. */
  readonly sql: string;
  /** Its JSON; null where the item lacks the field. */
  readonly json: readonly JsonPart[];
  /** Whether an item may lack it. Columns that never are null page by a plain index range. */
  readonly nullable: boolean;
  readonly orderable: boolean;
  /** Whether it is a column of the collection's table, so that a keyset condition on it can use an index. */
  readonly column: boolean;
}

/** Every member of an array: can be filtered; at least one member must satisfy the condition. */
export interface MemberField {
  readonly kind: 'member';
  readonly type: ScalarType;
  /** The SQL expression of the array, of type `jsonb`. */
  readonly array: string;
  /** The JSON of an array that is contained in every one that has a member equal to a value. */
  readonly containing: (value: string) => string;
  /** The FROM clause that yields one row a member. */
  readonly each: string;
  /** The SQL expression of one member, over the aliases of `each`. */
  readonly sql: string;
}

/** A stored value that is more than a scalar: can be included. */
export interface JsonField {
  readonly kind: 'json';
  /** Its JSON; null where the item lacks the field. */
  readonly json: readonly JsonPart[];
  readonly nullable: boolean;
}

/** A value that is not stored and that the list's `complete` callback makes: can be included. */
export interface ComputedField {
  readonly kind: 'computed';
}

/** One field of a collection. */
export type Field = ScalarField | MemberField | JsonField | ComputedField;

/** How a scalar differs from a column that is never null and can be sorted by. */
type ScalarOptions = Partial<Pick<ScalarField, 'nullable' | 'orderable' | 'column'>>;

/** A text, compared by code point: `sql` must have the collation "C". */
export function stringField(sql: string, options: ScalarOptions = {}): ScalarField {
  return scalar('string', sql, [{ sql: `to_json(${sql})::text` }], options);
}

/** A text of an alphabet without anything that JSON escapes (words of the API, base64): its JSON costs less. */
export function plainField(sql: string, options: ScalarOptions = {}): ScalarField {
  return scalar('string', sql, inQuotes(sql), options);
}

/** A `uuid`. */
export function identifierField(sql: string, options: ScalarOptions = {}): ScalarField {
  return scalar('identifier', sql, inQuotes(sql), options);
}

/** A `timestamptz`, shown with six fractional digits in UTC (docs/api.md, section 3). */
export function timestampField(sql: string, options: ScalarOptions = {}): ScalarField {
  return scalar('timestamp', sql, inQuotes(apiTimestamp(sql)), options);
}

/** A text that is the same in every item. */
export function constantField(value: string): ScalarField {
  const json = [{ literal: JSON.stringify(value) }];
  return scalar('string', `${quoted(value)}::text COLLATE "C"`, json, { column: false });
}

/** A whole array or object: `sql` is of type `jsonb`. */
export function jsonField(sql: string, nullable = false): JsonField {
  return { kind: 'json', json: [{ sql: `(${sql})::text` }], nullable };
}

/** A whole number: `sql` is of type `integer`. */
export function numberField(sql: string, options: ScalarOptions = {}): ScalarField {
  return scalar('number', sql, [{ sql: `(${sql})::text` }], options);
}

/** An array that is empty in every item. */
export function emptyArrayField(): JsonField {
  return { kind: 'json', json: [{ literal: '[]' }], nullable: false };
}

/** The strings of a `jsonb` array, or one key of its objects. */
export function memberField(array: string, key?: string): MemberField {
  return key === undefined
    ? member(array, (value) => [value], `jsonb_array_elements_text(${array}) AS member(value)`, 'member.value')
    : member(
        array,
        (value) => [{ [key]: value }],
        `jsonb_array_elements(${array}) AS member(value)`,
        `(member.value->>${quoted(key)})`,
      );
}

/** The strings of the `jsonb` arrays that one key of a `jsonb` array's objects holds. */
export function nestedMemberField(array: string, key: string): MemberField {
  const each =
    `jsonb_array_elements(${array}) AS outer_member(value), ` +
    `jsonb_array_elements_text(outer_member.value->${quoted(key)}) AS member(value)`;
  return member(array, (value) => [{ [key]: [value] }], each, 'member.value');
}

/** A field that the list's `complete` callback makes. */
export function computedField(): ComputedField {
  return { kind: 'computed' };
}

/** The SQL expression, of type text, of a `timestamptz` in the API's form (docs/api.md, section 3). */
export function apiTimestamp(sql: string): string {
  return `to_char((${sql}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

function scalar(type: ScalarType, sql: string, json: readonly JsonPart[], options: ScalarOptions): ScalarField {
  return { kind: 'scalar', type, sql, json, nullable: false, orderable: true, column: true, ...options };
}

function member(array: string, containing: (value: string) => unknown, each: string, accessor: string): MemberField {
  return {
    kind: 'member',
    type: 'string',
    array,
    containing: (value) => JSON.stringify(containing(value)),
    each,
    sql: `${accessor} COLLATE "C"`,
  };
}

function inQuotes(sql: string): JsonPart[] {
  return [{ literal: '"' }, { sql }, { literal: '"' }];
}
