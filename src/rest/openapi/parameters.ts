import type { ParameterObject, ReferenceObject } from '@nestjs/swagger';
import type { CollectionDefinition } from '../../query/collection-definition.js';
import { MAX_LIMIT } from '../../query/collection-query.js';
import { FILTER_OPERATORS } from '../../query/filter-parser.js';
import { filterablePaths } from '../../query/filter-plan.js';
import { includablePaths } from '../../query/include.js';
import { orderablePaths } from '../../query/order.js';
import { DEMO } from './demo-identifiers.js';
import { IDEMPOTENCY_KEY_HEADER, IDEMPOTENCY_KEY_PATTERN } from '../idempotency-key.js';
import { IDENTIFIER_PATTERN } from '../../query/identifier.js';

/** The parameter that every operation has. */
export const CORRELATION_PARAMETER = 'X-Correlation-ID';

/** The conditional headers of PUT and DELETE (docs/api.md, section 3). */
export const CONDITIONAL_HEADERS = ['If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'] as const;

/** The query parameters that are the same for every collection. */
export const PAGING_PARAMETERS = ['limit', 'continue', 'skip', 'count'] as const;

/**
 * Parameters that several operations share: `components.parameters`, as far as an operation uses them. The examples of
 * path parameters are the demo's, so that they work as they stand.
 */
const SHARED: Readonly<Record<string, ParameterObject>> = {
  account_id: pathParameter('account_id', 'ID of the containing account resource.', DEMO.accountID),
  cloud_id: pathParameter('cloud_id', 'ID of the cloud resource.'),
  app_id: pathParameter('app_id', 'ID of the app resource.', DEMO.appID),
  executionHook_id: pathParameter('executionHook_id', 'ID of the execution hook resource.', DEMO.hookID),
  executionHookOverride_id: pathParameter('executionHookOverride_id', 'ID of the execution hook override resource.'),
  hookSource_id: pathParameter('hookSource_id', 'ID of the hook source resource.', DEMO.hookSourceID),
  user_id: pathParameter('user_id', 'ID of the user resource.', DEMO.userID),
  roleBinding_id: pathParameter('roleBinding_id', 'ID of the role binding resource.'),
  token_id: pathParameter('token_id', 'ID of the token resource.'),
  [CORRELATION_PARAMETER]: {
    name: CORRELATION_PARAMETER,
    in: 'header',
    description:
      "The caller's own name for the request, which the answer and the service's log repeat. A value that is not well-formed is replaced.",
    schema: { type: 'string' },
  },
  'If-Match': conditional('If-Match', 'Entity tags of which the resource must have one, or `*`.'),
  'If-None-Match': conditional('If-None-Match', 'Entity tags of which the resource must have none, or `*`.'),
  'If-Modified-Since': conditional(
    'If-Modified-Since',
    'HTTP date after which the resource must have been modified. Not looked at beside `If-None-Match`.',
  ),
  'If-Unmodified-Since': conditional(
    'If-Unmodified-Since',
    'HTTP date after which the resource must not have been modified. Not looked at beside `If-Match`.',
  ),
  [IDEMPOTENCY_KEY_HEADER]: {
    name: IDEMPOTENCY_KEY_HEADER,
    in: 'header',
    description:
      "The caller's own name for this write, new for each, which makes it safe to repeat: for a day, the same request with the same key is answered as the first one was, and nothing is written again.",
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN },
  },
  limit: {
    name: 'limit',
    in: 'query',
    description:
      'The maximum number of items to return. When there are more, `metadata.continue` of the answer is the token for the next page. Without a limit, all items come.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT },
    example: 100,
  },
  continue: {
    name: 'continue',
    in: 'query',
    description:
      'The `metadata.continue` of the previous page, together with the same `filter` and `orderBy`. No item comes twice and none is skipped, whatever is written meanwhile.',
    schema: { type: 'string' },
  },
  skip: {
    name: 'skip',
    in: 'query',
    description: 'The number of items to skip at the start.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT },
  },
  count: {
    name: 'count',
    in: 'query',
    description: '`true`: `metadata.count` of the answer is how many items match the filter, whatever the page.',
    schema: { type: 'boolean' },
    example: true,
  },
};

/** The query parameters that depend on a collection's own fields, which are listed from what the service checks. */
export function fieldParameters(
  collection: CollectionDefinition,
  examples: { readonly include: string; readonly filter: string; readonly orderBy: string },
): ParameterObject[] {
  return [
    queryParameter(
      'include',
      `The fields to return, with commas between them. Each item is then an array of their values, in that order, with \`null\` for a field that the item lacks. Fields: ${listed(includablePaths(collection))}.`,
      examples.include,
    ),
    queryParameter(
      'filter',
      `Conditions that all items returned meet, each of the form \`field operator 'value'\`, with commas between them. A quote inside a value is doubled. Operators: ${listed(FILTER_OPERATORS)}; the value of \`in\` has commas between its alternatives. A field with \`[*]\` meets a condition when at least one member does. Fields: ${listed(filterablePaths(collection))}.`,
      examples.filter,
    ),
    queryParameter(
      'orderBy',
      `The field to sort by, followed by \` desc\` for the reverse order. Left out, items are sorted by \`${collection.defaultOrder}\`. Fields: ${listed(orderablePaths(collection))}.`,
      examples.orderBy,
    ),
  ];
}

/** The shared parameters of these names, for `components.parameters`. */
export function sharedParameters(names: ReadonlySet<string>): Record<string, ParameterObject> {
  return Object.fromEntries(Object.entries(SHARED).filter(([name]) => names.has(name)));
}

/** Whether a parameter of this name is a shared one. */
export function isShared(name: string): boolean {
  return Object.hasOwn(SHARED, name);
}

/** @throws Error when there is no shared parameter of this name */
export function parameterReference(name: string): ReferenceObject {
  if (!isShared(name)) throw new Error(`The parameter "${name}" is not described in src/openapi/parameters.ts.`);
  return { $ref: `#/components/parameters/${name}` };
}

function pathParameter(name: string, description: string, example?: string): ParameterObject {
  return {
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', format: 'uuid', pattern: IDENTIFIER_PATTERN },
    ...(example === undefined ? {} : { example }),
  };
}

function conditional(name: string, description: string): ParameterObject {
  return { name, in: 'header', description, schema: { type: 'string' } };
}

/** The example is the schema's: Swagger UI would send one of the parameter's with every request. */
function queryParameter(name: string, description: string, example: string): ParameterObject {
  return { name, in: 'query', required: false, description, schema: { type: 'string', examples: [example] } };
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
