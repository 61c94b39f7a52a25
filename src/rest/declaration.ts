import { type ResourceField, withDefault } from './resource-field.js';
import {
  identifierField,
  objectField,
  objectsField,
  oneOfField,
  textField,
  textsField,
  timestampField,
  type FieldText,
} from './resource-field.js';
import type { ResourceClass } from './resource-body.js';
import {
  computedField,
  constantField,
  emptyArrayField,
  type Field,
  identifierField as identifierColumn,
  jsonField,
  memberField,
  plainField,
  stringField,
  timestampField as timestampColumn,
} from '../query/field.js';

/**
 * Who sets a field, and when a request has to have it:
 *
 * - `always`: every POST and PUT has it;
 * - `required`: a POST has it, a PUT that leaves it out keeps it;
 * - `fixed`: as `required`, but a PUT cannot change it;
 * - `optional`: a POST may leave it out, and so may a PUT, which keeps it then;
 * - `echoed`: no POST has it, a PUT may have it;
 * - `derived`: the service writes it; a PUT may have it, and it is ignored;
 * - `shown`: nobody writes it by a request; a PUT may have it, and it is ignored.
 */
export type Setting = 'always' | 'required' | 'fixed' | 'optional' | 'echoed' | 'derived' | 'shown';

/** What is declared of a field beside its type and bounds. */
export interface FieldOptions extends Partial<FieldText> {
  readonly set: Setting;
  /** The column that holds it. */
  readonly column?: string;
  /** The SQL expression, over the alias of the table, that is shown where that is not the column. */
  readonly sql?: string;
  /** The column may be null: the field is shown when it is set. */
  readonly nullable?: true;
  /** The field is shown when there is a value for it, although the column is never null. */
  readonly whenSet?: true;
  /** What leaving it out of a POST stands for; null where it is left out here. */
  readonly default?: unknown;
  /** The parameter of the path whose value it must have, on the routes whose path has it. */
  readonly path?: string;
  /** The column is a part of the table's key, which the path decides. */
  readonly key?: true;
  /** It changes without anybody modifying the resource: no part of the entity tag (docs/api.md, section 3). */
  readonly volatile?: true;
  /** The field as a POST may have it, where that is not the field as it is shown. */
  readonly create?: ResourceField;
  /** Too long to be the position in a `continue` token. */
  readonly orderable?: false;
  /** The words of the type have a schema of their own, by this name. */
  readonly enumName?: string;
}

/** The same of a field whose words are said here, and not by a schema of its own. */
type Described = FieldOptions & FieldText;

/** A field of a resource, declared once: everything else about it is made from this. */
export interface Declared<T = unknown, O extends FieldOptions = FieldOptions> {
  readonly options: O;
  /** What the OpenAPI document says of it, and what a request's value is held to. */
  readonly field: ResourceField;
  /** How collections read it, by what follows the field's name in a path (`''`, `[*].type`). */
  readonly read: (sql: string) => Readonly<Record<string, Field>>;
  /** The PostgreSQL type of the column. */
  readonly type: 'text' | 'uuid' | 'jsonb' | 'timestamptz';
  /** Never there: what TypeScript knows of the value. */
  readonly value?: T;
}

/** The fields of a resource by their names in the API, in the order of its JSON. */
export type Declarations = Readonly<Record<string, Declared>>;

/** A text that is the same in every resource of the kind, like its media type. */
export function constant<const T extends string, const O extends Described>(value: T, options: O): Declared<T, O> {
  return declared(options, oneOfField([value], wordsOf(options)), 'text', () => ({ '': constantField(value) }));
}

/** A text of `min` to `max` Unicode code points. */
export function text<const O extends Described>(min: number, max: number, options: O): Declared<string, O> {
  return textLike(textField(min, max, wordsOf(options)), options);
}

/** A text with rules of its own. */
export function textLike<const O extends FieldOptions>(field: ResourceField, options: O): Declared<string, O> {
  return declared(options, field, 'text', (sql) => ({ '': stringField(sql, readOptions(options)) }));
}

/** One of a fixed list of words; with rules of its own, these are what a request's value is held to. */
export function oneOf<const T extends string, const O extends Described>(
  values: readonly T[],
  options: O,
  ...rules: readonly PropertyDecorator[]
): Declared<T, O> {
  const field = oneOfField(values, { ...wordsOf(options), ...(options.enumName && { enumName: options.enumName }) });
  const ruled = rules.length === 0 ? field : { ...field, rules };
  return declared(options, ruled, 'text', (sql) => ({ '': plainField(sql, readOptions(options)) }));
}

/** A text of an alphabet that JSON escapes nothing of: hexadecimal digits, base64. */
export function plain<const O extends FieldOptions>(field: ResourceField, options: O): Declared<string, O> {
  return declared(options, field, 'text', (sql) => ({ '': plainField(sql, readOptions(options)) }));
}

/** An identifier of the API (docs/api.md, section 2). */
export function identifier<const O extends Described>(options: O): Declared<string, O> {
  return declared(options, identifierField(wordsOf(options)), 'uuid', (sql) => ({
    '': identifierColumn(sql, readOptions(options)),
  }));
}

/** What is declared of {@link ownIdentifier}. */
interface OwnIdentifier extends Described {
  readonly set: 'echoed';
}

/** The identifier of the resource itself, which the last parameter of the path names. */
export function ownIdentifier(path: string, example: string): Declared<string, OwnIdentifier> {
  return identifier({
    set: 'echoed',
    column: 'id',
    path,
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example,
  });
}

/** A point in time; `field` where a client sets it. */
export function timestamp<const O extends FieldOptions>(options: O, field?: ResourceField): Declared<string, O> {
  return declared(options, field ?? timestampField(options.description ?? ''), 'timestamptz', (sql) => ({
    '': timestampColumn(sql, readOptions(options)),
  }));
}

/** At most `maxItems` texts of `min` to `max` code points. */
export function texts<const O extends Described>(
  maxItems: number,
  min: number,
  max: number,
  options: O,
): Declared<string[], O> {
  return declared(options, textsField(maxItems, min, max, wordsOf(options)), 'jsonb', (sql) => ({
    '': jsonField(sql),
    '[*]': memberField(sql),
  }));
}

/**
 * At most `maxItems` objects of a class with fields of its own.
 *
 * @param members how collections filter by them, by what follows the field's name in a path
 */
export function objects<T extends object, const O extends Described>(
  of: () => ResourceClass<T>,
  maxItems: number,
  members: (sql: string) => Readonly<Record<string, Field>>,
  options: O,
): Declared<T[], O> {
  return declared(options, objectsField(of, maxItems, wordsOf(options)), 'jsonb', (sql) => ({
    '': jsonField(sql, options.nullable === true),
    ...members(sql),
  }));
}

/**
 * An object of a class with fields of its own.
 *
 * @param members how collections read these, by what follows the field's name in a path (`.order`)
 */
export function object<T extends object, const O extends Described>(
  of: () => ResourceClass<T>,
  members: (sql: string) => Readonly<Record<string, Field>>,
  options: O,
): Declared<T, O> {
  return declared(options, objectField(of, wordsOf(options)), 'jsonb', (sql) => ({
    '': jsonField(sql, options.nullable === true),
    ...members(sql),
  }));
}

/** An array that is always empty here. */
export function empty(description: string): Declared<object[], { description: string; set: 'shown' }> {
  const schema = { type: 'array', items: { type: 'object' }, maxItems: 0, description, example: [] } as const;
  return declared({ description, set: 'shown' }, { schema: { ...schema, example: [] }, rules: [] }, 'jsonb', () => ({
    '': emptyArrayField(),
  }));
}

/** What the service computes for each answer; nothing is stored of it. */
export function computed<T>(field: ResourceField): Declared<T, { set: 'shown'; whenSet: true }> {
  const options = { set: 'shown', whenSet: true } as const;
  return declared(options, field, 'jsonb', () => ({ '': computedField() }));
}

/** A field as a POST may have it: with the value that leaving it out stands for, where that is a text. */
export function creatable({ field, options }: Declared): ResourceField {
  const { default: left } = options;
  const sent = options.create ?? field;
  return typeof left === 'string' && left !== '' ? withDefault(sent, left) : sent;
}

/** Whether INSERT and UPDATE write it. */
export function isWritten({ options }: Declared): boolean {
  return options.column !== undefined && options.key !== true && !['echoed', 'shown'].includes(options.set);
}

function declared<T, O extends FieldOptions>(
  options: O,
  field: ResourceField,
  type: Declared['type'],
  read: Declared['read'],
): Declared<T, O> {
  return { options, field, type, read };
}

function wordsOf({ description, example }: Described): FieldText {
  return { description, ...(example === undefined ? {} : { example }) };
}

function readOptions({ nullable, whenSet, orderable, sql }: FieldOptions): Parameters<typeof stringField>[1] {
  return {
    nullable: nullable === true || whenSet === true,
    ...(orderable === undefined ? {} : { orderable }),
    ...(sql === undefined ? {} : { column: false }),
  };
}
