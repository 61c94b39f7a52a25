import {
  Allow,
  getMetadataStorage,
  IsOptional,
  registerDecorator,
  validateSync,
  type ValidationArguments,
} from 'class-validator';
import { isIdentifier } from '../query/identifier.js';
import { SchemaViolation } from '../problems/catalogue.js';
import type { InvalidField } from '../problems/problem.js';
import { MAX_INVALID_FIELDS, unstorableFields } from './storable-text.js';

/** A class whose decorated fields say what a resource may look like. */
export type ResourceClass<T extends object> = new () => T;

interface NestedField {
  readonly of: () => ResourceClass<object>;
  readonly isArray: boolean;
}

const nestedFields = new WeakMap<object, Map<string, NestedField>>();

/** Marks a field as an object of a class with fields of its own. */
export function Nested(of: () => ResourceClass<object>): PropertyDecorator {
  const object = rule('object', 'must be an object', isObject);
  return (prototype, field) => {
    nest({ of, isArray: false }, prototype, String(field));
    object(prototype, field);
  };
}

/** Marks a field as an array of `min` to `max` objects of a class with fields of their own. */
export function NestedItems(of: () => ResourceClass<object>, min: number, max: number): PropertyDecorator {
  const items = Items(min, max);
  return (prototype, field) => {
    nest({ of, isArray: true }, prototype, String(field));
    items(prototype, field);
  };
}

function nest(nested: NestedField, prototype: object, field: string): void {
  const fields = nestedFields.get(prototype) ?? new Map<string, NestedField>();
  nestedFields.set(prototype, fields.set(field, nested));
}

/** Marks a field that may be left out (or be null, which is the same). */
export function Optional(): PropertyDecorator {
  return IsOptional();
}

/** Marks a field that a client may send and that the service computes itself: accepted whatever it holds, and ignored. */
export function Ignored(): PropertyDecorator {
  return Allow();
}

/** A text of `min` to `max` Unicode code points (docs/api.md, section 2: lengths count code points). */
export function Text(min: number, max: number): PropertyDecorator {
  const reason =
    max === Infinity
      ? `must be a string of at least ${min} characters`
      : `must be a string of ${min} to ${max} characters`;
  return rule('text', reason, isTextOf(min, max));
}

/** The check behind {@link Text}, for the items of arrays. */
export function isTextOf(min: number, max: number): (value: unknown) => boolean {
  return (value) => {
    if (typeof value !== 'string') return false;
    // A text of n UTF-16 units has between n/2 and n code points: only the doubtful ones are counted.
    if (value.length < min || value.length > 2 * max) return false;
    const length = value.length <= max && value.length >= 2 * min ? value.length : countCodePoints(value);
    return length >= min && length <= max;
  };
}

/** An array of `min` to `max` items. */
export function Items(min: number, max: number): PropertyDecorator {
  return rule(
    'items',
    max === Infinity ? 'must be an array' : `must be an array of ${min} to ${max} items`,
    (value) => Array.isArray(value) && value.length >= min && value.length <= max,
  );
}

/** One of a fixed list of texts. */
export function OneOf(values: readonly string[]): PropertyDecorator {
  const reason = values.length === 1 ? `must be ${quoted(values)}` : `must be one of ${quoted(values)}`;
  return rule('oneOf', reason, (value) => typeof value === 'string' && values.includes(value));
}

/** A field that holds an identifier of the API. */
export function IsIdentifier(): PropertyDecorator {
  return rule(
    'identifier',
    'must be an identifier: UUID version 4 or 5, lower case',
    (value) => typeof value === 'string' && isIdentifier(value),
  );
}

/** Any rule of one field, with the reason that a client is told; it may look at the resource's other fields. */
export function rule(
  name: string,
  reason: string,
  holds: (value: unknown, resource: object) => boolean,
): PropertyDecorator {
  return (prototype, field) => {
    registerDecorator({
      name,
      target: prototype.constructor,
      propertyName: String(field),
      options: { message: reason },
      validator: { validate: (value: unknown, { object }: ValidationArguments) => holds(value, object) },
    });
  };
}

/** Any rule of each item of an array; each offending item is named by its index. */
export function EachItem(reason: string, holds: (value: unknown) => boolean): PropertyDecorator {
  return (prototype, field) => {
    const name = String(field);
    const items = itemRules.get(prototype) ?? new Map<string, ItemRule>();
    itemRules.set(prototype, items.set(name, { reason, holds }));
  };
}

interface ItemRule {
  readonly reason: string;
  readonly holds: (value: unknown) => boolean;
}

const itemRules = new WeakMap<object, Map<string, ItemRule>>();

/**
 * Turns a parsed JSON body into an instance of a resource class and checks every rule of it. An explicit `null` is
 * the same as leaving the field out (docs/api.md, section 2).
 *
 * @throws SchemaViolation with every offending field, those included that hold what cannot be stored; nested ones by
 *   path (`matchingCriteria[2].type`)
 */
export function resourceBody<T extends object>(of: ResourceClass<T>, body: unknown): T {
  if (!isObject(body)) throw new SchemaViolation([{ name: 'body', reason: 'must be a JSON object' }]);
  const invalid = new InvalidFields(unstorableFields(body));
  const resource = instantiate(of, body, '', invalid);
  if (invalid.fields.length > 0) throw new SchemaViolation(invalid.fields);
  return resource as T;
}

/** What is wrong so far: one reason a field, and no more fields than one answer lists. */
class InvalidFields {
  private readonly reasons: Map<string, string>;

  constructor(fields: readonly InvalidField[]) {
    this.reasons = new Map(fields.map(({ name, reason }) => [name, reason]));
  }

  add(name: string, reason: string): void {
    if (!this.isFull && !this.reasons.has(name)) this.reasons.set(name, reason);
  }

  get isFull(): boolean {
    return this.reasons.size >= MAX_INVALID_FIELDS;
  }

  get fields(): InvalidField[] {
    return Array.from(this.reasons, ([name, reason]) => ({ name, reason }));
  }
}

function instantiate(of: ResourceClass<object>, body: object, path: string, invalid: InvalidFields): object {
  const resource = new of() as Record<string, unknown>;
  const known = fieldsOf(of);
  const nameOf = (field: string): string => (path === '' ? field : `${path}.${field}`);
  for (const [field, value] of Object.entries(body) as [string, unknown][]) {
    if (!known.has(field)) invalid.add(nameOf(field), 'is not a field of this resource');
    else if (value !== null) resource[field] = convert(of, field, value, nameOf(field), invalid);
  }
  for (const error of validateSync(resource, { forbidUnknownValues: false, stopAtFirstError: true })) {
    const [reason = 'is invalid'] = Object.values(error.constraints ?? {});
    invalid.add(nameOf(error.property), error.value === undefined ? 'is required' : reason);
  }
  return resource;
}

function convert(
  of: ResourceClass<object>,
  field: string,
  value: unknown,
  name: string,
  invalid: InvalidFields,
): unknown {
  const prototype = of.prototype as object;
  const nested = inherited(nestedFields, prototype, field);
  if (nested?.isArray === true && Array.isArray(value)) {
    return value.map((item: unknown, index) => {
      // Once there is no room for another reason, the rest need not be looked at.
      if (invalid.isFull) return item;
      if (isObject(item)) return instantiate(nested.of(), item, `${name}[${index}]`, invalid);
      invalid.add(`${name}[${index}]`, 'must be an object');
      return item;
    });
  }
  if (nested?.isArray === false && isObject(value)) return instantiate(nested.of(), value, name, invalid);
  const itemRule = inherited(itemRules, prototype, field);
  if (itemRule !== undefined && Array.isArray(value)) {
    value.forEach((item: unknown, index) => {
      if (!itemRule.holds(item)) invalid.add(`${name}[${index}]`, itemRule.reason);
    });
  }
  return value;
}

/** The rule of a field, from the class itself or the nearest one it extends. */
function inherited<V>(rules: WeakMap<object, Map<string, V>>, prototype: object | null, field: string): V | undefined {
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = rules.get(at)?.get(field);
    if (found !== undefined) return found;
  }
  return undefined;
}

const knownFields = new WeakMap<ResourceClass<object>, ReadonlySet<string>>();

function fieldsOf(of: ResourceClass<object>): ReadonlySet<string> {
  let fields = knownFields.get(of);
  if (fields === undefined) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
    fields = new Set(metadata.map(({ propertyName }) => propertyName));
    knownFields.set(of, fields);
  }
  return fields;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countCodePoints(text: string): number {
  return Array.from(text).length;
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ');
}
