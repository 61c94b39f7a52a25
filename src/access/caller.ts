import type { FastifyRequest } from 'fastify';
import type { Queryable } from '../database/database.js';
import type { Role } from '../settings/role.js';

/** Who sends a request, and what they may do in the account of the path. */
export interface Caller {
  /** The account of the path; where the path names none, that of the token, or the one with the user's highest role. */
  readonly accountId: string;
  readonly userId: string;
  /** The opaque token of this service, which opens `accountId` alone; undefined for a JWT, which opens all of its user's. */
  readonly tokenId: string | undefined;
  /** Of a JWT that gives its bearer no role in the account of its issuer: that account. */
  readonly withheldAccountId: string | undefined;
  readonly role: Role;
  /** Where the token was made by another: the role that its own tokens must not exceed either. */
  readonly roleLimit: Role | null;
  /** When the token of this service stops working; null where it does not, and for a JWT. */
  readonly expiresAt: string | null;
  /** Of a JWT: the longest life of a token that it makes, in seconds; 0 where it may make none. Null for other tokens. */
  readonly tokenLifetimeSeconds: number | null;
  /** The namespaces that the role is limited to; undefined where it is not. */
  readonly namespaces: readonly string[] | undefined;
}

/** Whose token a request brings, whatever they may do. */
export type Bearer = Pick<Caller, 'userId' | 'tokenId'>;

/**
 * Looks again whether a request may do what it asks for, in the transaction that writes (docs/api.md, section 7).
 *
 * @throws what the request would be answered if it came now
 */
export type Permit = (transaction: Queryable) => Promise<Caller>;

const bearers = new WeakMap<FastifyRequest, Bearer>();
const callers = new WeakMap<FastifyRequest, { readonly caller: Caller; readonly permit: Permit }>();

/** Remembers whose token a request brings, for the log. */
export function setBearer(request: FastifyRequest, bearer: Bearer): void {
  bearers.set(request, bearer);
}

/** Whose token a request brings; undefined on a public route and where there is no good token. */
export function bearerOf(request: FastifyRequest): Bearer | undefined {
  return bearers.get(request);
}

/** Remembers the caller that the guard has let pass. */
export function setCaller(request: FastifyRequest, caller: Caller, permit: Permit): void {
  callers.set(request, { caller, permit });
}

/** The caller of a request, once the guard has let it pass; undefined before, and on a public route. */
export function callerOf(request: FastifyRequest): { readonly caller: Caller; readonly permit: Permit } | undefined {
  return callers.get(request);
}
