import { ApiSchema } from '@nestjs/swagger';
import type { CollectionDefinition } from '../query/collection-definition.js';
import type { Field } from '../query/field.js';
import { metadataFields } from '../query/metadata-fields.js';
import { resourceJson } from '../query/resource-json.js';
import { type Declarations, type Declared, isWritten, creatable } from './declaration.js';
import { type Label, Metadata, MetadataUpdate } from './metadata.js';
import type { ResourceClass } from './resource-body.js';
import {
  ClosedSchema,
  IgnoredField,
  objectField,
  OptionalField,
  RequiredField,
  ReturnedField,
  ReturnedWhenSet,
} from './resource-field.js';

/** What a resource is, stated once: its table, its fields, its words. */
export interface ResourceDefinition<D extends Declarations> {
  /** The API's own word, `executionHook`: classes, operations and statements are named after it. */
  readonly term: string;
  /** The same in a sentence. */
  readonly noun: string;
  readonly article: 'a' | 'an';
  readonly table: string;
  /** The table in every SQL expression. */
  readonly alias: string;
  /** The columns of the table's key before `id`, each named as the parameter of the path that decides it. */
  readonly keys: readonly string[];
  /** The parameter of the path that names one resource. */
  readonly idParameter: string;
  readonly collection: Pick<CollectionDefinition, 'type' | 'version' | 'batchRows' | 'completedFrom'>;
  readonly fields: D;
  /** What the OpenAPI document says of the bodies of POST and PUT, and of the resource. */
  readonly words: { readonly create: string; readonly update: string; readonly resource: string };
}

type OptionsOf<F> = F extends Declared<unknown, infer O> ? O : never;
type SettingOf<F> = OptionsOf<F>['set'];
type ValueOf<F> = F extends { readonly value?: infer T } ? Exclude<T, undefined> : never;
type IsWritten<F> =
  OptionsOf<F> extends { readonly key: true }
    ? false
    : OptionsOf<F> extends { readonly column: string }
      ? SettingOf<F> extends 'echoed' | 'shown'
        ? false
        : true
      : false;

type IsAlwaysShown<F> = OptionsOf<F> extends { readonly nullable: true } | { readonly whenSet: true } ? false : true;

/** The body of a POST. */
export type CreateBody<D extends Declarations> = {
  -readonly [K in keyof D as SettingOf<D[K]> extends 'always' | 'required' | 'fixed' ? K : never]: ValueOf<D[K]>;
} & {
  -readonly [K in keyof D as SettingOf<D[K]> extends 'optional' ? K : never]?: ValueOf<D[K]>;
} & { metadata?: MetadataUpdate };

/** The body of a PUT: what it leaves out is kept. */
export type UpdateBody<D extends Declarations> = {
  -readonly [K in keyof D as SettingOf<D[K]> extends 'always' ? K : never]: ValueOf<D[K]>;
} & {
  -readonly [
    K in keyof D as SettingOf<D[K]> extends 'required' | 'fixed' | 'optional' | 'echoed' ? K : never
  ]?: ValueOf<D[K]>;
} & { metadata?: MetadataUpdate };

/** What responses show of a resource. */
export type ShownBody<D extends Declarations> = {
  -readonly [K in keyof D as IsAlwaysShown<D[K]> extends true ? K : never]: ValueOf<D[K]>;
} & {
  -readonly [K in keyof D as IsAlwaysShown<D[K]> extends true ? never : K]?: ValueOf<D[K]>;
} & { metadata: Metadata };

/** What is stored of a resource: all that INSERT and UPDATE write, by the names of the API. */
export type Values<D extends Declarations> = {
  readonly [K in keyof D as IsWritten<D[K]> extends true ? K : never]: OptionsOf<D[K]> extends {
    readonly nullable: true;
  }
    ? ValueOf<D[K]> | null
    : ValueOf<D[K]>;
} & { readonly labels: readonly Label[] };

/** A resource with all that is made from its definition. */
export interface Resource<D extends Declarations = Declarations> extends ResourceDefinition<D> {
  /** The body of a POST. */
  readonly Create: ResourceClass<CreateBody<D>>;
  /** The body of a PUT. */
  readonly Update: ResourceClass<UpdateBody<D>>;
  /** What responses show. */
  readonly Shown: ResourceClass<object>;
  readonly collection: CollectionDefinition;
  /** The SQL expression, of type text and over the alias, of the resource's JSON. */
  readonly json: string;
  /** The part of it that the entity tag is made of (docs/api.md, section 3). */
  readonly taggedJson: string;
}

/** Makes the classes of a resource's bodies and its collection from what is declared of its fields. */
export function resource<const D extends Declarations>(definition: ResourceDefinition<D>): Resource<D> {
  const { term, alias, table, fields, words } = definition;
  const name = `${term.charAt(0).toUpperCase()}${term.slice(1)}`;
  const entries = Object.entries<Declared>(fields);
  const collection: CollectionDefinition = {
    from: { table, alias },
    fields: readFields(entries, alias),
    defaultOrder: 'metadata.creationTimestamp',
    key: ['id'],
    ...definition.collection,
  };
  const tagged = entries.filter(([, { options }]) => options.volatile !== true);
  const json = resourceJson(collection);
  return {
    ...definition,
    Create: createClass<CreateBody<D>>(`Create${name}`, words.create, entries),
    Update: updateClass<UpdateBody<D>>(`Update${name}`, words.update, entries),
    Shown: shownClass(name, words.resource, entries),
    collection,
    json,
    taggedJson: tagged.length === entries.length ? json : resourceJson({ fields: readFields(tagged, alias) }),
  };
}

/** The names of the fields that INSERT and UPDATE write. */
export function writtenFields({ fields }: Pick<Resource, 'fields'>): [name: string, declared: Declared][] {
  return Object.entries(fields).filter(([, declared]) => isWritten(declared));
}

/** What a POST stores: the values of its body, and the defaults of what it leaves out. */
export function initialValues<D extends Declarations>(of: Resource<D>, body: CreateBody<D>): Values<D> {
  return valuesFrom(of, body, ({ options }) => options.default ?? null, []);
}

/** What a PUT stores: the values of its body, and what is stored of what it leaves out. */
export function mergedValues<D extends Declarations>(
  of: Resource<D>,
  body: UpdateBody<D>,
  stored: Values<D>,
): Values<D> {
  return valuesFrom(of, body, (_, name) => (stored as Readonly<Record<string, unknown>>)[name], stored.labels);
}

function valuesFrom<D extends Declarations>(
  of: Resource<D>,
  body: { readonly metadata?: MetadataUpdate },
  otherwise: (declared: Declared, name: string) => unknown,
  labels: readonly Label[],
): Values<D> {
  const sent = body as Readonly<Record<string, unknown>>;
  const values = writtenFields(of).map(([name, declared]): [string, unknown] => [
    name,
    // What the service derives is never taken from a body, which may have it as the response showed it.
    (declared.options.set === 'derived' ? undefined : sent[name]) ?? otherwise(declared, name),
  ]);
  return { ...Object.fromEntries(values), labels: body.metadata?.labels ?? labels } as unknown as Values<D>;
}

function readFields(entries: readonly [string, Declared][], alias: string): Record<string, Field> {
  const fields = entries.flatMap(([name, { options, read }]) => {
    const sql = options.sql ?? `${alias}.${options.column ?? ''}`;
    return Object.entries(read(sql)).map(([suffix, field]): [string, Field] => [`${name}${suffix}`, field]);
  });
  return { ...Object.fromEntries(fields), ...metadataFields(alias) };
}

const METADATA_UPDATE = objectField(() => MetadataUpdate, {
  description: 'Metadata, of which only the labels can be set.',
});
const METADATA = objectField(() => Metadata, { description: 'Metadata of the resource.' });

type Decorated = [name: string, decorate: PropertyDecorator | undefined];

function createClass<T extends object>(
  name: string,
  words: string,
  entries: readonly [string, Declared][],
): ResourceClass<T> {
  const decorated = entries.map(([field, declared]): Decorated => {
    const { set, create } = declared.options;
    if (set === 'always' || set === 'required' || set === 'fixed') return [field, RequiredField(creatable(declared))];
    return [field, set === 'optional' || create !== undefined ? OptionalField(creatable(declared)) : undefined];
  });
  return bodyClass(name, ClosedSchema(words), [...decorated, ['metadata', OptionalField(METADATA_UPDATE)]]);
}

function updateClass<T extends object>(
  name: string,
  words: string,
  entries: readonly [string, Declared][],
): ResourceClass<T> {
  const decorated = entries.map(([field, declared]): Decorated => {
    const { set } = declared.options;
    if (set === 'derived' || set === 'shown') return [field, IgnoredField()];
    return [field, set === 'always' ? RequiredField(declared.field) : OptionalField(declared.field)];
  });
  return bodyClass(name, ClosedSchema(words), [...decorated, ['metadata', OptionalField(METADATA_UPDATE)]]);
}

function shownClass(name: string, words: string, entries: readonly [string, Declared][]): ResourceClass<object> {
  const decorated = entries.map(([field, { field: schema, options }]): Decorated => {
    const isOptional = options.nullable === true || options.whenSet === true;
    return [field, isOptional ? ReturnedWhenSet(schema) : ReturnedField(schema)];
  });
  return bodyClass(name, ApiSchema({ description: words }), [...decorated, ['metadata', ReturnedField(METADATA)]]);
}

/** A class without code of its own, whose fields are those that are decorated. */
function bodyClass<T extends object>(
  name: string,
  schema: ClassDecorator,
  fields: readonly Decorated[],
): ResourceClass<T> {
  const made = {
    [name]: class {
      metadata?: Metadata | MetadataUpdate;
    },
  }[name] as unknown as ResourceClass<T>;
  schema(made);
  for (const [field, decorate] of fields) decorate?.(made.prototype as object, field);
  return made;
}
