import type { CollectionDefinition } from './collection-definition.js';
import type { CollectionQuery } from './collection-query.js';
import type { Position } from './continue-token.js';
import { apiTimestamp, type Field } from './field.js';
import type { Condition } from './filter-plan.js';
import { concatenation, type JsonPart } from './json-part.js';
import type { Order, OrderKey } from './order.js';
import { fieldJson, resourceJson } from './resource-json.js';
import { SCALARS } from './scalar-type.js';
import { type Fragment, join, raw, sql } from './sql-fragment.js';

/**
 * Which rows of the table the collection consists of: predicates over the definition's alias, of which a row must
 * satisfy exactly one. Each gets its own index range, merged in order, where an OR would read everything.
 */
export type Scope = readonly [Fragment, ...Fragment[]];

/** How each item of a list is put together from the columns of a row. */
export interface ItemLayout {
  /**
   * Computed fields in the order they stand in the item. The item's text is column `text_0`, the first of these,
   * `text_1`, the second, and so on to the last text.
   */
  readonly computed: readonly string[];
  /** Whether an item is an array (`include`), where a lacking computed field is `null`; else it is left out. */
  readonly isArray: boolean;
}

/** A row as the select of `selectItems` yields it. */
export type ItemRow = Readonly<Record<string, unknown>>;

/** The shape of the items that a query asks for. */
export function itemLayout({ fields }: CollectionDefinition, { include }: CollectionQuery): ItemLayout {
  const asked = include ?? Object.keys(fields);
  return {
    computed: asked.filter((path) => fields[path]?.kind === 'computed'),
    isArray: include !== undefined,
  };
}

/** Name of the column with the n-th piece of an item's text. */
export function textColumn(index: number): string {
  return `text_${index}`;
}

/** Name of the column with the n-th value of the row's position, selected where a page may be continued. */
export function positionColumn(index: number): string {
  return `position_${index}`;
}

/**
 * The select that yields a query's rows in order.
 *
 * @param rows most rows, bound; all of them when left out
 */
export function selectItems(
  definition: CollectionDefinition,
  query: CollectionQuery,
  scope: Scope,
  rows: number | undefined,
): Fragment {
  const columns = [
    ...textColumns(definition, query),
    ...(query.limit === undefined ? [] : query.order.keys.map((key, index) => positionValue(key, index))),
    ...(itemLayout(definition, query).computed.length === 0 ? [] : completedFromColumns(definition)),
  ];
  const after = query.position === undefined ? [] : [isAfter(query.order, query.position)];
  const limit = rows === undefined ? sql`` : sql` LIMIT ${rows}`;
  // The position of a continued page lies behind what the walk skipped at its start.
  const skip = query.skip === undefined || query.position !== undefined ? sql`` : sql` OFFSET ${query.skip}`;
  return sql`SELECT ${join(columns, ', ')} ${from(definition, scope, [...query.conditions.map(holds), ...after], query.order)}
    ORDER BY ${orderClause(query.order)}${limit}${skip}`;
}

/** The select that yields, as `count`, how many rows of the scope match a query's filter. */
export function selectCount(definition: CollectionDefinition, query: CollectionQuery, scope: Scope): Fragment {
  return sql`SELECT count(*)::text AS count ${from(definition, scope, query.conditions.map(holds))}`;
}

function textColumns(definition: CollectionDefinition, { include }: CollectionQuery): Fragment[] {
  if (include === undefined) return [raw(`${resourceJson(definition)} AS ${textColumn(0)}`)];
  const texts: JsonPart[][] = [[{ literal: '[' }]];
  const append = (...parts: readonly JsonPart[]): unknown => texts.at(-1)?.push(...parts);
  include.forEach((path, index) => {
    if (index > 0) append({ literal: ',' });
    const json = fieldJson(definition.fields, path);
    const field = definition.fields[path];
    if (json === undefined) texts.push([]);
    else if (isNullable(field)) append({ sql: `coalesce(${concatenation(json)}, 'null')` });
    else append(...json);
  });
  append({ literal: ']' });
  return texts.map((parts, index) => raw(`${concatenation(parts)} AS ${textColumn(index)}`));
}

function isNullable(field: Field | undefined): boolean {
  return (field?.kind === 'scalar' || field?.kind === 'json') && field.nullable;
}

function positionValue({ field }: OrderKey, index: number): Fragment {
  const text = field.type === 'timestamp' ? apiTimestamp(field.sql) : `(${field.sql})::text`;
  return raw(`${text} AS ${positionColumn(index)}`);
}

function completedFromColumns({ completedFrom = {} }: CollectionDefinition): Fragment[] {
  return Object.entries(completedFrom).map(([name, expression]) => raw(`${expression} AS "${name}"`));
}

function from(
  definition: CollectionDefinition,
  scope: Scope,
  conditions: readonly Fragment[],
  order?: Order,
): Fragment {
  const { table, alias, join: further = '' } = definition.from;
  const joined = typeof further === 'string' ? raw(further) : further;
  const [only, ...others] = scope;
  if (others.length === 0) {
    return sql`FROM ${raw(`${table} AS ${alias}`)} ${joined} WHERE ${join([sql`(${only})`, ...conditions], ' AND ')}`;
  }
  // Sorted branches are merged; unsorted ones would be read to their end and sorted together.
  const sorted = order === undefined ? [] : leadingColumns(order.keys);
  const orderBy =
    order === undefined || sorted.length === 0 ? sql`` : sql` ORDER BY ${orderClause({ ...order, keys: sorted })}`;
  const branches = scope.map(
    (branch) => sql`(SELECT ${raw(alias)}.* FROM ${raw(`${table} AS ${alias}`)} WHERE ${branch}${orderBy})`,
  );
  const where = conditions.length === 0 ? sql`` : sql` WHERE ${join(conditions, ' AND ')}`;
  return sql`FROM (${join(branches, ' UNION ALL ')}) AS ${raw(alias)} ${joined}${where}`;
}

function holds({ field, operator, values }: Condition): Fragment {
  const type = raw(SCALARS[field.type].postgres);
  const [value] = values;
  if (field.kind === 'member' && (operator === 'eq' || operator === 'in')) {
    // Takes a tenth of the time of reading the members one by one, and is what an index on the array can answer.
    const contained = values.map((each) => sql`(${raw(field.array)}) @> ${field.containing(each)}::jsonb`);
    return sql`(${join(contained, ' OR ')})`;
  }
  const comparison =
    operator === 'in'
      ? sql`${raw(field.sql)} = ANY(${values}::${type}[])`
      : sql`${raw(field.sql)} ${raw(COMPARISONS[operator])} ${value}::${type}`;
  return field.kind === 'member' ? sql`EXISTS (SELECT FROM ${raw(field.each)} WHERE ${comparison})` : comparison;
}

const COMPARISONS = { eq: '=', lt: '<', gt: '>', lte: '<=', gte: '>=' } as const;

/**
 * NULLS LAST is what an ascending sort does anyway; it is written out only where a descending one can meet a null,
 * because Postgres does not see that an index read backwards has it too.
 */
function orderClause({ keys, descending }: Order): Fragment {
  const direction = descending ? ' DESC' : '';
  return join(
    keys.map(({ field }) => raw(`${field.sql}${direction}${descending && field.nullable ? ' NULLS LAST' : ''}`)),
    ', ',
  );
}

/** The rows behind a position: a row comparison, which Postgres turns into the start of an index range. */
function isAfter({ keys, descending }: Order, position: Position): Fragment {
  const [first, ...rest] = keys;
  if (first === undefined) throw new Error('an order without keys');
  if (position[0] === null) {
    return sql`${raw(first.field.sql)} IS NULL AND ${compareRow(rest, position.slice(1), descending ? '<' : '>')}`;
  }
  const behind = compareRow(keys, position, descending ? '<' : '>');
  if (first.field.nullable) return sql`(${behind} OR ${raw(first.field.sql)} IS NULL)`;
  // A row comparison with something else than columns in it starts no index range; one of its first columns does.
  const columns = leadingColumns(keys);
  if (columns.length === 0 || columns.length === keys.length) return behind;
  return sql`${behind} AND ${compareRow(columns, position, descending ? '<=' : '>=')}`;
}

function leadingColumns(keys: readonly OrderKey[]): readonly OrderKey[] {
  const other = keys.findIndex(({ field }) => !field.column);
  return other === -1 ? keys : keys.slice(0, other);
}

function compareRow(keys: readonly OrderKey[], position: Position, operator: '<' | '>' | '<=' | '>='): Fragment {
  const columns = keys.map(({ field }) => raw(field.sql));
  const values = keys.map(({ field }, index) => sql`${position[index]}::${raw(SCALARS[field.type].postgres)}`);
  return sql`ROW(${join(columns, ', ')}) ${raw(operator)} ROW(${join(values, ', ')})`;
}
