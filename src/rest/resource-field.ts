import 'reflect-metadata';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions, ApiSchema } from '@nestjs/swagger';
import { IDENTIFIER_PATTERN } from '../query/identifier.js';
import {
  EachItem,
  Ignored,
  IsIdentifier,
  isTextOf,
  Items,
  Nested,
  NestedItems,
  OneOf,
  Optional,
  type ResourceClass,
  rule,
  Text,
} from './resource-body.js';

/**
 * A field of a resource, stated once for the classes that have it (create, update, response): what the OpenAPI
 * document says of it, and the rules that a request's value is held to. Bounds are stated once for both.
 */
export interface ResourceField {
  /** Without `required` and `nullable`: these are each class's own business. */
  readonly schema: FieldSchema;
  readonly rules: readonly PropertyDecorator[];
}

/** The schemas that can be required or not as a whole, which leaves out those of objects without a class. */
export type FieldSchema = Extract<ApiPropertyOptions, { required?: boolean }>;

/** What a field's author says of it in words. */
export interface FieldText {
  readonly description: string;
  readonly example?: unknown;
}

/**
 * Documents a class all of whose fields are decorated: an object with any other field is refused, as `resourceBody`
 * does.
 */
export function ClosedSchema(description: string): ClassDecorator {
  const options = { description, additionalProperties: false };
  return ApiSchema(options);
}

/** A field with the value that leaving it out stands for. */
export function withDefault({ schema, rules }: ResourceField, value: string): ResourceField {
  return { schema: { ...schema, default: value }, rules };
}

/** A field that a request must have. */
export function RequiredField({ schema, rules }: ResourceField): PropertyDecorator {
  return applyDecorators(ApiProperty({ ...schema, required: true }), ...rules);
}

/** A field that a request may leave out; `null` is the same as leaving it out (docs/api.md, section 2). */
export function OptionalField({ schema, rules }: ResourceField): PropertyDecorator {
  return applyDecorators(ApiProperty({ ...schema, required: false, nullable: true }), Optional(), ...rules);
}

/** A field that a request may have because the response has it: accepted whatever it holds, and ignored. */
export function IgnoredField(): PropertyDecorator {
  // The document is made from the type of a property, which a class that is made by a function has not said.
  return applyDecorators(Reflect.metadata('design:type', Object), ApiProperty(IGNORED), Ignored());
}

/**
 * Nest takes a property of unknown type for an object, unless its schema is a combination: of one here, that allows
 * anything.
 */
const IGNORED: ApiPropertyOptions = { required: false, allOf: [{ $ref: '#/components/schemas/Ignored' }] };

/** The schema of every field with {@link IgnoredField}. */
export const IGNORED_SCHEMA = { description: 'Set by the service: accepted whatever it holds, and ignored.' };

/** A field that every response has. */
export function ReturnedField({ schema }: ResourceField): PropertyDecorator {
  return ApiProperty({ ...schema, required: true });
}

/** A field that a response has when there is a value for it; never null. */
export function ReturnedWhenSet({ schema }: ResourceField): PropertyDecorator {
  return ApiProperty({ ...schema, required: false });
}

/** A text of `min` to `max` Unicode code points. */
export function textField(min: number, max: number, text: FieldText): ResourceField {
  return { schema: { type: 'string', ...lengths(min, max), ...text }, rules: [Text(min, max)] };
}

/** One of a fixed list of texts. With a name, the list becomes a schema of its own that all its users share. */
export function oneOfField(values: readonly string[], text: FieldText & { readonly enumName?: string }): ResourceField {
  return { schema: { type: 'string', enum: [...values], ...text }, rules: [OneOf(values)] };
}

/** A whole number within bounds. */
export function integerField(min: number, max: number, text: FieldText): ResourceField {
  return {
    schema: { type: 'integer', minimum: min, maximum: max, ...text },
    rules: [
      rule(
        'integer',
        `must be a whole number from ${min} to ${max}`,
        (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
      ),
    ],
  };
}

/** An identifier of the API (docs/api.md, section 2). */
export function identifierField(text: FieldText): ResourceField {
  return {
    schema: { type: 'string', format: 'uuid', pattern: IDENTIFIER_PATTERN, ...text },
    rules: [IsIdentifier()],
  };
}

/** An array of at most `maxItems` texts of `min` to `max` code points; each text that is not is named by its index. */
export function textsField(maxItems: number, min: number, max: number, text: FieldText): ResourceField {
  const reason =
    max === Infinity
      ? `must be a string of at least ${min} characters`
      : `must be a string of ${min} to ${max} characters`;
  return {
    schema: { type: 'array', items: { type: 'string', ...lengths(min, max) }, ...atMost(maxItems), ...text },
    rules: [Items(0, maxItems), EachItem(reason, isTextOf(min, max))],
  };
}

/** An object of a class with fields of its own. */
export function objectField(of: () => ResourceClass<object>, text: FieldText): ResourceField {
  return { schema: { type: () => of(), ...text }, rules: [Nested(of)] };
}

/** An array of at most `maxItems` objects of a class with fields of their own. */
export function objectsField(of: () => ResourceClass<object>, maxItems: number, text: FieldText): ResourceField {
  return {
    schema: { type: () => of(), isArray: true, ...atMost(maxItems), ...text },
    rules: [NestedItems(of, 0, maxItems)],
  };
}

/** A timestamp of the API's form (docs/api.md, section 3), which only responses have. */
export function timestampField(description: string): ResourceField {
  return {
    schema: {
      type: 'string',
      format: 'date-time',
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$',
      description: `${description} UTC, with six fractional digits.`,
      example: '2022-10-06T20:58:16.305662Z',
    },
    rules: [],
  };
}

function lengths(min: number, max: number): { minLength?: number; maxLength?: number } {
  return { ...(min > 0 ? { minLength: min } : {}), ...(max < Infinity ? { maxLength: max } : {}) };
}

function atMost(maxItems: number): { maxItems?: number } {
  return maxItems < Infinity ? { maxItems } : {};
}
