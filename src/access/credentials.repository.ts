import { Injectable } from '@nestjs/common';
import { BatchedLookup } from '../database/batched-lookup.js';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { Role } from '../settings/role.js';

/** What a bearer is known to be, before it is known whether they may do what they ask for. */
export interface BearerRow {
  readonly userId: string;
  readonly isEnabled: boolean;
  /** Null, like all that follows, when the user has no role there. */
  readonly accountId: string | null;
  readonly isAccountEnabled: boolean | null;
  readonly role: Role | null;
  readonly roleConstraints: readonly string[] | null;
}

/** The bearer of an opaque token. */
export interface TokenBearerRow extends BearerRow {
  readonly tokenId: string;
  readonly tokenAccountId: string;
  readonly roleLimit: Role | null;
  /** When the token stops working; null where it does not. */
  readonly expiresAt: string | null;
  /** Whether the time of last use is due to be written again. */
  readonly isUseUnrecorded: boolean;
}

/** How long a token's use goes unrecorded after one that was: a write per request would cost more than the request. */
const USE_RECORDED_EVERY = `interval '1 minute'`;

const ROLE_COLUMNS = `b.account_id AS "accountId", a.is_enabled = 'true' AS "isAccountEnabled", b.role,
  b.role_constraints AS "roleConstraints"`;

const FIND_TOKENS: Statement = {
  name: 'find-tokens',
  text: `
    SELECT key.place::integer, t.id AS "tokenId", t.account_id AS "tokenAccountId", t.role_limit AS "roleLimit",
      t.expires_at AS "expiresAt",
      t.last_used_at IS NULL OR t.last_used_at < now() - ${USE_RECORDED_EVERY} AS "isUseUnrecorded",
      t.user_id AS "userId", u.is_enabled = 'true' AS "isEnabled", ${ROLE_COLUMNS}
    FROM unnest($1::bytea[]) WITH ORDINALITY AS key(digest, place)
    JOIN tokens t ON t.token_sha256 = key.digest
    JOIN users u ON u.id = t.user_id
    LEFT JOIN role_bindings b ON b.account_id = t.account_id AND b.user_id = t.user_id
    LEFT JOIN accounts a ON a.id = b.account_id
    WHERE t.expires_at IS NULL OR t.expires_at > now()`,
};

const RECORD_USE: Statement = {
  name: 'record-token-use',
  text: `
    UPDATE tokens SET last_used_at = now()
    WHERE account_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at < now() - ${USE_RECORDED_EVERY})`,
};

/** Who holds a token: a lookup in the unique index of its digest. */
@Injectable()
export class CredentialsRepository {
  private readonly tokens: BatchedLookup<TokenBearerRow>;

  constructor(private readonly database: Database) {
    this.tokens = new BatchedLookup(database, FIND_TOKENS);
  }

  /** @returns undefined for a token that does not exist, was revoked or has expired */
  findToken(digest: Buffer): Promise<TokenBearerRow | undefined> {
    return this.tokens.find(digest);
  }

  /** The same, as it is at this moment of a transaction. */
  async findTokenIn(transaction: Queryable, digest: Buffer): Promise<TokenBearerRow | undefined> {
    const [row] = await transaction.query<TokenBearerRow>(FIND_TOKENS, [[digest]]);
    return row;
  }

  /** Writes the time of last use, at most once a minute a token, however many replicas ask for it. */
  async recordUse({ tokenAccountId, tokenId }: TokenBearerRow): Promise<void> {
    await this.database.query(RECORD_USE, [tokenAccountId, tokenId]);
  }
}
