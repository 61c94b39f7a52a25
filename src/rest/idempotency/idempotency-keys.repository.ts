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

/** How many expired keys one statement removes: few enough that nobody waits for it. */
const BATCH = 500;

/** Held to the end of the transaction. A key and its neighbour may share a lock, by one chance in 2^64. */
const TRY_LOCK: Statement = {
  name: 'lock-idempotency-key',
  text: `SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || ' ' || $2::text || ' ' || $3::text, 0)) AS "isLocked"`,
};

const FIND: Statement = {
  name: 'find-idempotency-key',
  text: `
    SELECT request_sha256 AS "requestDigest", path, json, entity_tag AS "entityTag", modified_at AS "modifiedAt"
    FROM idempotency_keys
    WHERE account_id = $1 AND user_id = $2 AND key = $3 AND created_at > clock_timestamp() - ${LIFETIME}`,
};

/** What is there already has expired: another request with the key would not have let this one pass. */
const KEEP: Statement = {
  name: 'keep-idempotency-key',
  text: `
    INSERT INTO idempotency_keys (account_id, user_id, key, request_sha256, path, json, entity_tag, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT ON CONSTRAINT idempotency_keys_pk DO UPDATE SET request_sha256 = excluded.request_sha256,
      path = excluded.path, json = excluded.json, entity_tag = excluded.entity_tag, modified_at = excluded.modified_at,
      created_at = excluded.created_at`,
};

/** Another replica's batch is not waited for: what it has locked, it removes. */
const REMOVE_EXPIRED: Statement = {
  name: 'remove-expired-idempotency-keys',
  text: `
    DELETE FROM idempotency_keys
    WHERE (account_id, user_id, key) IN (
      SELECT account_id, user_id, key FROM idempotency_keys
      WHERE created_at <= clock_timestamp() - ${LIFETIME}
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
   * Keeps every other request with the key out until the transaction ends.
   * @returns whether there is none under way
   */
  async tryLock(transaction: Queryable, owner: KeyOwner, key: string): Promise<boolean> {
    const [row] = await transaction.query<{ isLocked: boolean }>(TRY_LOCK, [owner.accountId, owner.userId, key]);
    return row?.isLocked === true;
  }

  /** What the key's request was answered, if that is not longer ago than a day. */
  async find(transaction: Queryable, owner: KeyOwner, key: string): Promise<KeptAnswer | undefined> {
    const [row] = await transaction.query<KeptAnswer>(FIND, [owner.accountId, owner.userId, key]);
    return row;
  }

  /** Keeps an answer, in the place of an expired one with the same key. @throws DatabaseError when the account is gone */
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
    return (await this.database.query(REMOVE_EXPIRED)).length === BATCH;
  }
}
