import type { IncomingMessage } from 'node:http';
import { PlainProblem, RequestBodyTooLarge } from '../problems/catalogue.js';
import { contentTypeOf } from './content-type.js';
import { discardRest } from './discard-rest.js';
import { parseJsonText } from './json-text.js';
import { isJsonContentType } from './media-types.js';

/** The client went away before its body was complete: nobody is left to answer, and nothing may be written. */
export class RequestAborted extends Error {
  constructor(options?: ErrorOptions) {
    super('The client closed the connection before the request body was complete.', options);
    this.name = 'RequestAborted';
  }
}

/** @throws PlainProblem 415 when the request's content type is not JSON (docs/api.md, section 3) */
export function requireJsonContentType(request: IncomingMessage): void {
  if (!isJsonContentType(contentTypeOf(request))) {
    throw new PlainProblem(415, 'The request body must be application/json or application/*+json in UTF-8.', {
      accept: 'application/json, application/*+json',
    });
  }
}

/** What a `Content-Encoding` says: codings are compared in any case (RFC 9110, section 8.4.1), and none is `identity`. */
export function contentCodingOf(header: string | undefined): string {
  const coding = header?.trim().toLowerCase() ?? '';
  return coding === '' ? 'identity' : coding;
}

/** The most that a body may be, and the longest that it may take to arrive. */
export interface BodyLimits {
  readonly bytes: number;
  /** Milliseconds, from when it begins to be read. */
  readonly timeMs: number;
}

/**
 * Reads and parses a request's JSON body.
 *
 * @throws PlainProblem 415 and 408, RequestBodyTooLarge, InvalidJsonPayload, RequestAborted
 */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  requireJsonContentType(request);
  if (contentCodingOf(request.headers['content-encoding']) !== 'identity') {
    throw new PlainProblem(415, 'The request body must not be compressed.', { 'accept-encoding': 'identity' });
  }
  return parseJsonText(await readBytes(request, limits));
}

async function readBytes(request: IncomingMessage, { bytes: limit, timeMs }: BodyLimits): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) throw new RequestBodyTooLarge();
  const collected = collect(request, limit);
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      // What is still to come ends with the connection, and is nobody's any more.
      collected.catch(() => undefined);
      reject(new PlainProblem(408, 'The request body did not arrive in time.', { connection: 'close' }));
    }, timeMs);
  });
  try {
    return await Promise.race([collected, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}

async function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The request stays open however the reading ends: the answer goes out on its connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new RequestAborted({ cause: error });
  }
  if (size > limit) {
    discardRest(request, limit);
    throw new RequestBodyTooLarge();
  }
  return Buffer.concat(chunks, size);
}
