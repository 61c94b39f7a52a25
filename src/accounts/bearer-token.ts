import { createHash, randomBytes } from 'node:crypto';

/** Marks a token for secret scanners; the rest is base64url. */
const PREFIX = 'ehooks_';

/** A new opaque token: 256 random bits behind a recognisable prefix. Shown once, never stored. */
export function newBearerToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** What is stored of a token and looked up by: its SHA-256. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of an `Authorization` header, or undefined where there is none of the Bearer scheme (RFC 6750, 2.1). */
export function bearerTokenOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
}
