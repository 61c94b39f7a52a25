import { expect } from '@jest/globals';
import type { Response } from 'supertest';

/** The table of docs/api.md, section 6, by number. */
const PROBLEMS: Readonly<Record<number, { readonly status: number; readonly title: string; readonly detail: string }>> =
  {
    1: {
      status: 404,
      title: 'Resource not found',
      detail: "The resource specified in the request URI wasn't found.",
    },
    2: {
      status: 404,
      title: 'Collection not found',
      detail: "The collection specified in the request URI wasn't found.",
    },
    3: {
      status: 401,
      title: 'Missing bearer token',
      detail: 'The request is missing the required bearer token.',
    },
    4: {
      status: 401,
      title: 'Invalid bearer token',
      detail: "The bearer token provided is invalid, revoked, or doesn't exist.",
    },
    5: { status: 400, title: 'Invalid query parameters', detail: 'The supplied query parameters are invalid.' },
    6: {
      status: 400,
      title: 'Query parameters not supported',
      detail: "The supplied query parameters aren't supported for this endpoint.",
    },
    7: { status: 400, title: 'Invalid JSON payload', detail: 'The request body is not valid JSON.' },
    8: {
      status: 400,
      title: 'Invalid JSON resource',
      detail: "The request body JSON doesn't conform to the schema.",
    },
    9: {
      status: 400,
      title: 'Invalid JSON resource',
      detail: "The request body JSON didn't pass extended validation.",
    },
    10: {
      status: 409,
      title: 'JSON resource conflict',
      detail: 'The request body JSON contains a field that conflicts with an idempotent value.',
    },
    11: { status: 403, title: 'Operation not permitted', detail: "The requested operation isn't permitted." },
    12: { status: 400, title: 'Invalid headers', detail: 'The request headers are invalid.' },
    14: { status: 403, title: 'Unauthorized access', detail: "The user isn't enabled." },
    24: { status: 503, title: 'Service unavailable', detail: 'The service is unavailable.' },
    32: {
      status: 406,
      title: 'Unsupported content type',
      detail: "The response can't be returned in the requested format.",
    },
    34: {
      status: 500,
      title: 'Internal server error',
      detail: 'The server was unable to process this request.',
    },
    38: { status: 412, title: 'Precondition not met', detail: "The conditional headers aren't satisfied." },
    41: {
      status: 503,
      title: 'Service not ready',
      detail: "Currently, the service can't respond to this request.",
    },
    69: {
      status: 405,
      title: 'Method not supported',
      detail: "The requested method isn't supported for the specified resource.",
    },
    71: {
      status: 403,
      title: 'Preloaded hook sources read only',
      detail:
        "The hook source resource wasn't created, edited, or deleted. Hook source resources with a preloaded value of true are read only.",
    },
    72: {
      status: 403,
      title: 'Hook source referenced by execution hook',
      detail: "The hook source resource wasn't deleted because it is referenced by an execution hook resource.",
    },
    73: {
      status: 403,
      title: 'NetApp execution hooks read only',
      detail:
        "The execution hook resource wasn't created, edited, or deleted. Execution hook resources with a hookType of NetApp are read only.",
    },
    85: { status: 413, title: 'Request body too large', detail: 'The request body is too large.' },
  };

/** What of an answer a problem is judged by; supertest's `Response` and what a raw connection got both have it. */
export type ProblemAnswer = Pick<Response, 'status' | 'text' | 'headers'>;

/** One member of `invalidFields` or `invalidParams`. */
export interface Invalid {
  readonly name: string;
  readonly reason: string;
}

interface ProblemBody {
  readonly invalidFields?: readonly Invalid[];
  readonly invalidParams?: readonly Invalid[];
}

/**
 * Expects an answer to be problem `number` of the catalogue to the letter, with exactly these `invalidFields`, by name
 * and in any order; none at all when they are left out.
 */
export function expectProblem(answer: ProblemAnswer, number: number, fields: readonly string[] = []): void {
  const definition = PROBLEMS[number];
  if (definition === undefined) throw new Error(`The API has no problem ${number}.`);
  const { status, ...texts } = definition;
  expectProblemBody(answer, { ...texts, type: `https://astra.netapp.io/problems/${number}`, status });
  const names = invalidFields(answer).map(({ name }) => name);
  // Problem 7 says what cannot be read, and where, when that is known.
  if (number === 7 && fields.length === 0) expect(names.length).toBeLessThanOrEqual(1);
  else expect(names.sort()).toEqual([...fields].sort());
  // Problem 8 says the same once more, for clients that look there (docs/api.md, section 6).
  expect('schemaValidationFailure' in (JSON.parse(answer.text) as object)).toBe(number === 8);
}

/** Expects a problem that the catalogue has no number for: `about:blank` with the phrase of its status. */
export function expectPlainProblem(answer: ProblemAnswer, status: number, title: string): void {
  expectProblemBody(answer, { type: 'about:blank', title, status });
}

/** `invalidFields` of a problem. */
export function invalidFields({ text }: ProblemAnswer): readonly Invalid[] {
  return (JSON.parse(text) as ProblemBody).invalidFields ?? [];
}

/** `invalidParams` of a problem. */
export function invalidParams({ text }: ProblemAnswer): readonly Invalid[] {
  return (JSON.parse(text) as ProblemBody).invalidParams ?? [];
}

function expectProblemBody(
  { status, text, headers }: ProblemAnswer,
  { status: expected, ...members }: { readonly status: number; readonly title: string; readonly type: string },
): void {
  const sent = headers as Readonly<Record<string, string>>;
  // The body first: where the status is unexpected, it says why.
  expect(JSON.parse(text)).toMatchObject({ ...members, status: String(expected) });
  expect(status).toBe(expected);
  expect(sent['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
  expect(sent['x-correlation-id']).toMatch(/./);
  expect(JSON.parse(text)).toMatchObject({ correlationID: sent['x-correlation-id'] });
}
