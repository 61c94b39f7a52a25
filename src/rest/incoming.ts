import type { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller, callerOf } from '../access/caller.js';
import type { Queryable } from '../database/database.js';
import { QueryParametersNotSupported } from '../problems/catalogue.js';
import { notFound } from '../problems/not-found.js';
import type { Problem } from '../problems/problem.js';
import type { CollectionDefinition } from '../query/collection-definition.js';
import { type CollectionQuery, parseCollectionQuery } from '../query/collection-query.js';
import { negotiateAnswer } from './answer.js';
import { type IdempotencyKey, idempotencyKeyOf, requestDigest } from './idempotency-key.js';
import { readJsonBody, RequestAborted, requireJsonContentType } from './json-body.js';
import { Preconditions } from './preconditions.js';
import { type ResourceClass, resourceBody } from './resource-body.js';
import { cutSlowReader } from './slow-reader.js';

/** The longest that a body may take to arrive, in milliseconds: it is read whole, unlike an inventory. */
const BODY_TIMEOUT_MS = 60_000;

/** What a client has to take of an answer that holds what others wait for. */
const LEAST_RATE = { graceMs: 30_000, bytesPerSecond: 64 * 1024 };

/**
 * A request that the guard has let pass. What it says beyond its path is read by and by: the order of checks is token,
 * account, role, path, headers, query, body (docs/api.md, section 6), and a framework that parses the body first would
 * answer 400 where 404 is due.
 */
export class IncomingRequest {
  /** Who sends it, as they were when its headers came, or were last looked up by `permit`. */
  caller: Caller;
  private readonly request: FastifyRequest<{ Params: Record<string, string> }>;
  private key: string | undefined;
  private gone: AbortSignal | undefined;
  private readonly answered: ((isComplete: boolean) => void)[] = [];
  /** The body as it was sent. */
  private json: unknown;

  /** @throws TypeError on a public route, which has no caller */
  constructor(private readonly context: ExecutionContext) {
    this.request = context.switchToHttp().getRequest();
    const known = callerOf(this.request);
    if (known === undefined) throw new TypeError('The route is public: it has no caller.');
    this.caller = known.caller;
    this.permit = async (transaction) => (this.caller = await known.permit(transaction));
  }

  /**
   * Looks again who sends it and what they may do, in the transaction that writes.
   * @throws what the request would be answered if it came now
   */
  readonly permit: (transaction: Queryable) => Promise<Caller>;

  /** The identifier that a parameter of the path is. @throws TypeError where the path has none of the name */
  parameter(name: string): string {
    const value = this.request.params[name];
    if (value === undefined) throw new TypeError(`The route has no parameter ${name}.`);
    return value;
  }

  /** The same; undefined where the path has none of the name. */
  optionalParameter(name: string): string | undefined {
    return this.request.params[name];
  }

  /** The account of the path. */
  get accountId(): string {
    return this.parameter('account_id');
  }

  /** The 404 of the request's method (docs/api.md, section 6). */
  notFound(): Problem {
    return notFound(this.request.method);
  }

  /** The conditional headers. @throws InvalidHeaders */
  preconditions(): Preconditions {
    return new Preconditions(this.request.raw.headers);
  }

  /**
   * After what comes before it: the answer's media type can be served.
   * @throws NotAcceptable, QueryParametersNotSupported
   */
  requireNoQuery(): void {
    negotiateAnswer(this.context);
    requireNoQuery(this.request);
  }

  /**
   * The body as a checked instance of its class, after what comes before it: the answer's media type can be served
   * (a POST that cannot be answered writes nothing), its idempotency key is one, and the query string is empty.
   * @throws NotAcceptable, InvalidHeaders, QueryParametersNotSupported, PlainProblem 415 and 408, RequestBodyTooLarge,
   *   InvalidJsonPayload, SchemaViolation
   */
  async body<T extends object>(of: ResourceClass<T>): Promise<T> {
    const { raw, method, server } = this.request;
    if (method === 'POST') this.key = idempotencyKeyOf(raw.headers);
    this.requireNoQuery();
    const bytes = server.initialConfig.bodyLimit ?? 0;
    this.json = await readJsonBody(raw, { bytes, timeMs: BODY_TIMEOUT_MS });
    return resourceBody(of, this.json);
  }

  /**
   * The raw body, after what comes before it.
   * @throws NotAcceptable, QueryParametersNotSupported, PlainProblem 415
   */
  stream(): { readonly body: Readable; readonly contentEncoding: string | undefined } {
    this.requireNoQuery();
    const { raw } = this.request;
    requireJsonContentType(raw);
    return { body: raw, contentEncoding: raw.headers['content-encoding'] };
  }

  /**
   * Of a POST that a client may send again: its `Idempotency-Key`, and what it was used for. Not before `body()`, which
   * has checked the key already, in its place among the headers.
   */
  idempotencyKey(): IdempotencyKey | undefined {
    if (this.key === undefined) return undefined;
    return { key: this.key, requestDigest: requestDigest(this.request.url, this.json) };
  }

  /**
   * The query string of a list, checked against what the collection declares.
   *
   * @param scope identifiers that tell this collection from that of another account or app
   * @throws NotAcceptable, QueryParametersNotSupported, InvalidQueryParameters
   */
  query(definition: CollectionDefinition, scope: readonly string[]): CollectionQuery {
    negotiateAnswer(this.context);
    return parseCollectionQuery(definition, rawQuery(this.request), scope);
  }

  /** Aborted when the client goes away before the answer is complete. */
  get signal(): AbortSignal {
    this.gone ??= this.abortedWhenGone();
    return this.gone;
  }

  private abortedWhenGone(): AbortSignal {
    const controller = new AbortController();
    this.whenAnswered((isComplete) => {
      if (!isComplete) controller.abort(new RequestAborted());
    });
    return controller.signal;
  }

  /** Ends the connection of a client that takes the answer too slowly: less than 64 KiB a second after half a minute. */
  cutSlowReader(): void {
    cutSlowReader(this.context.switchToHttp().getResponse<FastifyReply>().raw, LEAST_RATE);
  }

  /** Calls back once, when the answer has gone out whole or its client has gone. */
  whenAnswered(done: (isComplete: boolean) => void): void {
    const response = this.context.switchToHttp().getResponse<FastifyReply>().raw;
    if (response.destroyed) {
      done(response.writableFinished);
      return;
    }
    this.answered.push(done);
    if (this.answered.length > 1) return;
    response.once('close', () => {
      for (const each of this.answered) each(response.writableFinished);
    });
  }
}

/** @throws QueryParametersNotSupported naming every parameter of the request */
function requireNoQuery(request: FastifyRequest): void {
  const query = rawQuery(request);
  if (query === '') return;
  const names = new Set(new URLSearchParams(query).keys());
  if (names.size === 0) return;
  throw new QueryParametersNotSupported(
    [...names].map((name) => ({ name: name.toWellFormed(), reason: 'is not a parameter of this endpoint' })),
  );
}

/** The query string as sent, without its `?`. */
function rawQuery(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark === -1 ? '' : url.slice(mark + 1);
}

/** Injects the {@link IncomingRequest} of a route that needs a token. */
export const Incoming = createParamDecorator((_data: undefined, context: ExecutionContext): IncomingRequest => {
  return new IncomingRequest(context);
});
