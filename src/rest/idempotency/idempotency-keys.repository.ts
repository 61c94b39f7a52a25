import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../../database/database.js';

/** Whose key it is: the same key of somebody else, or in another account, is another one. */
export interface KeyOwner {
  readonly accountId: string;
  readonly userId: string;
}

/** What is kept of an answer, and of the request that it answers. */
export interface KeptAnswer {
  /** SHA-256 of the request's path and body. */
  readonly requestDigest: Buffer;
  readonly path: string;
  readonly json: string;
  readonly entityTag: string;
  readonly modifiedAt: string;
}

/** A key means nothing any more once it is this old. */
const LIFETIME = `interval '1 day'`;

/** How many expired keys of an account one statement removes: few enough that nobody waits for it. */
const BATCH = 500;

/** Row locks are waited for this long: what else a row may wait for, such as a table that grows, is done by then. */
const WAIT_AT_MOST: Statement = { text: `SET LOCAL lock_timeout = '100ms'` };
const WAIT_AS_EVER: Statement = { text: 'SET LOCAL lock_timeout = DEFAULT' };

/** Waits for a transaction that has written the same key. What is there may have expired. */
const TAKE: Statement = {
  name: 'take-idempotency-key',
  text: `
    INSERT INTO idempotency_keys AS taken
      (account_id, user_id, key, request_sha256, path, json, entity_tag, modified_at, created_at)
    VALUES ($1, $2, $3, '', '', '', '', statement_timestamp(), statement_timestamp())
    ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET created_at = excluded.created_at
    WHERE taken.created_at <= excluded.created_at - ${LIFETIME}
    RETURNING 1`,
};

const FIND: Statement = {
  name: 'find-idempotency-key',
  text: `
    SELECT request_sha256 AS "requestDigest", path, json, entity_tag AS "entityTag", modified_at AS "modifiedAt"
    FROM idempotency_keys
    WHERE account_id = $1 AND user_id = $2 AND key = $3`,
};

const KEEP: Statement = {
  name: 'keep-idempotency-key',
  text: `
    UPDATE idempotency_keys SET request_sha256 = $4, path = $5, json = $6, entity_tag = $7, modified_at = $8
    WHERE account_id = $1 AND user_id = $2 AND key = $3`,
};

const EXPIRED_ACCOUNTS: Statement = {
  name: 'accounts-with-expired-idempotency-keys',
  text: `
    SELECT DISTINCT account_id AS "accountId" FROM (
      SELECT account_id FROM idempotency_keys WHERE created_at <= statement_timestamp() - ${LIFETIME}
      ORDER BY created_at
      LIMIT ${BATCH}
    ) AS oldest`,
};

/** Another replica's batch is not waited for: what it has locked, it removes. */
const REMOVE_EXPIRED: Statement = {
  name: 'remove-expired-idempotency-keys',
  text: `
    DELETE FROM idempotency_keys
    WHERE account_id = $1 AND (user_id, key) IN (
      SELECT user_id, key FROM idempotency_keys
      WHERE account_id = $1 AND created_at <= statement_timestamp() - ${LIFETIME}
      ORDER BY created_at
      LIMIT ${BATCH}
      FOR UPDATE SKIP LOCKED)
    RETURNING 1`,
};

/** Idempotency keys, row by row. */
@Injectable()
export class IdempotencyKeysRepository {
  constructor(private readonly database: Database) {}

  /**
   * Makes the key this transaction's, which keeps every other request with it out until that ends: by the key's own row,
   * so that it holds wherever an engine keeps that.
   *
   * @returns whether the key is free; otherwise it has been answered, see {@link find}
   * @throws DatabaseError 55P03 when another request with the key is under way, or for the account when that is gone
   */
  async tryLock(transaction: Queryable, owner: KeyOwner, key: string): Promise<boolean> {
    await transaction.query(WAIT_AT_MOST);
    const taken = await transaction.query(TAKE, [owner.accountId, owner.userId, key]);
    await transaction.query(WAIT_AS_EVER);
    return taken.length > 0;
  }

  /** What the key's request was answered. */
  async find(transaction: Queryable, owner: KeyOwner, key: string): Promise<KeptAnswer | undefined> {
    const [row] = await transaction.query<KeptAnswer>(FIND, [owner.accountId, owner.userId, key]);
    return row;
  }

  /** Keeps the answer to a request whose key is this transaction's. */
  async keep(transaction: Queryable, owner: KeyOwner, key: string, answer: KeptAnswer): Promise<void> {
    await transaction.query(KEEP, [
      owner.accountId,
      owner.userId,
      key,
      answer.requestDigest,
      answer.path,
      answer.json,
      answer.entityTag,
      answer.modifiedAt,
    ]);
  }

  /** Removes some expired keys. @returns whether there may be more */
  async removeExpired(): Promise<boolean> {
    let removed = 0;
    for (const { accountId } of await this.database.query<{ accountId: string }>(EXPIRED_ACCOUNTS)) {
      removed += (await this.database.query(REMOVE_EXPIRED, [accountId])).length;
    }
    return removed >= BATCH;
  }
}
