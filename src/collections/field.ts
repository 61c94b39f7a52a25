import type { ScalarType } from './scalar-type.js';

/** A stored value: can be filtered, sorted by and included. */
export interface ScalarField {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  /** The SQL expression, over the aliases of the collection's `from`; null where the item lacks the field. */
  readonly sql: string;
  /** The SQL expression, of type text, of its JSON; null where the item lacks the field. */
  readonly json: string;
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
  /** The FROM clause that yields one row a member. */
  readonly each: string;
  /** The SQL expression of one member, over the aliases of `each`. */
  readonly sql: string;
}

/** A stored value that is more than a scalar: can be included. */
export interface JsonField {
  readonly kind: 'json';
  /** The SQL expression, of type text, of its JSON; never null. */
  readonly json: string;
}

/** A value that is not stored and that the list's `complete` callback makes: can be included. */
export interface ComputedField {
  readonly kind: 'computed';
}

/** One field of a collection. */
export type Field = ScalarField | MemberField | JsonField | ComputedField;

type ColumnOptions = Partial<Pick<ScalarField, 'nullable' | 'orderable' | 'column'>>;

/** A text, compared by code point: `sql` must have the collation "C". */
export function stringField(sql: string, options: ColumnOptions = {}): ScalarField {
  return scalar('string', sql, options);
}

/** A `uuid`. */
export function identifierField(sql: string, options: ColumnOptions = {}): ScalarField {
  return scalar('identifier', sql, options);
}

/** A `timestamptz`, shown with six fractional digits in UTC (contract, section 3). */
export function timestampField(sql: string, options: ColumnOptions = {}): ScalarField {
  return scalar('timestamp', sql, options);
}

/** A text that is the same in every item. */
export function constantField(value: string): ScalarField {
  return {
    ...scalar('string', `${quoted(value)}::text COLLATE "C"`, { column: false }),
    json: quoted(JSON.stringify(value)),
  };
}

/** A whole array or object: `sql` is of type `jsonb` and never null. */
export function jsonField(sql: string): JsonField {
  return { kind: 'json', json: `(${sql})::text` };
}

/** The strings of a `jsonb` array, or one key of its objects. */
export function memberField(array: string, key?: string): MemberField {
  return key === undefined
    ? memberOf(`jsonb_array_elements_text(${array}) AS member(value)`, 'member.value')
    : memberOf(`jsonb_array_elements(${array}) AS member(value)`, `(member.value->>'${key}')`);
}

/** The strings of the `jsonb` arrays that one key of a `jsonb` array's objects holds. */
export function nestedMemberField(array: string, key: string): MemberField {
  return memberOf(
    `jsonb_array_elements(${array}) AS outer_member(value), ` +
      `jsonb_array_elements_text(outer_member.value->'${key}') AS member(value)`,
    'member.value',
  );
}

/** A field that the list's `complete` callback makes. */
export function computedField(): ComputedField {
  return { kind: 'computed' };
}

function memberOf(each: string, accessor: string): MemberField {
  return { kind: 'member', type: 'string', each, sql: `${accessor} COLLATE "C"` };
}

function scalar(type: ScalarType, sql: string, options: ColumnOptions): ScalarField {
  const json = scalarJson(type, sql);
  return { kind: 'scalar', type, sql, json, nullable: false, orderable: true, column: true, ...options };
}

function scalarJson(type: ScalarType, sql: string): string {
  switch (type) {
    case 'string':
      return `to_json(${sql})::text`;
    case 'identifier':
      return `'"' || (${sql}) || '"'`;
    case 'timestamp':
      return `'"' || ${contractTimestamp(sql)} || '"'`;
  }
}

/** The SQL expression, of type text, of a `timestamptz` in the contract's form, without quotes (section 3). */
export function contractTimestamp(sql: string): string {
  return `to_char((${sql}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
