import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isIdentifier } from '../http/identifier.js';
import { notFound } from '../http/not-found.js';
import {
  InvalidBearerToken,
  MissingBearerToken,
  OperationNotPermitted,
  UserNotEnabled,
} from '../problems/catalogue.js';
import { bearerTokenOf, tokenDigest } from './bearer-token.js';
import { type Caller, setCaller } from './caller.js';
import { covers, type Role } from './role.js';
import { TokensRepository } from './tokens.repository.js';

const ACCESS = 'access';

/** Declares the weakest role that may use a route (contract, section 7). */
export const Requires = (role: Role): MethodDecorator => SetMetadata(ACCESS, role);

/** Declares that a route needs no token at all. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS, 'public');

/** What a route declares with {@link Requires} or {@link Public}; undefined where it declares nothing. */
export function declaredAccess(handler: object, controller: object): Role | 'public' | undefined {
  return (Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller)) as
    Role | 'public' | undefined;
}

/**
 * Checks token, account, role and the identifiers of the path, in this order (contract, section 6), before anything
 * else of a request is looked at.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly tokens: TokensRepository) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = declaredAccess(context.getHandler(), context.getClass());
    if (access === 'public') return true;
    if (access === undefined) throw new TypeError(`${context.getClass().name} has a route without @Requires().`);
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
    const caller = await this.authenticate(request);
    if (caller.accountId !== request.params.account_id) throw notFound(request.method);
    if (!covers(caller.role, access)) throw new OperationNotPermitted();
    if (!Object.values(request.params).every(isIdentifier)) throw notFound(request.method);
    setCaller(request, caller);
    return true;
  }

  /**
   * Who sends the request, by its token alone.
   * @throws MissingBearerToken, InvalidBearerToken, UserNotEnabled; the method's 404 when the user has no role left
   */
  async authenticate(request: FastifyRequest): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization === undefined) throw new MissingBearerToken();
    const token = bearerTokenOf(authorization);
    if (token === undefined) {
      throw /^Bearer\b/i.test(authorization) ? new InvalidBearerToken() : new MissingBearerToken();
    }
    const found = await this.tokens.find(tokenDigest(token));
    if (found === undefined) throw new InvalidBearerToken();
    if (!found.user_enabled) throw new UserNotEnabled();
    if (found.role === null) throw notFound(request.method);
    return { accountId: found.account_id, userId: found.user_id, tokenId: found.token_id, role: found.role };
  }
}
