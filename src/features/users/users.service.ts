import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { covers, type Role } from '../../settings/role.js';
import { listCollection } from '../../rest/collection-list.js';
import { Database, type Transaction } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Preconditions, Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import {
  CollectionNotFound,
  OperationNotPermitted,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import { keepingOwner } from '../../access/owners.js';
import type { CreateUser } from './dto/create-user.js';
import type { UpdateUser } from './dto/update-user.js';
import { userCollection } from './user.collection.js';
import { type StoredUser, type UserRow, usersOf, UsersRepository, type UserValues } from './users.repository.js';

/**
 * Users (contract, section 7). A user may have roles in several accounts; the account that made them vouches for them
 * and is the only one to change or delete them, or any account could lock a user out of another.
 */
@Injectable()
export class UsersService {
  constructor(
    private readonly database: Database,
    private readonly repository: UsersRepository,
    private readonly writes: IdempotentWrites,
  ) {}

  /** The user's role in the account, null for a user without one; undefined where the account has no such user. */
  async roleOf(accountId: string, id: string): Promise<Role | null | undefined> {
    return (await this.repository.find(accountId, id))?.role;
  }

  /** @throws what `Incoming` throws */
  async create(accountId: string, caller: Caller, incoming: Incoming<CreateUser>): Promise<CreatedAnswer> {
    const body = await incoming.body();
    const id = newIdentifier();
    const values: UserValues = {
      isEnabled: body.isEnabled ?? 'true',
      firstName: body.firstName ?? '',
      lastName: body.lastName ?? '',
      email: body.email,
      labels: body.metadata?.labels ?? [],
    };
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      const row = await this.repository.insert(queryable, accountId, id, values, caller.userId);
      const path = `/accounts/${accountId}/core/v1/users/${id}`;
      return { answer: new CreatedAnswer(row.json, validatorsOf(row), path), keptJson: row.json };
    });
  }

  /** @throws InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable */
  async list(accountId: string, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const list = await listCollection({
      database: this.database,
      definition: userCollection,
      query: incoming.query(userCollection, [accountId]),
      scope: usersOf(accountId),
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(accountId: string, id: string, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out.
   * @throws ResourceNotFound, OperationNotPermitted, InvalidHeaders, PreconditionNotMet, ResourceConflict (id, the last
   *   owner is to be disabled), and what `Incoming` throws
   */
  async replace(accountId: string, id: string, caller: Caller, incoming: Incoming<UpdateUser>): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    const body = await incoming.body();
    if (body.id !== undefined && body.id !== id) {
      throw new ResourceConflict([{ name: 'id', reason: `must be "${id}"` }]);
    }
    await this.database.transaction(async (transaction) => {
      const stored = await this.lock(transaction, accountId, id, caller);
      preconditions.check(validatorsOf(stored));
      const accounts = await this.repository.accountsOf(transaction, id);
      await keepingOwner(transaction, accounts, 'isEnabled', () =>
        this.repository.update(transaction, id, merged(stored, body), caller.userId),
      );
    });
  }

  /**
   * Deletes the user with their role bindings and tokens, in every account.
   * @throws ResourceNotFound, OperationNotPermitted, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported,
   *   ResourceConflict (the user is the last owner of an account)
   */
  async delete(accountId: string, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    incoming.requireNoQuery();
    await this.database.transaction(async (transaction) => {
      preconditions.check(validatorsOf(await this.lock(transaction, accountId, id, caller)));
      const accounts = await this.repository.accountsOf(transaction, id);
      await keepingOwner(transaction, accounts, 'id', () => this.repository.delete(transaction, id));
    });
  }

  private async admitChange(
    accountId: string,
    id: string,
    caller: Caller,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<Preconditions> {
    const row = await this.repository.find(accountId, id);
    requireManageable(row, caller);
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  private async lock(transaction: Transaction, accountId: string, id: string, caller: Caller): Promise<StoredUser> {
    const stored = await this.repository.lock(transaction, accountId, id);
    requireManageable(stored, caller);
    return stored;
  }
}

/** @throws ResourceNotFound; OperationNotPermitted for a user of another account, or one whose role is above the caller's */
function requireManageable<Row extends UserRow>(row: Row | undefined, caller: Caller): asserts row is Row {
  if (row === undefined) throw new ResourceNotFound();
  if (!row.isOwn || (row.role !== null && !covers(caller.role, row.role))) throw new OperationNotPermitted();
}

function merged(stored: UserValues, body: UpdateUser): UserValues {
  return {
    isEnabled: body.isEnabled ?? stored.isEnabled,
    firstName: body.firstName ?? stored.firstName,
    lastName: body.lastName ?? stored.lastName,
    email: body.email ?? stored.email,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function validatorsOf(row: Pick<UserRow, 'json' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(row.json), modificationTimestamp: row.modifiedAt };
}
