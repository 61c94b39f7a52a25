import { applyDecorators, HttpCode } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiQuery,
  type ContentObject,
  getSchemaPath,
  type OperationObject,
  type ParameterObject,
  type ResponsesObject,
} from '@nestjs/swagger';
import { Answers } from '../answer.js';
import { IDEMPOTENCY_KEY_HEADER, REPLAYED_HEADER } from '../idempotency-key.js';
import { JSON_TYPE } from '../media-types.js';
import type { ResourceClass } from '../resource-body.js';
import type { DocumentedItems, DocumentedResource, Examples } from './documented-resource.js';
import { headerReferences } from './headers.js';
import { listClass } from './list-class.js';
import { CONDITIONAL_HEADERS, fieldParameters, PAGING_PARAMETERS } from './parameters.js';
import { type ProblemName, problemResponses } from './problem-responses.js';

/**
 * One decorator a kind of operation. Each says what the handler answers with (status and media type) and documents the
 * whole operation: parameters, bodies, headers, examples, problems. A handler needs beside it its route and `@Requires`.
 */

/** POST to a collection: 201, the new resource. */
export function Creates(resource: DocumentedResource): MethodDecorator {
  const { noun, mediaType, create } = resource;
  const answer = create.answer ?? resource.resource;
  return applyDecorators(
    Answers(mediaType),
    Documented({
      operationId: operationId('create', resource),
      summary: `Create a new ${noun}${forOwner(resource)}`,
      description: sentences(`Creates ${one(resource)} with the values of the request body.`, create.note),
      models: [create.body, answer],
      parameters: [{ name: IDEMPOTENCY_KEY_HEADER, in: 'header' }],
      requestBody: { description: `The ${noun} to create.`, required: true, content: bodyOf(mediaType, create) },
      responses: {
        201: {
          description: `The new ${noun}.`,
          headers: headerReferences(['x-correlation-id', 'etag', 'last-modified', 'location', REPLAYED_HEADER]),
          content: content([JSON_TYPE, `${mediaType}+json`], answer, create.answers),
        },
      },
      problems: [
        'QueryParametersNotSupported',
        ...BODY_PROBLEMS,
        'InvalidHeaders',
        'CollectionNotFound',
        'NotAcceptable',
        'ResourceConflict',
        'RequestUnderWay',
        ...(create.problems ?? []),
      ],
    }),
  );
}

/** Of a collection that is always answered as JSON, whatever `Accept` says. */
export const WithAnyAccept = 'with any Accept';

/** GET of a collection: 200, its envelope. */
export function Lists(items: DocumentedItems, answered?: typeof WithAnyAccept): MethodDecorator {
  const { noun, collection } = items;
  const list = listClass(items);
  return applyDecorators(
    ...(answered === WithAnyAccept ? [] : [Answers(collection.type)]),
    Documented({
      operationId: operationId('list', items, 's'),
      summary: items.within === undefined ? `List all ${noun}s` : `List the ${noun}s${forOwner(items)}`,
      description:
        'Returns all matching resources of the collection. When `include` asks for certain fields, each item is an array of the values of these fields, in that order.',
      models: [items.resource, list],
      parameters: [
        ...fieldParameters(collection, items.query),
        ...PAGING_PARAMETERS.map((name): ParameterObject => ({ name, in: 'query' })),
      ],
      responses: {
        200: {
          description: `The matching ${noun}s.`,
          headers: headerReferences(['x-correlation-id', ...(items.headers ?? [])]),
          content: content(
            answered === WithAnyAccept ? [JSON_TYPE] : [JSON_TYPE, `${collection.type}+json`],
            list,
            items.lists,
          ),
        },
      },
      problems: [
        'InvalidQueryParameters',
        'QueryParametersNotSupported',
        'CollectionNotFound',
        ...(answered === WithAnyAccept ? [] : (['NotAcceptable'] as const)),
        'TooManyAtOnce',
      ],
    }),
  );
}

/** GET of one resource: 200, the resource. */
export function Gets(resource: DocumentedItems & Pick<DocumentedResource, 'mediaType' | 'get'>): MethodDecorator {
  const { noun, mediaType, get } = resource;
  return applyDecorators(
    Answers(mediaType),
    Documented({
      operationId: operationId('get', resource),
      summary: `Retrieve ${one(resource)}${forOwner(resource)}`,
      description: sentences(`Returns the stored ${noun}.`, get.note),
      models: [resource.resource],
      responses: {
        200: {
          description: `The ${noun}.`,
          headers: headerReferences(['x-correlation-id', 'etag', 'last-modified']),
          content: content([JSON_TYPE, `${mediaType}+json`], resource.resource, get.answers),
        },
      },
      problems: ['QueryParametersNotSupported', 'CollectionNotFound', 'NotAcceptable'],
    }),
  );
}

/** PUT of one resource: 204. @throws TypeError when the resource has no `replace` */
export function Replaces(resource: DocumentedResource): MethodDecorator {
  const { noun, mediaType, replace } = resource;
  if (replace === undefined) throw new TypeError(`${resource.term} has no replace to document.`);
  return applyDecorators(
    HttpCode(204),
    Documented({
      operationId: operationId('replace', resource),
      summary: `Modify ${one(resource)}${forOwner(resource)}`,
      description: sentences(
        `Replaces what the request body has of the stored ${noun}, and keeps what it leaves out. A body as \`GET\` answers it can be sent back as it is: what the service sets is ignored.`,
        CONDITIONS,
        replace.note,
      ),
      models: [replace.body],
      parameters: CONDITIONAL_HEADERS.map((name): ParameterObject => ({ name, in: 'header' })),
      requestBody: { description: 'What to replace.', required: true, content: bodyOf(mediaType, replace) },
      responses: { 204: { description: `The ${noun} was modified.`, headers: headerReferences(['x-correlation-id']) } },
      problems: [
        'QueryParametersNotSupported',
        ...BODY_PROBLEMS,
        'InvalidHeaders',
        'ResourceNotFound',
        'ResourceConflict',
        'PreconditionNotMet',
        ...(replace.problems ?? []),
      ],
    }),
  );
}

/** DELETE of one resource: 204. */
export function Deletes(resource: DocumentedResource): MethodDecorator {
  const { noun } = resource;
  return applyDecorators(
    HttpCode(204),
    Documented({
      operationId: operationId('delete', resource),
      summary: `Delete ${one(resource)}${forOwner(resource)}`,
      description: sentences(`Removes the ${noun}.`, CONDITIONS, resource.delete.note),
      parameters: CONDITIONAL_HEADERS.map((name): ParameterObject => ({ name, in: 'header' })),
      responses: { 204: { description: `The ${noun} was deleted.`, headers: headerReferences(['x-correlation-id']) } },
      problems: [
        'QueryParametersNotSupported',
        'InvalidHeaders',
        'ResourceNotFound',
        'PreconditionNotMet',
        ...(resource.delete.problems ?? []),
      ],
    }),
  );
}

/** What can be wrong with the body of a request that has one. */
export const BODY_PROBLEMS: readonly ProblemName[] = [
  'InvalidJsonPayload',
  'SchemaViolation',
  'RequestBodyTooLarge',
  'UnsupportedMediaType',
];

/** An operation that is of none of the kinds above. */
export interface OperationDocument {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  /** The classes that the bodies' schemas refer to. */
  readonly models?: readonly ResourceClass<object>[];
  /** Query and header parameters. Of one that is in `parameters.ts`, name and place are enough. */
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: NonNullable<OperationObject['requestBody']>;
  /** The successes. */
  readonly responses: ResponsesObject;
  /** Problems beyond those that every operation has. */
  readonly problems: readonly ProblemName[];
}

/** Documents one operation. Path parameters and who may call need not be said: `document.ts` adds them. */
export function Documented(operation: OperationDocument): MethodDecorator {
  const { models = [], parameters = [], responses, problems, ...rest } = operation;
  return applyDecorators(
    ApiOperation({ ...rest, responses: { ...responses, ...problemResponses(problems) } }),
    ApiExtraModels(...models),
    ...parameters.map((parameter) =>
      parameter.in === 'header' ? ApiHeader(parameter) : ApiQuery({ required: false, ...parameter }),
    ),
  );
}

/** The same body in several media types. */
export function content(mediaTypes: readonly string[], of: ResourceClass<object>, examples: Examples): ContentObject {
  return Object.fromEntries(
    mediaTypes.map((mediaType) => [mediaType, { schema: { $ref: getSchemaPath(of) }, examples }]),
  );
}

const CONDITIONS = 'With conditional headers, nothing is changed unless they hold; without them, the last writer wins.';

function bodyOf(
  mediaType: string,
  { body, examples }: { readonly body: ResourceClass<object>; readonly examples: Examples },
): ContentObject {
  return content([JSON_TYPE, `${mediaType}+json`], body, examples);
}

/** `createExecutionHook`, `listAppExecutionHooks` */
function operationId(verb: string, { term, within }: DocumentedItems, plural = ''): string {
  return `${verb}${capitalised(within ?? '')}${capitalised(term)}${plural}`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function one({ article, noun }: DocumentedItems): string {
  return `${article} ${noun}`;
}

function forOwner({ within }: DocumentedItems): string {
  return within === undefined ? '' : OWNERS[within];
}

const OWNERS = { app: ' for an app', user: ' for a user', cloud: ' for a cloud' } as const;

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}
