import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { InvalidHeaders } from '../problems/catalogue.js';

/** The header with which a client names a POST, so that sending it again does not do it again. */
export const IDEMPOTENCY_KEY_HEADER = 'Idempotency-Key';

/** The header by which the answer to a repeated POST says that it is the one to the first. */
export const REPLAYED_HEADER = 'Idempotent-Replayed';

/** What a key may be: visible ASCII, no space. Two headers of the name, which Node joins by a comma and a space, are none. */
export const IDEMPOTENCY_KEY_PATTERN = '^[!-~]{1,255}$';

const WELL_FORMED = new RegExp(IDEMPOTENCY_KEY_PATTERN);

/** A key and what the client has used it for. */
export interface IdempotencyKey {
  readonly key: string;
  /** SHA-256 of the request's path and body. */
  readonly requestDigest: Buffer;
}

/** The key of a request; undefined where it has none. @throws InvalidHeaders, naming the header */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  // A key that could not be honoured must not turn a write that is meant to happen once into one that may happen twice.
  if (typeof key !== 'string' || !WELL_FORMED.test(key)) {
    throw new InvalidHeaders({
      invalidParams: [
        { name: IDEMPOTENCY_KEY_HEADER, reason: 'must be 1 to 255 visible ASCII characters without a space' },
      ],
    });
  }
  return key;
}

/** What tells a request from another one with the same key: its path and what its JSON body says, not its whitespace. */
export function requestDigest(path: string, body: unknown): Buffer {
  return createHash('sha256')
    .update(`${path}\n${JSON.stringify(body)}`)
    .digest();
}
