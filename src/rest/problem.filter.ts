import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestAborted } from './json-body.js';
import { PROBLEM_TYPE } from './media-types.js';
import { notFound } from '../problems/not-found.js';
import {
  InternalServerError,
  InvalidHeaders,
  InvalidJsonPayload,
  PlainProblem,
  RequestBodyTooLarge,
} from '../problems/catalogue.js';
import { postgresProblem } from '../database/postgres-problem.js';
import { Problem } from '../problems/problem.js';

/**
 * Renders every error as a problem (docs/api.md, section 6): the catalogue's own, Postgres' by their code, Nest's and
 * Fastify's by their status, and anything else as 500. What a client must not see goes to the log instead, under the
 * same correlation id.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter<unknown> {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = toProblem(error, request.method);
    logProblem(problem, error, request);
    if (reply.sent || reply.raw.headersSent) {
      // Too late for an answer: an abrupt end is the only way to tell the client that this one is incomplete.
      reply.raw.destroy();
      return;
    }
    // Headers of the success that did not come about, set before it failed.
    for (const header of ['etag', 'last-modified', 'location']) reply.removeHeader(header);
    void reply.status(problem.status).headers(problem.headers).header('content-type', PROBLEM_TYPE);
    void reply.send(Buffer.from(renderProblem(problem, request.id)));
  }
}

/** The body of a problem response. Its keys are in the published order. */
export function renderProblem(problem: Problem, correlationID: string): string {
  const { title, detail } = problem.definition;
  return JSON.stringify({
    type: problem.type,
    title,
    detail,
    status: String(problem.status),
    correlationID,
    ...problem.members,
  });
}

/** The problem that answers an error, of whatever origin, of a request with this method. */
export function toProblem(error: unknown, method: string): Problem {
  if (error instanceof Problem) return error;
  const database = postgresProblem(error);
  if (database !== undefined) return database;
  // The client is gone; this is what the log shows.
  if (error instanceof RequestAborted) return new PlainProblem(400, 'The request was aborted.', {}, { cause: error });
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  return status === undefined || status >= 500
    ? new InternalServerError({ cause: error })
    : problemOfStatus(status, error, method);
}

/** Fastify's own errors carry a `statusCode` beside a code of theirs (`FST_ERR_…`). */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined;
  return typeof error.statusCode === 'number' && String(error.code).startsWith('FST_') ? error.statusCode : undefined;
}

function problemOfStatus(status: number, cause: unknown, method: string): Problem {
  switch (status) {
    case 400:
      return cause instanceof SyntaxError
        ? new InvalidJsonPayload(undefined, { cause })
        : new InvalidHeaders({ cause });
    // A path that leads out of the files of the documentation, or one outside of the base path, where no route is.
    case 403:
    case 404:
      return notFound(method);
    case 413:
      return new RequestBodyTooLarge();
    default:
      return new PlainProblem(status, 'The request cannot be served.', {}, { cause });
  }
}

function logProblem(problem: Problem, error: unknown, request: FastifyRequest): void {
  if (problem.status >= 500) {
    request.log.error({ err: error, problem: problem.name }, 'request failed');
  } else if (problem.cause !== undefined) {
    request.log.debug({ err: problem.cause, problem: problem.name }, 'request refused');
  }
}
