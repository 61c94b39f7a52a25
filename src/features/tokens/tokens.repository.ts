import { Injectable } from '@nestjs/common';
import type { Role } from '../../settings/role.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import { TOKEN_JSON, TOKEN_STORED_JSON } from './token.collection.js';

/** A stored token with its JSON text, and the part of that text that using it does not change. */
export interface TokenRow {
  readonly json: string;
  readonly storedJson: string;
  readonly modifiedAt: string;
}

/** A token to be written; the token itself is not among it. */
export interface TokenValues {
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Buffer;
  readonly expiresAt: string | null;
  /** The most that the token may do, whatever its user's role; null for no limit. */
  readonly roleLimit: Role | null;
  readonly labels: readonly Label[];
}

/** Whose token for which account. */
export interface TokenOwner {
  readonly accountId: string;
  readonly userId: string;
}

const ROW = `${TOKEN_JSON} AS json, ${TOKEN_STORED_JSON} AS "storedJson", t.modified_at AS "modifiedAt"`;

const FIND: Statement = {
  name: 'find-token-of-user',
  text: `SELECT ${ROW} FROM tokens t WHERE t.account_id = $1 AND t.user_id = $2 AND t.id = $3`,
};

const LOCK: Statement = { name: 'lock-token', text: `${FIND.text} FOR UPDATE` };

const INSERT: Statement = {
  name: 'insert-token',
  text: `
    WITH t AS (
      INSERT INTO tokens (account_id, user_id, id, name, token_sha256, expires_at, role_limit, labels, created_by,
        created_at, modified_at)
      SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5::bytea, $6::timestamptz, $7, $8::jsonb, $9::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${ROW} FROM t`,
};

const DELETE: Statement = { name: 'delete-token', text: `DELETE FROM tokens WHERE account_id = $1 AND id = $2` };

const IS_FUTURE: Statement = { name: 'is-future', text: `SELECT $1::timestamptz > clock_timestamp() AS "isFuture"` };

/** Tokens, row by row, keyed by account and user. The digest never leaves the database. */
@Injectable()
export class TokensRepository {
  constructor(private readonly database: Database) {}

  async find({ accountId, userId }: TokenOwner, id: string): Promise<TokenRow | undefined> {
    const [row] = await this.database.query<TokenRow>(FIND, [accountId, userId, id]);
    return row;
  }

  /** Locks and reads a token for its deletion in the same transaction. */
  async lock(transaction: Queryable, { accountId, userId }: TokenOwner, id: string): Promise<TokenRow | undefined> {
    const [row] = await transaction.query<TokenRow>(LOCK, [accountId, userId, id]);
    return row;
  }

  async insert(
    queryable: Queryable,
    { accountId, userId }: TokenOwner,
    id: string,
    values: TokenValues,
    creatorId: string,
  ): Promise<TokenRow> {
    const [row] = await queryable.query<TokenRow>(INSERT, [
      accountId,
      userId,
      id,
      values.name,
      values.digest,
      values.expiresAt,
      values.roleLimit,
      JSON.stringify(values.labels),
      creatorId,
    ]);
    if (row === undefined) throw new Error('The insert of a token answered no row.');
    return row;
  }

  async delete(transaction: Queryable, { accountId }: TokenOwner, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }

  /** Whether a timestamp lies ahead by the clock that will expire the token. */
  async isFuture(queryable: Queryable, timestamp: string): Promise<boolean> {
    const [row] = await queryable.query<{ isFuture: boolean }>(IS_FUTURE, [timestamp]);
    return row?.isFuture === true;
  }
}
