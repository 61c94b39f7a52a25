import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Database, type Transaction } from '../../database/database.js';
import { errorCode } from '../../database/error-code.js';
import { type CreatedAnswer, ReplayedAnswer } from '../answer.js';
import { IDEMPOTENCY_KEY_HEADER, type IdempotencyKey } from '../idempotency-key.js';
import { PlainProblem, ResourceConflict } from '../../problems/catalogue.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** A new resource: what it is answered with, and of that what a repeated request may be answered with. */
export interface Creation<Answer extends CreatedAnswer> {
  readonly answer: Answer;
  /** The resource's JSON as it is kept for a day: without a secret that is shown once. */
  readonly keptJson: string;
}

/**
 * Writes that a client can repeat until it gets an answer: with an `Idempotency-Key`, the first one is done and the
 * others are answered as it was. Resource and answer are committed together, so that no crash leaves one without the
 * other.
 */
@Injectable()
export class IdempotentWrites {
  constructor(
    private readonly database: Database,
    private readonly repository: IdempotencyKeysRepository,
  ) {}

  /**
   * Creates a resource, in a transaction.
   *
   * @param permit looks again who asks, before anything is answered, be it once more
   * @param create writes by the transaction that it is given and by nothing else; it may wait for nothing but that
   * @throws ResourceConflict (the key was used for another request), PlainProblem 409 (its request is under way), and
   *   what `permit` and `create` throw, which is not kept
   */
  once<Answer extends CreatedAnswer>(
    caller: Caller,
    key: IdempotencyKey | undefined,
    permit: (transaction: Transaction) => Promise<Caller>,
    create: (transaction: Transaction, caller: Caller) => Promise<Creation<Answer>>,
  ): Promise<Answer | ReplayedAnswer<string>> {
    return this.database.transaction(async (transaction) => {
      const permitted = await permit(transaction);
      if (key === undefined) return (await create(transaction, permitted)).answer;
      const isFree = await this.repository.tryLock(transaction, caller, key.key).catch((error: unknown) => {
        throw errorCode(error) === LOCK_NOT_AVAILABLE ? underWay() : error;
      });
      const kept = isFree ? undefined : await this.repository.find(transaction, caller, key.key);
      if (kept !== undefined) {
        if (!kept.requestDigest.equals(key.requestDigest)) throw new ResourceConflict([OTHER_REQUEST]);
        const { json, path, entityTag, modifiedAt } = kept;
        return new ReplayedAnswer(json, { entityTag, modificationTimestamp: modifiedAt }, path);
      }
      const { answer, keptJson } = await create(transaction, permitted);
      await this.repository.keep(transaction, caller, key.key, {
        requestDigest: key.requestDigest,
        path: answer.path,
        json: keptJson,
        entityTag: answer.validators.entityTag,
        modifiedAt: answer.validators.modificationTimestamp,
      });
      return answer;
    });
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

const OTHER_REQUEST = { name: IDEMPOTENCY_KEY_HEADER, reason: 'was used for another path or body within the last day' };

/** Not waited for: whoever waits holds a connection, and many who repeat a slow request would hold all of them. */
function underWay(): PlainProblem {
  return new PlainProblem(409, `A request with this ${IDEMPOTENCY_KEY_HEADER} is under way.`);
}
