import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
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
  /** The namespaces that the role is limited to; undefined where it is not. */
  readonly namespaces: readonly string[] | undefined;
}

/** Whose token a request brings, whatever they may do. */
export type Bearer = Pick<Caller, 'userId' | 'tokenId'>;

const bearers = new WeakMap<FastifyRequest, Bearer>();
const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers whose token a request brings, for the log. */
export function setBearer(request: FastifyRequest, bearer: Bearer): void {
  bearers.set(request, bearer);
}

/** Whose token a request brings; undefined on a public route and where there is no good token. */
export function bearerOf(request: FastifyRequest): Bearer | undefined {
  return bearers.get(request);
}

/** Remembers the caller that the guard has let pass. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** The caller of a request, or undefined before the guard or on a public route. */
export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Injects the {@link Caller} of a request into a route that `AccessGuard` protects. */
export const RequestCaller = createParamDecorator((_data: undefined, context: ExecutionContext): Caller => {
  const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new TypeError('The route is public: it has no caller.');
  return caller;
});
