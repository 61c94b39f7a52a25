import { Injectable, Logger } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../query/identifier.js';
import { ResourceConflict } from '../problems/catalogue.js';
import { keepingOwner } from './owners.js';
import type { Claims } from './claims.js';
import type { BearerRow } from './credentials.repository.js';
import type { Role } from '../settings/role.js';

/** A user of an issuer, and where their role is asked for. */
export interface IssuerUserQuestion {
  /** The issuer's URL. */
  readonly provider: string;
  readonly authId: string;
  /** Undefined for the account in which the user's role is highest. */
  readonly accountId: string | undefined;
  /** The account in which the issuer says the role, and the role it says; null for none. */
  readonly ownAccountId: string;
  readonly ownRole: Role | null;
}

/** The user of an issuer. */
export interface IssuerUser extends BearerRow {
  /** Whether the user's role binding in the issuer's account is what the issuer says. */
  readonly isUpToDate: boolean;
}

const FIND: Statement = {
  name: 'find-issuer-user',
  text: `
    SELECT u.id AS "userId", u.is_enabled = 'true' AS "isEnabled", b.account_id AS "accountId",
      a.is_enabled = 'true' AS "isAccountEnabled", b.said_role AS role, b.role_constraints AS "roleConstraints",
      $5 IS NOT DISTINCT FROM (
        SELECT own.role FROM role_bindings own WHERE own.account_id = $4 AND own.user_id = u.id
      ) AS "isUpToDate"
    FROM users u
    LEFT JOIN (
      SELECT account_id, user_id, role_constraints, CASE account_id WHEN $4 THEN $5 ELSE role END AS said_role
      FROM role_bindings
    ) b ON b.user_id = u.id AND b.said_role IS NOT NULL AND ($3::uuid IS NULL OR b.account_id = $3)
    LEFT JOIN accounts a ON a.id = b.account_id
    WHERE u.auth_provider = $1 AND u.auth_id = $2
    ORDER BY array_position(ARRAY['owner', 'admin', 'member', 'viewer'], b.said_role), b.account_id
    LIMIT 1`,
};

const INSERT_USER: Statement = {
  text: `
    INSERT INTO users (id, auth_provider, auth_id, account_id, email, first_name, last_name, created_by)
    SELECT $1, $2, $3, (SELECT id FROM accounts WHERE id = $4), $5, $6, $7, $8
    ON CONFLICT (auth_provider, auth_id) DO NOTHING`,
};

const BIND: Statement = {
  text: `
    INSERT INTO role_bindings (account_id, id, user_id, role, created_by)
    SELECT a.id, $4, u.id, $5, $6
    FROM users u, accounts a
    WHERE u.auth_provider = $1 AND u.auth_id = $2 AND a.id = $3
    ON CONFLICT (account_id, user_id) DO UPDATE
    SET role = EXCLUDED.role, modified_by = EXCLUDED.created_by, modified_at = clock_timestamp()`,
};

/** The tokens of the account end with the role; the user stays, disabled or not, for the next role that the issuer says. */
const UNBIND: Statement = {
  text: `
    WITH unbound AS (
      DELETE FROM role_bindings b USING users u
      WHERE u.auth_provider = $1 AND u.auth_id = $2 AND b.account_id = $3 AND b.user_id = u.id
      RETURNING b.account_id, b.user_id
    )
    DELETE FROM tokens t USING unbound WHERE t.account_id = unbound.account_id AND t.user_id = unbound.user_id`,
};

/** Users of OpenID Connect issuers: made when first seen, with the role that the issuer says. */
@Injectable()
export class IssuerUsersRepository {
  private readonly logger = new Logger(IssuerUsersRepository.name);

  constructor(private readonly database: Database) {}

  /** One query; undefined for a user who has not been seen yet. */
  async find(
    { provider, authId, accountId, ownAccountId, ownRole }: IssuerUserQuestion,
    queryable: Queryable = this.database,
  ): Promise<IssuerUser | undefined> {
    const [row] = await queryable.query<IssuerUser>(FIND, [provider, authId, accountId ?? null, ownAccountId, ownRole]);
    return row;
  }

  /**
   * Makes the user where there is none, and the role binding what the issuer says; there is none where it says no role.
   * The last owner of an account stays one in the database, although the token itself gives no more than it says.
   */
  async bringUpToDate({ provider, ownAccountId, ownRole }: IssuerUserQuestion, claims: Claims): Promise<void> {
    await this.database.query(INSERT_USER, [
      newIdentifier(),
      provider,
      claims.authId,
      ownAccountId,
      claims.email,
      claims.firstName,
      claims.lastName,
      NULL_IDENTIFIER,
    ]);
    try {
      await this.database.transaction((transaction) =>
        keepingOwner(transaction, [ownAccountId], 'role', async () => {
          const binding = [provider, claims.authId, ownAccountId];
          await (ownRole === null
            ? transaction.query(UNBIND, binding)
            : transaction.query(BIND, [...binding, newIdentifier(), ownRole, NULL_IDENTIFIER]));
        }),
      );
    } catch (error) {
      if (!(error instanceof ResourceConflict)) throw error;
      this.logger.warn(`An issuer takes the role of the last owner of account ${ownAccountId}, who keeps it.`);
    }
  }
}
