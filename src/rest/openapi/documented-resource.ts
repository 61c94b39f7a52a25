import type { ExampleObject } from '@nestjs/swagger';
import type { CollectionDefinition } from '../../query/collection-definition.js';
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
  readonly within?: 'app' | 'user';
  /** The class of one item as responses show it. */
  readonly resource: ResourceClass<object>;
  readonly collection: CollectionDefinition;
  /** An example of each query parameter that depends on the collection's fields. */
  readonly query: { readonly include: string; readonly filter: string; readonly orderBy: string };
  /** What a list answers. */
  readonly lists: Examples;
}

/**
 * All that the document says of one resource beyond its classes and its collection. With it, the decorators of
 * `operations.ts` document each operation in one line.
 */
export interface DocumentedResource extends DocumentedItems {
  /** The media type of one resource, without `+json`. */
  readonly mediaType: string;
  readonly create: {
    readonly body: ResourceClass<object>;
    /** Bodies of requests. */
    readonly examples: Examples;
    /** The class of the answer, where that is not `resource`. */
    readonly answer?: ResourceClass<object>;
    /** What the request answers. */
    readonly answers: Examples;
    readonly note?: string;
    readonly problems?: OwnProblems;
  };
  readonly get: {
    readonly answers: Examples;
    readonly note?: string;
  };
  /** Left out where the resource cannot be modified. */
  readonly replace?: {
    readonly body: ResourceClass<object>;
    readonly examples: Examples;
    readonly note?: string;
    readonly problems?: OwnProblems;
  };
  readonly delete: {
    readonly note?: string;
    readonly problems?: OwnProblems;
  };
}

/** The problems that an operation can answer with beyond those of every operation of its kind. */
export type OwnProblems = readonly ProblemName[];
