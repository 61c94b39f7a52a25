import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { errorMessage } from '../database/error-code.js';
import { notFound } from '../problems/not-found.js';
import { Metrics } from '../operations/metrics.js';
import {
  InvalidBearerToken,
  MissingBearerToken,
  OperationNotPermitted,
  PlainProblem,
  UserNotEnabled,
} from '../problems/catalogue.js';
import type { Problem } from '../problems/problem.js';
import { Settings } from '../settings/settings.js';
import { bearerTokenOf, isBearerScheme, tokenDigest } from './bearer-token.js';
import { type Caller, type Permit, setBearer } from './caller.js';
import { type BearerRow, CredentialsRepository, type TokenBearerRow } from './credentials.repository.js';
import { FailedAuthentications } from './failed-authentications.js';
import { namespaceLimit } from './namespace-limit.js';
import { type JwtBearer, OidcService } from './oidc.service.js';
import { limited } from '../settings/role.js';

/** Whom a token belongs to, of either kind. */
type KnownBearer = BearerRow &
  Partial<Pick<TokenBearerRow, 'tokenId' | 'roleLimit' | 'expiresAt'>> &
  Partial<Pick<JwtBearer, 'withheldAccountId' | 'tokenLifetimeSeconds'>>;

/** Who sends a request, and how to look again. */
export interface Authenticated {
  readonly caller: Caller;
  /** Looks again in a transaction. @throws what the request would be answered if it came now */
  readonly again: Permit;
}

/** Turns the token of a request into a caller (docs/api.md, section 7). */
@Injectable()
export class AuthenticationService {
  private readonly logger = new Logger(AuthenticationService.name);
  private readonly failures: FailedAuthentications;

  constructor(
    private readonly credentials: CredentialsRepository,
    private readonly oidc: OidcService,
    private readonly metrics: Metrics,
    settings: Settings,
  ) {
    this.failures = new FailedAuthentications(settings.failedAuthenticationLimit);
  }

  /**
   * Who sends a request, and their role in the account of its path.
   *
   * @param accountId as the path has it, identifier or not; undefined where the path names no account
   * @throws MissingBearerToken, InvalidBearerToken, PlainProblem 429, UserNotEnabled, OperationNotPermitted (the account
   *   is disabled), ServiceUnavailable, and the method's 404 for an account in which the user has no role, or that does
   *   not exist
   */
  async authenticate(request: FastifyRequest, accountId: string | undefined): Promise<Authenticated> {
    const token = this.tokenOf(request);
    const digest = tokenDigest(token);
    const jwt = this.oidc.reads(token) ? await this.oidc.verified(token, accountId) : undefined;
    const bearer: KnownBearer | undefined = await (this.oidc.reads(token) ? jwt?.find() : this.findToken(digest));
    if (bearer === undefined) throw this.failed(request);
    setBearer(request, { userId: bearer.userId, tokenId: bearer.tokenId });
    return {
      caller: this.callerFrom(bearer, request, accountId),
      again: async (transaction) => {
        const now = await (jwt === undefined
          ? this.credentials.findTokenIn(transaction, digest)
          : jwt.find(transaction));
        if (now === undefined) throw new InvalidBearerToken();
        return this.callerFrom(now, request, accountId);
      },
    };
  }

  /** What a bad token is answered with. Only those who send them are held back: a good one always passes. */
  private failed({ ip }: FastifyRequest): Problem {
    const wait = this.failures.secondsToWait(ip);
    if (wait === 0) {
      this.failures.failed(ip);
      this.metrics.authenticationFailed('invalid');
      return new InvalidBearerToken();
    }
    this.metrics.authenticationFailed('throttled');
    return new PlainProblem(429, 'Too many requests from this address had a bad token.', {
      'retry-after': String(wait),
    });
  }

  private callerFrom(bearer: KnownBearer, { method }: FastifyRequest, accountId: string | undefined): Caller {
    if (!bearer.isEnabled) {
      this.metrics.authenticationFailed('disabled');
      throw new UserNotEnabled();
    }
    const { role, roleConstraints, roleLimit = null, expiresAt = null, tokenLifetimeSeconds = null } = bearer;
    if (role === null || roleConstraints === null || bearer.accountId === null) throw notFound(method);
    if (accountId !== undefined && accountId !== bearer.accountId) throw notFound(method);
    const effective = limited(role, roleLimit);
    // An owner who disabled the account can enable it again.
    if (bearer.isAccountEnabled !== true && effective !== 'owner') throw new OperationNotPermitted();
    return {
      accountId: bearer.accountId,
      userId: bearer.userId,
      tokenId: bearer.tokenId,
      withheldAccountId: bearer.withheldAccountId,
      role: effective,
      roleLimit,
      expiresAt,
      tokenLifetimeSeconds,
      namespaces: namespaceLimit(effective, roleConstraints),
    };
  }

  /** The token of a request; one that is malformed is answered like any other bad one, at the same cost. */
  private tokenOf({ headers: { authorization } }: FastifyRequest): string {
    if (authorization === undefined || !isBearerScheme(authorization)) {
      this.metrics.authenticationFailed('missing');
      throw new MissingBearerToken();
    }
    return bearerTokenOf(authorization) ?? '';
  }

  private async findToken(digest: Buffer): Promise<TokenBearerRow | undefined> {
    const row = await this.credentials.findToken(digest);
    // Nobody waits for it, and a token is no worse for a use that went unrecorded.
    if (row?.isUseUnrecorded === true) {
      this.credentials.recordUse(row).catch((error: unknown) => {
        this.logger.warn(`The use of a token went unrecorded: ${errorMessage(error)}`);
      });
    }
    return row;
  }
}
