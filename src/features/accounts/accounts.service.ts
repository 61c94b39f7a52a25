import { Injectable } from '@nestjs/common';
import { listCollection } from '../../rest/collection-list.js';
import { sql } from '../../query/sql-fragment.js';
import { Database, type Queryable, type Transaction } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Preconditions, Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import { CollectionNotFound, ResourceConflict, ResourceNotFound } from '../../problems/catalogue.js';
import { accountCollection } from './account.collection.js';
import { type AccountRow, AccountsRepository, type AccountValues, type StoredAccount } from './accounts.repository.js';
import type { Caller } from '../../access/caller.js';
import type { CreateAccount } from './dto/create-account.js';
import type { UpdateAccount } from './dto/update-account.js';
import { bindOwner, createToken } from './new-account.js';

/** Accounts (contract, section 7). */
@Injectable()
export class AccountsService {
  constructor(
    private readonly database: Database,
    private readonly repository: AccountsRepository,
    private readonly writes: IdempotentWrites,
  ) {}

  /**
   * Makes an account that the caller owns. Where the caller's token opens its own account only, the answer has one for
   * the new account, or nobody could enter it.
   * @throws what `Incoming` throws
   */
  async create(caller: Caller, incoming: Incoming<CreateAccount>): Promise<CreatedAnswer> {
    const body = await incoming.body();
    const id = newIdentifier();
    const values: AccountValues = {
      name: body.name,
      isEnabled: body.isEnabled ?? 'true',
      labels: body.metadata?.labels ?? [],
    };
    return this.writes.onceInTransaction(caller, incoming.idempotencyKey(), async (transaction) => {
      const row = await this.repository.insert(transaction, id, values, caller.userId);
      await bindOwner(transaction, id, caller.userId, caller.userId);
      const json = caller.tokenId === undefined ? row.json : await this.withToken(transaction, id, row.json, caller);
      return { answer: new CreatedAnswer(json, validatorsOf(row), `/accounts/${id}`), keptJson: row.json };
    });
  }

  /**
   * The accounts that the caller's token opens.
   * @throws InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable
   */
  async list(caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const list = await listCollection({
      database: this.database,
      definition: accountCollection,
      query: incoming.query(accountCollection, [caller.userId]),
      scope: [
        caller.tokenId === undefined
          ? sql`a.id IN (SELECT account_id FROM role_bindings WHERE user_id = ${caller.userId})
              AND a.id IS DISTINCT FROM ${caller.withheldAccountId ?? null}`
          : sql`a.id = ${caller.accountId}`,
      ],
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(id: string, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    const row = await this.repository.find(id);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, ResourceConflict (id), and what `Incoming` throws
   */
  async replace(id: string, caller: Caller, incoming: Incoming<UpdateAccount>): Promise<void> {
    const preconditions = await this.admitChange(id, incoming);
    const body = await incoming.body();
    if (body.id !== undefined && body.id !== id) {
      throw new ResourceConflict([{ name: 'id', reason: `must be "${id}"` }]);
    }
    await this.database.transaction(async (transaction) => {
      const stored = await this.lock(transaction, id);
      preconditions.check(validatorsOf(stored));
      await this.repository.update(transaction, id, merged(stored, body), caller.userId);
    });
  }

  /**
   * Deletes the account with everything below it, in one transaction.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported
   */
  async delete(id: string, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(id, incoming);
    incoming.requireNoQuery();
    await this.database.transaction(async (transaction) => {
      preconditions.check(validatorsOf(await this.lock(transaction, id)));
      await this.repository.delete(transaction, id);
    });
  }

  /** The JSON of a new account with a token for it, which no other answer has, not even that to a repeated request. */
  private async withToken(transaction: Queryable, id: string, json: string, { userId }: Caller): Promise<string> {
    const { token } = await createToken(transaction, id, userId, 'first token', { createdBy: userId });
    return `${json.slice(0, -1)},"token":${JSON.stringify(token)}}`;
  }

  private async admitChange(id: string, incoming: Pick<IncomingWithoutBody, 'preconditions'>): Promise<Preconditions> {
    const row = await this.repository.find(id);
    if (row === undefined) throw new ResourceNotFound();
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  private async lock(transaction: Transaction, id: string): Promise<StoredAccount> {
    const stored = await this.repository.lock(transaction, id);
    if (stored === undefined) throw new ResourceNotFound();
    return stored;
  }
}

function merged(stored: AccountValues, body: UpdateAccount): AccountValues {
  return {
    name: body.name ?? stored.name,
    isEnabled: body.isEnabled ?? stored.isEnabled,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function validatorsOf(row: Pick<AccountRow, 'json' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(row.json), modificationTimestamp: row.modifiedAt };
}
