import { Injectable, Logger } from '@nestjs/common';
import { decodeJwt, errors, jwtVerify } from 'jose';
import type { Queryable } from '../database/database.js';
import { errorMessage } from '../database/error-code.js';
import { isIdentifier, NULL_IDENTIFIER } from '../query/identifier.js';
import { ServiceUnavailable } from '../problems/catalogue.js';
import type { OidcIssuer } from '../settings/oidc-issuer.js';
import { Settings } from '../settings/settings.js';
import { type Claims, readClaims } from './claims.js';
import { IssuerKeys, IssuerUnreachable } from './issuer-keys.js';
import { type IssuerUser, IssuerUsersRepository } from './issuer-users.repository.js';

interface KnownIssuer {
  readonly settings: OidcIssuer;
  readonly keys: IssuerKeys;
}

/** Whom a JWT belongs to. */
export type JwtBearer = IssuerUser & {
  /** The issuer's account, where the token gives its bearer no role in it, whatever an earlier one gave. */
  readonly withheldAccountId: string | undefined;
  /** The longest life of a token of this service that the JWT makes, in seconds; 0 where it may make none. */
  readonly tokenLifetimeSeconds: number;
};

/** A JWT that was found to be good. */
export interface VerifiedJwt {
  /** Its user, as they are at this moment; undefined where they are gone, or the JWT has expired. */
  find(queryable?: Queryable): Promise<JwtBearer | undefined>;
}

/** JWTs of OpenID Connect issuers (docs/api.md, section 7). */
@Injectable()
export class OidcService {
  private readonly logger = new Logger(OidcService.name);
  private readonly issuers: ReadonlyMap<string, KnownIssuer>;

  constructor(
    settings: Settings,
    private readonly users: IssuerUsersRepository,
  ) {
    this.issuers = new Map(
      settings.oidcIssuers.map((issuer) => [
        issuer.issuer,
        {
          settings: issuer,
          keys: new IssuerKeys(issuer.jwksUrl, issuer.jwksCooldownSeconds * 1000, (error) => {
            this.logger.warn(`${error.message} ${errorMessage(error.cause)}`);
          }),
        },
      ]),
    );
  }

  /** Whether a token is to be read as a JWT: there are issuers, and it has the three parts of one. */
  reads(token: string): boolean {
    return this.issuers.size > 0 && /^[^.]+\.[^.]+\.[^.]+$/.test(token);
  }

  /**
   * Verifies a JWT. Its user is made when first seen. Their role in the issuer's account is the one that the token says,
   * and the role binding follows it.
   *
   * @param accountId as the path has it; undefined for the account in which the user's role is highest
   * @returns undefined for a token that is no good
   * @throws ServiceUnavailable when the issuer's keys are needed and cannot be had
   */
  async verified(token: string, accountId: string | undefined): Promise<VerifiedJwt | undefined> {
    const issuer = this.issuerOf(token);
    const claims = issuer === undefined ? undefined : await this.verify(token, issuer);
    if (issuer === undefined || claims === undefined) return undefined;
    const { issuer: provider, accountID: ownAccountId, tokenLifetimeSeconds, clockSkewSeconds } = issuer.settings;
    const question = {
      provider,
      authId: claims.authId,
      accountId: accountId === undefined || isIdentifier(accountId) ? accountId : NULL_IDENTIFIER,
      ownAccountId,
      ownRole: claims.role,
    };
    const withheldAccountId = claims.role === null ? ownAccountId : undefined;
    const find = async (queryable?: Queryable): Promise<JwtBearer | undefined> => {
      const user = await this.users.find(question, queryable);
      return user && { ...user, withheldAccountId, tokenLifetimeSeconds };
    };
    return {
      find: async (transaction) => {
        if (claims.expiresAt + clockSkewSeconds <= Date.now() / 1000) return undefined;
        const user = await find(transaction);
        // A transaction is not to wait for another connection; who was up to date when the request came still is.
        if (user?.isUpToDate === true || transaction !== undefined) return user;
        await this.users.bringUpToDate(question, claims);
        return find();
      },
    };
  }

  /** The issuer that a token claims to be of: whose keys to check it with, nothing more. */
  private issuerOf(token: string): KnownIssuer | undefined {
    try {
      return this.issuers.get(decodeJwt(token).iss ?? '');
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  private async verify(token: string, { settings, keys }: KnownIssuer): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify(token, keys.find, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: settings.algorithms,
        clockTolerance: settings.clockSkewSeconds,
        requiredClaims: ['exp'],
      });
      return readClaims(payload, settings);
    } catch (error) {
      if (error instanceof IssuerUnreachable) throw new ServiceUnavailable({ cause: error });
      if (error instanceof errors.JOSEError) return undefined;
      // jose says by a TypeError that the issuer's key is none to check such a token with: an RSA key of 1,024 bits, say.
      if (!(error instanceof TypeError)) throw error;
      this.logger.warn(`A key of the issuer ${settings.issuer} cannot be used: ${errorMessage(error)}`);
      return undefined;
    }
  }
}
