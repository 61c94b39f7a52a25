import type { ExampleObject } from '@nestjs/swagger';
import type { CollectionDefinition } from '../../query/collection-definition.js';
import type { Declarations } from '../declaration.js';
import type { Resource } from '../resource.js';
import type { ResourceClass } from '../resource-body.js';
import type { ProblemName } from './problem-responses.js';

/** Examples by name. Swagger UI fills in the first one. */
export type Examples = Readonly<Record<string, ExampleObject>>;

/** What the document calls the items of a collection, and whose they are. */
export interface DocumentedItems {
  /** The API's own word, `executionHook`: operation ids and schema names are made of it. */
  readonly term: string;
  /** The same in a sentence, `execution hook`. */
  readonly noun: string;
  readonly article: 'a' | 'an';
  /** The resource that the collection belongs to, where that is not the account itself. */
  readonly within?: 'app' | 'user' | 'cloud';
  /** The class of one item as responses show it. */
  readonly resource: ResourceClass<object>;
  readonly collection: CollectionDefinition;
  /** An example of each query parameter that depends on the collection's fields. */
  readonly query: { readonly include: string; readonly filter: string; readonly orderBy: string };
  /** Headers of a list's answer beyond those of every list. */
  readonly headers?: readonly string[];
  /** What a list answers. */
  readonly lists: Examples;
}

/**
 * All that the document says of one resource beyond its declaration. With it, the decorators of `operations.ts` document
 * each operation in one line.
 */
export interface DocumentedResource extends DocumentedItems {
  /** The media type of one resource, without `+json`. */
  readonly mediaType: string;
  readonly create: DocumentedCreation & { readonly body: ResourceClass<object> };
  readonly get: { readonly answers: Examples; readonly note?: string };
  /** Left out where the resource cannot be modified. */
  readonly replace?: DocumentedReplacement & { readonly body: ResourceClass<object> };
  readonly delete: { readonly note?: string; readonly problems?: OwnProblems };
}

interface DocumentedCreation {
  /** Bodies of requests. */
  readonly examples: Examples;
  /** The class of the answer, where that is not the resource's own. */
  readonly answer?: ResourceClass<object>;
  /** What the request answers. */
  readonly answers: Examples;
  readonly note?: string;
  readonly problems?: OwnProblems;
}

interface DocumentedReplacement {
  readonly examples: Examples;
  readonly note?: string;
  readonly problems?: OwnProblems;
}

/** The problems that an operation can answer with beyond those of every operation of its kind. */
export type OwnProblems = readonly ProblemName[];

/** What is said of a resource beside its declaration. */
export interface ResourceWords
  extends Pick<DocumentedItems, 'within' | 'query'>, Pick<DocumentedResource, 'get' | 'delete'> {
  readonly create: DocumentedCreation;
  readonly replace?: DocumentedReplacement;
  /** What lists are said to hold, and in which words: `Hook sources`. */
  readonly listed: { readonly summary: string; readonly items: readonly Readonly<Record<string, unknown>>[] };
}

/** The `metadata` of every example. */
export const EXAMPLE_METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

/** Adds to the words what the declaration says already. */
export function documented<D extends Declarations>(of: Resource<D>, words: ResourceWords): DocumentedResource {
  const { create, replace, listed, query, ...rest } = words;
  const [mediaType] = (of.fields.type?.field.schema as { readonly enum: readonly string[] }).enum;
  const { type, version } = of.collection;
  const list = (items: readonly unknown[]): object => ({ type, version, items, metadata: EXAMPLE_METADATA });
  const included = query.include.split(',');
  return {
    ...rest,
    query,
    term: of.term,
    noun: of.noun,
    article: of.article,
    mediaType: mediaType ?? '',
    resource: of.Shown,
    collection: of.collection,
    create: { ...create, body: of.Create },
    ...(replace === undefined ? {} : { replace: { ...replace, body: of.Update } }),
    lists: {
      resources: { summary: listed.summary, value: list(listed.items) },
      fields: {
        summary: `Only some fields: include=${query.include}`,
        value: list(listed.items.map((item) => included.map((field) => item[field]))),
      },
    },
  };
}
