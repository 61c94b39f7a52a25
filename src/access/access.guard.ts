import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isIdentifier } from '../query/identifier.js';
import { notFound } from '../problems/not-found.js';
import { OperationNotPermitted } from '../problems/catalogue.js';
import { AuthenticationService } from './authentication.service.js';
import { type Caller, setCaller } from './caller.js';
import { covers, type Role } from '../settings/role.js';

const ACCESS = 'access';
const OWN = 'access:own';

/** Declares the weakest role that may use a route (docs/api.md, section 7). */
export const Requires = (role: Role): MethodDecorator => SetMetadata(ACCESS, role);

/**
 * Declares, beside {@link Requires}, that the user whom a parameter of the path names may use the route with any role:
 * everyone manages their own tokens (docs/api.md, section 7).
 */
export const OrOwn = (parameter: string): MethodDecorator => SetMetadata(OWN, parameter);

/** Declares that a route needs no token at all. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, 'public');

/** What a route declares with {@link Requires} or {@link Public}; undefined where it declares nothing. */
export function declaredAccess(handler: object, controller: object): Role | 'public' | undefined {
  return (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as
    Role | 'public' | undefined;
}

/** The path parameter that a route declares with {@link OrOwn}; undefined where it declares none. */
export function declaredOwn(handler: object): string | undefined {
  return Reflect.getMetadata(OWN, handler) as string | undefined;
}

/**
 * Checks token, account, role and the identifiers of the path, in this order (docs/api.md, section 6), before anything
 * else of a request is looked at.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly authentication: AuthenticationService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = declaredAccess(context.getHandler(), context.getClass());
    if (access === 'public') return true;
    if (access === undefined) throw new TypeError(`${context.getClass().name} has a route without @Requires().`);
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
    const { params } = request;
    const { caller, again } = await this.authentication.authenticate(request, params.account_id);
    const own = declaredOwn(context.getHandler());
    const requireRole = (who: Caller): Caller => {
      const needed = own !== undefined && params[own] === who.userId ? 'viewer' : access;
      if (!covers(who.role, needed)) throw new OperationNotPermitted();
      return who;
    };
    requireRole(caller);
    if (!Object.values(params).every(isIdentifier)) throw notFound(request.method);
    setCaller(request, caller, async (transaction) => requireRole(await again(transaction)));
    return true;
  }
}
