import {
  type ExampleObject,
  getSchemaPath,
  type HeadersObject,
  type ReferenceObject,
  type ResponseObject,
  type ResponsesObject,
} from '@nestjs/swagger';
import { PROBLEM_TYPE } from '../media-types.js';
import {
  CollectionNotFound,
  ExtendedValidationFailure,
  HookSourceReferenced,
  InternalServerError,
  InvalidBearerToken,
  InvalidHeaders,
  InvalidJsonPayload,
  InvalidQueryParameters,
  MissingBearerToken,
  NetappHookReadOnly,
  NotAcceptable,
  OperationNotPermitted,
  PlainProblem,
  PreconditionNotMet,
  PreloadedHookSourceReadOnly,
  QueryParametersNotSupported,
  RequestBodyTooLarge,
  ResourceConflict,
  ResourceNotFound,
  SchemaViolation,
  ServiceNotReady,
  ServiceUnavailable,
  UserNotEnabled,
} from '../../problems/catalogue.js';
import type { Problem } from '../../problems/problem.js';
import { renderProblem } from '../problem.filter.js';
import { headerReferences } from './headers.js';
import { ProblemDocument } from './problem-document.js';

/** The problems that operations answer with, each as a client would see it. */
const PROBLEMS = {
  InvalidQueryParameters: new InvalidQueryParameters([
    { name: 'limit', reason: 'expected an integer from 1 to 2147483647 in decimal digits, found "0"' },
  ]),
  QueryParametersNotSupported: new QueryParametersNotSupported([
    { name: 'color', reason: 'is not a parameter of this endpoint' },
  ]),
  InvalidJsonPayload: new InvalidJsonPayload({
    name: 'body',
    reason: 'byte 25: expected "," or "}", found "\\""',
  }),
  SchemaViolation: new SchemaViolation([
    { name: 'name', reason: 'is required' },
    { name: 'metadata.labels[2].value', reason: 'must be a string' },
  ]),
  ExtendedValidationFailure: new ExtendedValidationFailure([
    { name: 'matchingCriteria[0].value', reason: 'missing closing ): (payroll' },
  ]),
  InvalidHeaders: new InvalidHeaders(),
  MissingBearerToken: new MissingBearerToken(),
  InvalidBearerToken: new InvalidBearerToken(),
  OperationNotPermitted: new OperationNotPermitted(),
  UserNotEnabled: new UserNotEnabled(),
  PreloadedHookSourceReadOnly: new PreloadedHookSourceReadOnly(),
  HookSourceReferenced: new HookSourceReferenced(),
  NetappHookReadOnly: new NetappHookReadOnly(),
  ResourceNotFound: new ResourceNotFound(),
  CollectionNotFound: new CollectionNotFound(),
  NotAcceptable: new NotAcceptable(),
  ResourceConflict: new ResourceConflict([{ name: 'name', reason: 'is taken by another execution hook' }]),
  RequestUnderWay: new PlainProblem(409, 'A request with this Idempotency-Key is under way.'),
  PreconditionNotMet: new PreconditionNotMet(),
  RequestBodyTooLarge: new RequestBodyTooLarge(),
  UnsupportedMediaType: new PlainProblem(
    415,
    'The request body must be application/json or application/*+json in UTF-8.',
  ),
  TooManyRequests: new PlainProblem(429, 'Too many requests from this address had a bad token.', {
    'retry-after': '30',
  }),
  TooManyAtOnce: new PlainProblem(429, 'Too many requests of this kind are under way in the account.', {
    'retry-after': '1',
  }),
  InternalServerError: new InternalServerError(),
  ServiceUnavailable: new ServiceUnavailable(),
  ServiceNotReady: new ServiceNotReady(),
} satisfies Record<string, Problem>;

/** A problem that the document has an example of; the name is that of its class. */
export type ProblemName = keyof typeof PROBLEMS;

/** Reason phrases of RFC 9110. Node's own differ from one of its versions to the next. */
const PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The statuses that stand for the same problems wherever they are answered: one response, shared by all operations. */
const SHARED: Readonly<Record<number, readonly ProblemName[]>> = {
  401: ['MissingBearerToken', 'InvalidBearerToken'],
  406: ['NotAcceptable'],
  409: ['ResourceConflict'],
  412: ['PreconditionNotMet'],
  413: ['RequestBodyTooLarge'],
  415: ['UnsupportedMediaType'],
  429: ['TooManyRequests'],
  500: ['InternalServerError'],
  503: ['ServiceUnavailable', 'ServiceNotReady'],
};

/** What any operation with a token can answer. */
const ALWAYS: readonly ProblemName[] = [
  'MissingBearerToken',
  'InvalidBearerToken',
  'OperationNotPermitted',
  'UserNotEnabled',
  'TooManyRequests',
  'InternalServerError',
  'ServiceUnavailable',
  'ServiceNotReady',
];

/** The responses of an operation that needs a token: the problems given and those that every such operation has. */
export function problemResponses(names: readonly ProblemName[]): ResponsesObject {
  const responses: ResponsesObject = {};
  for (const [status, group] of byStatus(new Set([...ALWAYS, ...names]))) {
    const isShared = SHARED[status]?.length === group.length && SHARED[status].every((name) => group.includes(name));
    responses[status] = isShared
      ? { $ref: `#/components/responses/${componentName(status)}` }
      : response(status, group);
  }
  return responses;
}

/** `components.responses` and `components.examples` of the document. */
export function problemComponents(): {
  readonly responses: Record<string, ResponseObject>;
  readonly examples: Record<string, ExampleObject>;
} {
  return {
    responses: Object.fromEntries(
      Object.entries(SHARED).map(([status, names]) => [componentName(Number(status)), response(Number(status), names)]),
    ),
    examples: Object.fromEntries(
      Object.entries<Problem>(PROBLEMS).map(([name, problem]) => [
        name,
        { summary: shortly(problem), value: JSON.parse(renderProblem(problem, CORRELATION_ID)) as unknown },
      ]),
    ),
  };
}

const CORRELATION_ID = '2d1c5f3e-7f7e-4a52-8d3b-6d1c3a4b5c6d';

function byStatus(names: ReadonlySet<ProblemName>): Map<number, ProblemName[]> {
  const groups = new Map<number, ProblemName[]>();
  for (const name of names) {
    const { status } = PROBLEMS[name];
    groups.set(status, [...(groups.get(status) ?? []), name]);
  }
  return new Map([...groups].sort(([left], [right]) => left - right));
}

function response(status: number, names: readonly ProblemName[]): ResponseObject {
  const problems = names.map((name) => PROBLEMS[name]);
  return {
    description: `${PHRASES[status] ?? ''}: ${problems.map(shortly).join('; ')}.`,
    headers: headersOf(problems),
    content: {
      [PROBLEM_TYPE]: {
        schema: { $ref: getSchemaPath(ProblemDocument) },
        examples: Object.fromEntries(
          names.map((name): [string, ReferenceObject] => [name, { $ref: `#/components/examples/${name}` }]),
        ),
      },
    },
  };
}

function headersOf(problems: readonly Problem[]): HeadersObject {
  return headerReferences(['x-correlation-id', ...new Set(problems.flatMap(({ headers }) => Object.keys(headers)))]);
}

function shortly({ definition: { number, title } }: Problem): string {
  return number === undefined ? title : `problem ${number}, ${title}`;
}

function componentName(status: number): string {
  return (PHRASES[status] ?? '').replaceAll(' ', '');
}
