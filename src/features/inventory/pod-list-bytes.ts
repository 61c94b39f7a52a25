import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { discardRest } from '../../rest/discard-rest.js';
import { contentCodingOf, RequestAborted } from '../../rest/json-body.js';
import { InvalidJsonPayload, PlainProblem, RequestBodyTooLarge } from '../../problems/catalogue.js';

export interface BodyLimits {
  /** The most bytes of a body, both as sent and after decompression. */
  readonly bytes: number;
}

/** Decompressed bytes come in chunks of this many. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a pod list as they arrive, decompressed where the client compressed them (docs/api.md, section 8).
 *
 * However the iteration ends, the request itself is left open: the answer still has to go out on its connection.
 *
 * @param body the raw request
 * @param contentEncoding its `Content-Encoding`: `gzip`, `x-gzip`, `identity` or none
 * @throws PlainProblem 415, at once, for any other encoding
 * @throws RequestBodyTooLarge, InvalidJsonPayload when the compressed data is damaged or cut off, RequestAborted when
 *   the client is gone, all of them from the iteration
 */
export function podListBytes(
  body: Readable,
  contentEncoding: string | undefined,
  limits: BodyLimits,
): AsyncIterable<Buffer> {
  switch (contentCodingOf(contentEncoding)) {
    case 'identity':
      return sentBytes(body, limits.bytes);
    case 'gzip':
    case 'x-gzip':
      return decompressedBytes(body, limits.bytes);
    default:
      throw new PlainProblem(415, 'The request body must be sent as it is or compressed with gzip.', {
        'accept-encoding': 'gzip, identity',
      });
  }
}

async function* sentBytes(body: Readable, limit: number): AsyncGenerator<Buffer, void, undefined> {
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  try {
    yield* atMost(limit, chunks);
  } catch (error) {
    throw error instanceof RequestBodyTooLarge ? error : new RequestAborted({ cause: error });
  } finally {
    discardRest(body, limit);
  }
}

async function* decompressedBytes(body: Readable, limit: number): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let sent = 0;
  const count = (chunk: Buffer): void => {
    sent += chunk.length;
    // Blocks of compressed data may be empty: the limit of what comes out would let them go on for ever.
    if (sent > limit) gunzip.destroy(new RequestBodyTooLarge());
  };
  const abort = (error?: Error): void => {
    if (!body.readableEnded) gunzip.destroy(new RequestAborted({ cause: error }));
  };
  body.on('data', count).on('error', abort).on('close', abort).pipe(gunzip);
  if (body.destroyed) abort();
  try {
    yield* atMost(limit, gunzip as AsyncIterable<Buffer>);
  } catch (error) {
    if (error instanceof RequestBodyTooLarge || error instanceof RequestAborted) throw error;
    throw damagedGzip(error, sent);
  } finally {
    body.off('data', count).off('error', abort).off('close', abort).unpipe(gunzip);
    gunzip.destroy();
    discardRest(body, limit);
  }
}

async function* atMost(limit: number, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limit) throw new RequestBodyTooLarge();
    yield chunk;
  }
}

/** @param sent how many bytes had come */
function damagedGzip(error: unknown, sent: number): InvalidJsonPayload {
  const { code, message } = error as Error & { readonly code?: string };
  // The words are zlib's own.
  const [byte, reason] =
    code === 'Z_BUF_ERROR'
      ? [sent, 'the gzip data ends before its end: was it cut off?']
      : message === 'incorrect header check'
        ? [0, 'is not gzip, as Content-Encoding says']
        : [sent, `the gzip data is damaged: ${message}`];
  return new InvalidJsonPayload({ name: 'body', reason: `byte ${byte}: ${reason}` }, { cause: error });
}
