import type { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CollectionDefinition } from '../query/collection-definition.js';
import { type CollectionQuery, parseCollectionQuery } from '../query/collection-query.js';
import { QueryParametersNotSupported } from '../problems/catalogue.js';
import { negotiateAnswer } from './answer.js';
import { type IdempotencyKey, idempotencyKeyOf, requestDigest } from './idempotency-key.js';
import { readJsonBody, requireJsonContentType } from './json-body.js';
import { Preconditions } from './preconditions.js';
import { resourceBody } from './resource-body.js';

/**
 * What a request says beyond its path, read by a service only once the path is known to exist: the contract fixes
 * the order of checks as token, account, role, path, headers, query, body (section 6), and a framework that parses
 * the body first would answer 400 where 404 is due.
 */
export interface Incoming<Body extends object> {
  /** The conditional headers. @throws InvalidHeaders */
  preconditions(): Preconditions;
  /**
   * The body as a checked instance of its class, after what comes before it: the answer's media type can be served
   * (a POST that cannot be answered writes nothing), its idempotency key is one, and the query string is empty.
   * @throws NotAcceptable, InvalidHeaders, QueryParametersNotSupported, PlainProblem 415 and 408, RequestBodyTooLarge,
   *   InvalidJsonPayload, SchemaViolation
   */
  body(): Promise<Body>;
  /**
   * Of a POST that a client may send again: its `Idempotency-Key`, and what it was used for. Not before `body()`, which
   * has checked the key already, in its place among the headers.
   */
  idempotencyKey(): IdempotencyKey | undefined;
}

/** A request that has no body and takes no query parameters; DELETE and GET may carry a body, which is ignored. */
export interface IncomingWithoutBody {
  preconditions(): Preconditions;
  /**
   * After what comes before it: the answer's media type can be served.
   * @throws NotAcceptable, QueryParametersNotSupported
   */
  requireNoQuery(): void;
}

/** A request for a collection. */
export interface IncomingList {
  /**
   * The query string, checked against what the collection declares.
   *
   * @param scope identifiers of the path: what tells this collection from that of another account or app
   * @throws NotAcceptable, QueryParametersNotSupported, InvalidQueryParameters
   */
  query(definition: CollectionDefinition, scope: readonly string[]): CollectionQuery;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
}

/** A request whose JSON body is read as a stream. */
export interface IncomingStream {
  /**
   * The raw body, after what comes before it.
   * @throws NotAcceptable, QueryParametersNotSupported, PlainProblem 415
   */
  stream(): { readonly body: Readable; readonly contentEncoding: string | undefined };
}

/** The longest that a body may take to arrive, in milliseconds: it is read whole, unlike an inventory. */
const BODY_TIMEOUT_MS = 60_000;

class IncomingRequest<Body extends object> implements Incoming<Body>, IncomingWithoutBody, IncomingStream {
  private readonly request: FastifyRequest;
  private key: string | undefined;
  /** The body as it was sent. */
  private json: unknown;

  constructor(
    private readonly context: ExecutionContext,
    private readonly bodyClass: (new () => Body) | undefined,
  ) {
    this.request = context.switchToHttp().getRequest<FastifyRequest>();
  }

  preconditions(): Preconditions {
    return new Preconditions(this.request.raw.headers);
  }

  requireNoQuery(): void {
    negotiateAnswer(this.context);
    requireNoQuery(this.request);
  }

  stream(): { readonly body: Readable; readonly contentEncoding: string | undefined } {
    this.requireNoQuery();
    const { raw } = this.request;
    requireJsonContentType(raw);
    return { body: raw, contentEncoding: raw.headers['content-encoding'] };
  }

  async body(): Promise<Body> {
    if (this.bodyClass === undefined) throw new TypeError('The route declares no body class.');
    const { raw, method, server } = this.request;
    if (method === 'POST') this.key = idempotencyKeyOf(raw.headers);
    this.requireNoQuery();
    const bytes = server.initialConfig.bodyLimit ?? 0;
    this.json = await readJsonBody(raw, { bytes, timeMs: BODY_TIMEOUT_MS });
    return resourceBody(this.bodyClass, this.json);
  }

  idempotencyKey(): IdempotencyKey | undefined {
    if (this.key === undefined) return undefined;
    return { key: this.key, requestDigest: requestDigest(this.request.url, this.json) };
  }
}

class IncomingListRequest implements IncomingList {
  constructor(private readonly context: ExecutionContext) {}

  query(definition: CollectionDefinition, scope: readonly string[]): CollectionQuery {
    negotiateAnswer(this.context);
    return parseCollectionQuery(definition, rawQuery(this.context.switchToHttp().getRequest<FastifyRequest>()), scope);
  }

  get signal(): AbortSignal {
    const controller = new AbortController();
    const response = this.context.switchToHttp().getResponse<FastifyReply>().raw;
    response.once('close', () => {
      if (!response.writableFinished) controller.abort();
    });
    return controller.signal;
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

/** Injects the {@link Incoming} of a route whose body is of the given class. */
export const ReadsBody = createParamDecorator<new () => object>((bodyClass, context: ExecutionContext) => {
  return new IncomingRequest(context, bodyClass);
});

/** Injects the {@link IncomingWithoutBody} of a route. */
export const ReadsHeaders = createParamDecorator((_data: undefined, context: ExecutionContext) => {
  return new IncomingRequest(context, undefined);
});

/** Injects the {@link IncomingStream} of a route that reads its body piece by piece. */
export const ReadsStream = createParamDecorator((_data: undefined, context: ExecutionContext): IncomingStream => {
  return new IncomingRequest(context, undefined);
});

/** Injects the {@link IncomingList} of a collection route. */
export const ReadsList = createParamDecorator((_data: undefined, context: ExecutionContext): IncomingList => {
  return new IncomingListRequest(context);
});
