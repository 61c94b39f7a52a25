import { Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { notFound } from '../http/not-found.js';
import {
  InvalidBearerToken,
  MissingBearerToken,
  OperationNotPermitted,
  PlainProblem,
  UserNotEnabled,
} from '../problems/catalogue.js';
import { Settings } from '../settings/settings.js';
import { isBearerScheme, bearerTokenOf, tokenDigest } from './bearer-token.js';
import { type Caller, setBearer } from './caller.js';
import { CredentialsRepository, type TokenBearerRow } from './credentials.repository.js';
import { FailedAuthentications } from './failed-authentications.js';
import { namespaceLimit } from './namespace-limit.js';
import { limited } from './role.js';

/** Turns the token of a request into a caller (contract, section 7). */
@Injectable()
export class AuthenticationService {
  private readonly logger = new Logger(AuthenticationService.name);
  private readonly failures: FailedAuthentications;

  constructor(
    private readonly credentials: CredentialsRepository,
    settings: Settings,
  ) {
    this.failures = new FailedAuthentications(settings.failedAuthenticationLimit);
  }

  /**
   * Who sends a request, and their role in the account of its path.
   *
   * @param accountId as the path has it, identifier or not; undefined where the path names no account
   * @throws MissingBearerToken, InvalidBearerToken, PlainProblem 429, UserNotEnabled, OperationNotPermitted (the account
   *   is disabled), and the method's 404 for an account in which the user has no role, or that does not exist
   */
  async authenticate(request: FastifyRequest, accountId: string | undefined): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization === undefined || !isBearerScheme(authorization)) throw new MissingBearerToken();
    // Whatever it looks like, a bad token costs what a good one does.
    const token = bearerTokenOf(authorization) ?? '';
    const digest = tokenDigest(token);
    const wait = this.failures.secondsToWait(request.ip, digest);
    if (wait > 0) {
      throw new PlainProblem(429, 'Too many requests from this address had a bad token.', {
        'retry-after': String(wait),
      });
    }
    const row = await this.credentials.findToken(digest);
    if (row === undefined) {
      this.failures.failed(request.ip, digest);
      throw new InvalidBearerToken();
    }
    this.failures.succeeded(digest);
    if (row.isUseUnrecorded) this.recordUse(row);
    setBearer(request, { userId: row.userId, tokenId: row.tokenId });
    if (accountId !== undefined && accountId !== row.tokenAccountId && row.isEnabled) throw notFound(request.method);
    return callerFrom(row, request.method);
  }

  /** Nobody waits for it, and a token is no worse for a use that went unrecorded. */
  private recordUse(row: TokenBearerRow): void {
    this.credentials.recordUse(row).catch((error: unknown) => {
      this.logger.warn(
        `The use of a token was not recorded: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
}

function callerFrom(row: TokenBearerRow, method: string): Caller {
  if (!row.isEnabled) throw new UserNotEnabled();
  const { accountId, role, roleConstraints } = row;
  if (accountId === null || role === null || roleConstraints === null) throw notFound(method);
  const effective = limited(role, row.roleLimit);
  // Whoever disabled an account can enable it again.
  if (row.isAccountEnabled !== true && effective !== 'owner') throw new OperationNotPermitted();
  return {
    accountId,
    userId: row.userId,
    tokenId: row.tokenId,
    role: effective,
    roleLimit: row.roleLimit,
    namespaces: namespaceLimit(effective, roleConstraints),
  };
}
