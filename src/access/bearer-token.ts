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

const BEARER_SCHEME = /^Bearer(?: |$)/i;
const BEARER_TOKEN = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Whether an `Authorization` header is of the Bearer scheme at all (RFC 6750, 2.1). */
export function isBearerScheme(authorization: string): boolean {
  return BEARER_SCHEME.test(authorization);
}

/** The token of an `Authorization` header of the Bearer scheme, or undefined where it is malformed. */
export function bearerTokenOf(authorization: string): string | undefined {
  return BEARER_TOKEN.exec(authorization)?.[1];
}
