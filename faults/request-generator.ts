import type { ExampleObject, ParameterObject, ReferenceObject, RequestBodyObject } from '@nestjs/swagger';
import type { Conformance, Operation } from '../test/support/conformance.js';
import type { Sent } from './http-client.js';
import type { Random } from './random.js';

/** A request to a documented operation. */
export interface GeneratedRequest extends Sent {
  readonly method: string;
  readonly path: string;
}

/** Identifiers of resources that exist, by what the document calls the path parameter. */
export interface KnownResources {
  /** One of them, or undefined when there is none. */
  any(parameter: string): string | undefined;
}

/** The part of JSON Schema that the document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
}

/** Which path parameter a field of a body refers to. */
const REFERENCES: Readonly<Record<string, string>> = {
  hookSourceID: 'hookSource_id',
  appID: 'app_id',
  executionHookID: 'netappHook_id',
  userID: 'user_id',
  accountID: 'account_id',
};

const STRANGE_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udc00\ud800',
  '\u{1f512}',
  '\u202e',
  '\ufeff',
  "'",
  "''; DROP TABLE accounts; --",
  '%00',
  '../../etc/passwd',
  '${jndi:ldap://x}',
  '<script>',
  '\\',
  '(',
  '(a{1000}){1000}',
  '\\p{Greek}',
  'null',
  'true',
  '1e999',
  'x'.repeat(64),
  'x'.repeat(100_000),
  '\u{1f512}'.repeat(512),
  'AAAA',
  '2022-10-06T20:58:16.305662Z',
  '0000-00-00T00:00:00Z',
  'infinity',
  '00000000-0000-0000-0000-000000000000',
  'deadbeef-0000-4000-8000-000000000000',
];
const STRANGE_VALUES = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e300,
  [],
  {},
  [[]],
  [null],
  { length: 1 },
  { $ref: '#' },
];
const STRANGE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  'x',
  'name\0',
  '\ud800',
  'id',
  'metadata',
];
const ACCEPTS = [
  '*/*',
  'application/json',
  'application/*',
  'text/html',
  'application/problem+json',
  'application/json;q=0',
  'application/json;q=0.1, */*;q=0.01',
  ',,,',
  'a'.repeat(2_000),
];
const CONTENT_TYPES = [
  'application/merge-patch+json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  ';',
];
const ENTITY_TAGS = ['*', '"x"', 'W/"x"', 'x', '"', '"a", "b"', '"d41d8cd98f00b204e9800998ecf8427e"', ','];
const DATES = ['Sun, 06 Nov 1994 08:49:37 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT', 'yesterday', '0', '', '-1'];

/** How deep a made-up value is nested at most. */
const DEEPEST = 4;

/** Makes requests out of an OpenAPI document: some as documented, most of them wrong in one way or several. */
export class RequestGenerator {
  constructor(
    private readonly conformance: Conformance,
    private readonly random: Random,
    private readonly known: KnownResources,
    private readonly token: string,
  ) {}

  /** @param about the operation; any one when left out */
  next(about: Operation): GeneratedRequest {
    const { method } = about;
    const path = this.path(about) + this.query(about);
    const headers = this.headers(about);
    const body = method === 'post' || method === 'put' || this.random.chance(0.05) ? this.body(about) : undefined;
    const contentType = this.random.chance(0.05) ? { 'content-type': this.random.pick(CONTENT_TYPES) } : {};
    return { method: method.toUpperCase(), path, headers: { ...headers, ...contentType }, ...(body && { body }) };
  }

  private path({ path }: Operation): string {
    return path.replace(/\{(\w+)\}/g, (_match, name: string) => {
      const known = this.random.chance(0.98) ? this.known.any(name) : undefined;
      // An empty part would be another path.
      return known ?? (encodeURIComponent(this.strangeText().toWellFormed().slice(0, 500)) || 'x');
    });
  }

  private query({ operation }: Operation): string {
    const documented = (operation.parameters ?? [])
      .map((each: ParameterObject | ReferenceObject) => this.conformance.resolve<ParameterObject>(each))
      .filter((parameter) => parameter.in === 'query');
    const pairs: string[] = [];
    for (const parameter of documented) {
      if (!this.random.chance(0.25)) continue;
      pairs.push(`${parameter.name}=${encodeURIComponent(this.queryValue(parameter).toWellFormed())}`);
    }
    if (this.random.chance(0.03)) pairs.push(this.random.pick(['color=red', 'limit', '=', '%', '%ff=%ff', '[]=1']));
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  }

  private queryValue({ name, description = '', schema, example }: ParameterObject): string {
    if (this.random.chance(0.1)) return this.strangeText().slice(0, 2_000);
    const fields = [...description.matchAll(/`([\w.[\]*]+)`/g)].map(([, field = '']) => field);
    switch (name) {
      case 'include':
        return Array.from({ length: this.random.integer(1, 4) }, () => this.random.pick(fields)).join(',');
      case 'orderBy':
        return this.random.pick(fields) + this.random.pick(['', ' desc', ' asc']);
      case 'filter': {
        const conditions = Array.from({ length: this.random.integer(1, 3) }, () => {
          const operator = this.random.pick(['eq', 'lt', 'gt', 'lte', 'gte', 'in', 'like']);
          const value = this.random.chance(0.3)
            ? this.strangeText().slice(0, 500)
            : this.random.pick([
                'snapshot',
                'true',
                'a,b',
                this.known.any('app_id') ?? '',
                '2022-10-06T20:58:16Z',
                '1',
              ]);
          return `${this.random.pick(fields)} ${operator} '${value}'`;
        });
        return conditions.join(',');
      }
      case 'limit':
        return this.random.pick(['1', '2', '50', '2147483647', '0', '-1', '1.5', '2147483648', '٣']);
      case 'skip':
        return this.random.pick(['1', '3', '2147483647', '0', 'x']);
      case 'count':
        return this.random.pick(['true', 'false', 'TRUE', '1']);
      case 'continue':
        return this.random.pick([
          this.known.any('continue') ?? '',
          'x',
          'eyJ9',
          Buffer.from('[1]').toString('base64url'),
        ]);
      default:
        return String(example ?? this.value((schema ?? {}) as Schema, 0));
    }
  }

  private headers({ operation }: Operation): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.random.chance(0.97)) headers.authorization = `Bearer ${this.token}`;
    else if (this.random.chance(0.5))
      headers.authorization = this.random.pick(['Bearer x', 'Basic eDp4', 'Bearer', '']);
    if (this.random.chance(0.2)) {
      const own = Object.values(operation.responses).flatMap((response) =>
        Object.keys(this.conformance.resolve<{ content?: object }>(response as ReferenceObject).content ?? {}),
      );
      headers.accept = this.random.pick([...own, ...ACCEPTS]);
    }
    if (this.random.chance(0.05)) headers['if-match'] = this.random.pick(ENTITY_TAGS);
    if (this.random.chance(0.05)) headers['if-none-match'] = this.random.pick(ENTITY_TAGS);
    if (this.random.chance(0.05)) headers['if-modified-since'] = this.random.pick(DATES);
    if (this.random.chance(0.05)) headers['if-unmodified-since'] = this.random.pick(DATES);
    if (this.random.chance(0.05)) headers['x-correlation-id'] = this.random.pick(['abc', '{}', 'x'.repeat(500), '"']);
    if (this.random.chance(0.02)) headers['content-encoding'] = this.random.pick(['gzip', 'br', 'identity', 'x']);
    if (this.random.chance(0.02)) headers.expect = this.random.pick(['100-continue', 'x']);
    return headers;
  }

  private body({ operation }: Operation): string | Buffer {
    const { requestBody } = operation;
    if (requestBody === undefined) return '{}';
    const [media] = Object.values(this.conformance.resolve<RequestBodyObject>(requestBody).content);
    const examples = Object.values(media?.examples ?? {}).map(
      (example) => this.conformance.resolve<ExampleObject>(example).value as unknown,
    );
    let value: unknown =
      examples.length > 0 && this.random.chance(0.6)
        ? structuredClone(this.random.pick(examples))
        : this.value((media?.schema ?? {}) as Schema, 0);
    value = this.withReferences(value);
    if (this.random.chance(0.5)) {
      for (let changes = this.random.integer(1, 3); changes > 0; changes--) value = this.changed(value);
    }
    const text = JSON.stringify(value);
    if (!this.random.chance(0.05)) return text;
    const bytes = Buffer.from(text);
    const at = this.random.integer(0, bytes.length);
    return this.random.pick<string | Buffer>([
      bytes.subarray(0, at),
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0x80]), bytes.subarray(at)]),
      `${text}${text}`,
      '[]',
      'null',
      '\ufeff' + text,
      `{"a":1,${text.slice(1)}`,
      '['.repeat(20_000),
    ]);
  }

  /** Fields that refer to a resource refer to one that exists; names are new. */
  private withReferences(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries<unknown>({ ...value }).map(([key, member]): [string, unknown] => {
      const parameter = REFERENCES[key];
      if (parameter !== undefined && this.random.chance(0.9)) return [key, this.known.any(parameter) ?? member];
      if (key === 'name' && this.random.chance(0.9)) return [key, `name-${this.random.integer(1, 1_000_000)}`];
      if (key === 'email' && this.random.chance(0.9)) return [key, `u${this.random.integer(1, 1_000_000)}@x.example`];
      return [key, member];
    });
    return Object.fromEntries(entries);
  }

  /** The value with one member, somewhere, taken away, added or exchanged. */
  private changed(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || this.random.chance(0.02)) return this.strangeValue();
    const entries: [string, unknown][] = Object.entries(value);
    const at = this.random.integer(0, Math.max(0, entries.length - 1));
    const [key, member] = entries[at] ?? ['x', undefined];
    const choice = this.random.fraction();
    if (choice < 0.15) entries.splice(at, 1);
    else if (choice < 0.3) entries.push([this.random.pick(STRANGE_KEYS), this.strangeValue()]);
    else if (choice < 0.6 && typeof member === 'object') entries[at] = [key, this.changed(member)];
    else entries[at] = [key, this.strangeValue()];
    return Array.isArray(value) ? entries.map(([, each]) => each) : fromEntries(entries);
  }

  private strangeValue(): unknown {
    return this.random.chance(0.6) ? this.strangeText() : this.random.pick(STRANGE_VALUES);
  }

  private strangeText(): string {
    if (this.random.chance(0.8)) return this.random.pick(STRANGE_TEXTS);
    return String.fromCodePoint(...Array.from({ length: this.random.integer(1, 20) }, () => this.codePoint()));
  }

  private codePoint(): number {
    return this.random.chance(0.5) ? this.random.integer(0, 0x7f) : this.random.integer(0, 0x10ffff);
  }

  /** A value that a schema describes, more or less: patterns are left to the examples. */
  private value(schema: Schema, depth: number): unknown {
    if (schema.$ref !== undefined) {
      return this.value(this.conformance.resolve<Schema>({ $ref: schema.$ref }), depth);
    }
    if (schema.example !== undefined && this.random.chance(0.4)) return structuredClone(schema.example);
    if (schema.examples !== undefined) return structuredClone(this.random.pick(schema.examples));
    if (schema.enum !== undefined) return this.random.pick(schema.enum);
    if (schema.anyOf !== undefined) return this.value(this.random.pick(schema.anyOf), depth);
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['string']);
    switch (this.random.pick(types)) {
      case 'null':
        return null;
      case 'boolean':
        return this.random.chance(0.5);
      case 'integer':
      case 'number':
        return this.random.integer(0, 1_000);
      case 'array':
        return this.array(schema, depth);
      case 'object':
        return this.object(schema, depth);
      default:
        return this.text(schema);
    }
  }

  private array({ items = {}, maxItems = 4 }: Schema, depth: number): unknown[] {
    const length = depth > DEEPEST ? 0 : this.random.integer(0, Math.min(maxItems, 4));
    return Array.from({ length }, () => this.value(items, depth + 1));
  }

  private object({ properties = {}, required = [], additionalProperties }: Schema, depth: number): object {
    const named = Object.entries(properties).filter(
      ([name]) => required.includes(name) || (depth <= DEEPEST && this.random.chance(0.5)),
    );
    const others: [string, unknown][] =
      typeof additionalProperties === 'object' ? [['app', this.value(additionalProperties, depth + 1)]] : [];
    return fromEntries([
      ...named.map(([name, schema]): [string, unknown] => [name, this.value(schema, depth + 1)]),
      ...others,
    ]);
  }

  private text({ minLength = 0, maxLength = 40, format }: Schema): string {
    if (format === 'uuid') return this.known.any('app_id') ?? '00000000-0000-0000-0000-000000000000';
    if (format === 'date-time') return '2030-01-01T00:00:00Z';
    const length = this.random.pick([minLength, maxLength, this.random.integer(minLength, Math.min(maxLength, 200))]);
    return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(Math.min(length, 2_000) / 26)).slice(0, length);
  }
}

/** Unlike `Object.fromEntries`, it makes `__proto__` a member like any other one when it is written as JSON. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const made = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}
