import type { Queryable } from '../../database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../query/identifier.js';
import { newBearerToken, tokenDigest } from '../../access/bearer-token.js';

/** What the operator decides of a new account; identifiers are made where they are left out. */
export interface NewAccount {
  readonly name: string;
  readonly ownerEmail: string;
  readonly accountId?: string;
  readonly ownerId?: string;
}

/** A new account and the one time that its owner's token is seen. */
export interface CreatedAccount {
  readonly accountID: string;
  readonly userID: string;
  readonly tokenID: string;
  readonly token: string;
}

/**
 * Makes an account, its owner and a token for the owner (docs/api.md, section 7: first start on an empty database).
 * To be called in a transaction.
 */
export async function createAccount(transaction: Queryable, account: NewAccount): Promise<CreatedAccount> {
  const { accountId = newIdentifier(), ownerId = newIdentifier(), name, ownerEmail } = account;
  await transaction.query({ text: 'INSERT INTO accounts (id, name, created_by) VALUES ($1, $2, $3)' }, [
    accountId,
    name,
    NULL_IDENTIFIER,
  ]);
  await transaction.query({ text: 'INSERT INTO users (id, email, account_id, created_by) VALUES ($1, $2, $3, $4)' }, [
    ownerId,
    ownerEmail,
    accountId,
    NULL_IDENTIFIER,
  ]);
  await bindOwner(transaction, accountId, ownerId, NULL_IDENTIFIER);
  const { tokenID, token } = await createToken(transaction, accountId, ownerId, 'first token');
  return { accountID: accountId, userID: ownerId, tokenID, token };
}

/** Makes a user an owner of an account. */
export async function bindOwner(
  transaction: Queryable,
  accountId: string,
  userId: string,
  createdBy: string,
): Promise<void> {
  await transaction.query(
    { text: `INSERT INTO role_bindings (account_id, id, user_id, role, created_by) VALUES ($1, $2, $3, 'owner', $4)` },
    [accountId, newIdentifier(), userId, createdBy],
  );
}

/** Makes a token of a user for one account; the token itself is not stored. */
export async function createToken(
  queryable: Queryable,
  accountId: string,
  userId: string,
  name: string,
  { createdBy = NULL_IDENTIFIER, expiresAt = null }: TokenOptions = {},
): Promise<{ readonly tokenID: string; readonly token: string }> {
  const token = newBearerToken();
  const tokenID = newIdentifier();
  await queryable.query(
    {
      text: `
        INSERT INTO tokens (account_id, id, user_id, name, token_sha256, created_by, expires_at, created_at, modified_at)
        SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5::bytea, $6::uuid, $7::timestamptz, at, at
        FROM clock_timestamp() AS at`,
    },
    [accountId, tokenID, userId, name, tokenDigest(token), createdBy, expiresAt],
  );
  return { tokenID, token };
}

/** What is decided of a new token beside its account, user and name. */
export interface TokenOptions {
  /** The null identifier, of internal writers, where it is left out. */
  readonly createdBy?: string;
  /** A timestamp as Postgres reads it; the token never expires where it is left out. */
  readonly expiresAt?: string | null;
}
