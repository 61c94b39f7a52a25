import type { Readable } from 'node:stream';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  StreamableFile,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { ChunkStream } from './chunk-stream.js';
import { httpDate } from './http-date.js';
import { REPLAYED_HEADER } from './idempotency-key.js';
import { JSON_TYPE, negotiate } from './media-types.js';
import type { Validators } from './preconditions.js';
import { PublicUrl } from './public-url.js';

/** The JSON text of an answer. */
type Body = string | Readable;

/** A single resource: its whole JSON text and the validators of what is stored of it (docs/api.md, section 3). */
export class ResourceAnswer<Json extends Body = Body> {
  constructor(
    readonly json: Json,
    readonly validators: Validators,
  ) {}
}

/** A resource that was made by the request; `path` is its own path, from which `Location` is built. */
export class CreatedAnswer<Json extends Body = Body> extends ResourceAnswer<Json> {
  constructor(
    json: Json,
    validators: Validators,
    readonly path: string,
  ) {
    super(json, validators);
  }

  /** The same answer with another body. */
  with(json: Body): CreatedAnswer {
    return new CreatedAnswer(json, this.validators, this.path);
  }
}

/**
 * The answer to a POST that was sent before with the same `Idempotency-Key`: that to the first, as far as it is kept.
 */
export class ReplayedAnswer<Json extends Body = Body> extends CreatedAnswer<Json> {
  override with(json: Body): ReplayedAnswer {
    return new ReplayedAnswer(json, this.validators, this.path);
  }
}

/** A collection, or a document without a stored form of its own: JSON without validators, or with an `ETag` alone. */
export class JsonAnswer {
  constructor(
    readonly json: Body,
    readonly entityTag?: string,
  ) {}
}

type Answer = ResourceAnswer | CreatedAnswer | JsonAnswer;

const MEDIA_TYPE = 'answer:media-type';

/**
 * Declares the media type of a route's answer, without `+json`: the resource's (`application/astra-executionHook`) or
 * the collection's (`application/astra-executionHooks`). Routes that answer 204, or JSON whatever is asked, declare none.
 */
export const Answers = (mediaType: string): MethodDecorator => SetMetadata(MEDIA_TYPE, mediaType);

/**
 * The `Content-Type` of the answer to this request, or undefined where the route declares no media type.
 * @throws NotAcceptable
 */
export function negotiateAnswer(context: ExecutionContext): string | undefined {
  const own: unknown = Reflect.getMetadata(MEDIA_TYPE, context.getHandler());
  if (typeof own !== 'string') return undefined;
  return negotiate(context.switchToHttp().getRequest<FastifyRequest>().headers.accept, own);
}

/** Turns what a controller returns into headers and a body: the one place that writes a success. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  constructor(private readonly publicUrl: PublicUrl) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    return next.handle().pipe(map((answer) => (isAnswer(answer) ? this.write(answer, context) : answer)));
  }

  private write(answer: Answer, context: ExecutionContext): Buffer | StreamableFile {
    const http = context.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { json } = answer;
    // A route that declares no media type answers any Accept.
    const mediaType = negotiateAnswer(context) ?? JSON_TYPE;
    void reply.header('content-type', mediaType);
    if (answer instanceof ResourceAnswer) {
      void reply.header('etag', answer.validators.entityTag);
      void reply.header('last-modified', httpDate(answer.validators.modificationTimestamp));
    }
    if (answer instanceof JsonAnswer && answer.entityTag !== undefined) void reply.header('etag', answer.entityTag);
    if (answer instanceof CreatedAnswer) {
      void reply.header('location', this.publicUrl.of(http.getRequest<FastifyRequest>(), answer.path));
    }
    if (answer instanceof ReplayedAnswer) void reply.header(REPLAYED_HEADER, 'true');
    // As a text Fastify would add a charset parameter, which JSON does not have (RFC 8259, section 11).
    if (typeof json === 'string') return Buffer.from(json);
    const length = json instanceof ChunkStream ? json.byteLength : undefined;
    // A bare stream would be read through another one, which copies every byte.
    return new StreamableFile(json, { type: mediaType, ...(length === undefined ? {} : { length }) });
  }
}

function isAnswer(value: unknown): value is Answer {
  return value instanceof ResourceAnswer || value instanceof JsonAnswer;
}
