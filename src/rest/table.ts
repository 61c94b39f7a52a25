import type { Queryable, Statement } from '../database/database.js';
import type { Declarations } from './declaration.js';
import { type Resource, type Values, writtenFields } from './resource.js';

/** A stored resource: its JSON, the part of it that its entity tag is made of, and when it was last modified. */
export interface StoredRow {
  readonly json: string;
  readonly taggedJson: string;
  readonly modifiedAt: string;
}

/** What the rules of a feature need to know of a row beside, and how it is told apart from others. */
export interface TableOptions {
  /** SQL expressions over the alias, by the name in the row. */
  readonly also?: Readonly<Record<string, string>>;
  /** Columns that no field shows, with their types: written with the values. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** Columns that follow from the values of fields: SQL over these, by the column. */
  readonly computed?: Readonly<Record<string, (value: (field: string) => string) => string>>;
  /** FROM and WHERE of the rows that the path can name, of `$1`… the key's values and the identifier behind them. */
  readonly visible?: string;
  /** Whether `id` alone tells the rows of the table apart, whatever else the path names. */
  readonly byIdentifier?: true;
}

/** What INSERT and UPDATE write by a bound value. */
interface Cell {
  /** The name of the value: that of the field, or of the hidden column. */
  readonly name: string;
  readonly column: string;
  readonly type: string;
}

/**
 * The rows of a resource: one way to read them, one to write them, made from the declaration of its fields. Each
 * statement binds the account, or whatever else is in the key, as a value of its own.
 */
export class Table<D extends Declarations, Also extends object = object> {
  private readonly cells: readonly Cell[];
  private readonly statements: ReturnType<typeof statementsOf>;

  constructor(
    private readonly resource: Resource<D>,
    private readonly options: TableOptions = {},
  ) {
    this.cells = [
      ...writtenFields(resource).map(([name, { options, type }]) => ({ name, column: options.column ?? name, type })),
      { name: 'labels', column: 'labels', type: 'jsonb' },
      ...Object.entries(options.hidden ?? {}).map(([column, type]) => ({ name: column, column, type })),
    ];
    this.statements = statementsOf(resource, options, this.cells);
  }

  /** The row of the key's values and the identifier; undefined where the path names none. */
  async find(queryable: Queryable, key: readonly string[]): Promise<(StoredRow & Also) | undefined> {
    const [row] = await queryable.query<StoredRow & Also>(this.statements.find, key);
    return row && tagged(row);
  }

  /** The same with all that is stored, as a replacement starts from it. */
  async read(queryable: Queryable, key: readonly string[]): Promise<(StoredRow & Also & Values<D>) | undefined> {
    const [row] = await queryable.query<StoredRow & Also & Values<D>>(this.statements.read, key);
    return row && tagged(row);
  }

  /** Makes others who want to change the row wait for the end of the transaction. */
  async lock(transaction: Queryable, key: readonly string[]): Promise<void> {
    await transaction.query(this.statements.lock, this.own(key));
  }

  /**
   * @param values of the fields, and of the hidden columns
   * @throws DatabaseError on a violated constraint
   */
  async insert(queryable: Queryable, key: readonly string[], values: Values<D>, userId: string): Promise<StoredRow> {
    const [row] = await queryable.query<StoredRow>(this.statements.insert, [...key, ...this.bound(values), userId]);
    if (row === undefined) throw new Error(`The insert into ${this.resource.table} answered no row.`);
    return tagged(row);
  }

  /** @throws DatabaseError on a violated constraint */
  async update(transaction: Queryable, key: readonly string[], values: Values<D>, userId: string): Promise<void> {
    await transaction.query(this.statements.update, [...this.own(key), ...this.bound(values), userId]);
  }

  /** @throws DatabaseError when other rows refer to it */
  async delete(transaction: Queryable, key: readonly string[]): Promise<void> {
    await transaction.query(this.statements.delete, this.own(key));
  }

  private own(key: readonly string[]): readonly string[] {
    return this.options.byIdentifier === true ? key.slice(-1) : key;
  }

  private bound(values: Values<D>): unknown[] {
    const named = values as Readonly<Record<string, unknown>>;
    return this.cells.map(({ name, type }) =>
      type === 'jsonb' && named[name] !== null ? JSON.stringify(named[name]) : named[name],
    );
  }
}

/** The tag is made of the whole JSON where no field is volatile: it is not sent twice. */
function tagged<Row extends Omit<StoredRow, 'taggedJson'>>(
  row: Row & { readonly taggedJson: string | null },
): Row & StoredRow {
  return { ...row, taggedJson: row.taggedJson ?? row.json };
}

/** The statements of a table. Their values are the key, then those of the cells, then the user who writes. */
function statementsOf(
  { term, table, alias, keys, json, taggedJson }: Omit<Resource, 'fields'>,
  { also = {}, hidden = {}, computed = {}, visible, byIdentifier }: TableOptions,
  cells: readonly Cell[],
): Readonly<Record<'find' | 'read' | 'lock' | 'insert' | 'update' | 'delete', Statement>> {
  const path = [...keys, 'id'];
  const own = byIdentifier === true ? ['id'] : path;
  const rows = `${table} AS ${alias}`;
  const isRow = own.map((column, index) => `${alias}.${column} = $${index + 1}`).join(' AND ');
  const from = visible ?? `FROM ${rows} WHERE ${isRow}`;
  const row = [
    `${json} AS json`,
    `${taggedJson === json ? 'NULL' : taggedJson} AS "taggedJson"`,
    `${alias}.modified_at AS "modifiedAt"`,
  ];
  const found = [...row, ...Object.entries(also).map(([name, sql]) => `${sql} AS "${name}"`)];
  const stored = cells
    .filter(({ name }) => !Object.hasOwn(hidden, name))
    .map(({ name, column }) => `${alias}.${column} AS "${name}"`);
  /** What is written behind so many values of the key, as SQL by column. */
  const written = (before: number): [column: string, sql: string][] => {
    const bound = cells.map(({ name, column, type }, index) => ({
      name,
      column,
      sql: `$${before + index + 1}::${type}`,
    }));
    const value = (field: string): string => bound.find(({ name }) => name === field)?.sql ?? 'NULL';
    return [
      ...bound.map(({ column, sql }): [string, string] => [column, sql]),
      ...Object.entries(computed).map(([column, sql]): [string, string] => [column, sql(value)]),
    ];
  };
  const user = (before: number): string => `$${before + cells.length + 1}::uuid`;
  const inserted = [
    ...path.map((column, index) => [column, `$${index + 1}::uuid`]),
    ...written(path.length),
    ['created_by', user(path.length)],
    ['created_at', 'statement_timestamp()'],
    ['modified_at', 'statement_timestamp()'],
  ];
  const updated = [...written(own.length), ['modified_by', user(own.length)], ['modified_at', 'statement_timestamp()']];
  return {
    find: { name: `find-${term}`, text: `SELECT ${found.join(', ')} ${from}` },
    read: { name: `read-${term}`, text: `SELECT ${[...found, ...stored].join(', ')} ${from}` },
    lock: { name: `lock-${term}`, text: `SELECT FROM ${rows} WHERE ${isRow} FOR UPDATE` },
    insert: {
      name: `insert-${term}`,
      text: `INSERT INTO ${rows} (${inserted.map(([column]) => column).join(', ')})
        VALUES (${inserted.map(([, sql]) => sql).join(', ')}) RETURNING ${row.join(', ')}`,
    },
    update: {
      name: `update-${term}`,
      text: `UPDATE ${rows} SET ${updated.map((cell) => cell.join(' = ')).join(', ')} WHERE ${isRow}`,
    },
    delete: { name: `delete-${term}`, text: `DELETE FROM ${rows} WHERE ${isRow}` },
  };
}
