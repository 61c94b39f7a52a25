import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Role } from './role.js';

/** Who sends a request: the user of its token and the user's role in the account of the path. */
export interface Caller {
  readonly accountId: string;
  readonly userId: string;
  readonly tokenId: string;
  readonly role: Role;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers the caller that the guard has established. */
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
