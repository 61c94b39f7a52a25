import { Injectable } from '@nestjs/common';
import { newBearerToken, tokenDigest } from '../../access/bearer-token.js';
import type { Caller } from '../../access/caller.js';
import { covers } from '../../settings/role.js';
import { listCollection } from '../../rest/collection-list.js';
import { sql } from '../../query/sql-fragment.js';
import { Database } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import {
  CollectionNotFound,
  ExtendedValidationFailure,
  OperationNotPermitted,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import { UsersService } from '../users/users.service.js';
import type { CreateToken } from './dto/create-token.js';
import { tokenCollection } from './token.collection.js';
import { type TokenOwner, type TokenRow, TokensRepository } from './tokens.repository.js';

/**
 * Tokens of an account's users (contract, section 7). Everyone manages their own. Whoever manages those of others does
 * so up to their own role, and what they make never does more than that role may, whatever becomes of the user.
 */
@Injectable()
export class TokensService {
  constructor(
    private readonly database: Database,
    private readonly repository: TokensRepository,
    private readonly users: UsersService,
    private readonly writes: IdempotentWrites,
  ) {}

  /**
   * The token itself is in the first answer only: repeated with the same idempotency key, the request is answered
   * without it.
   *
   * @throws CollectionNotFound, OperationNotPermitted, ResourceConflict (userID), ExtendedValidationFailure (the user
   *   has no role, the expiry is past), and what `Incoming` throws
   */
  async create(owner: TokenOwner, caller: Caller, incoming: Incoming<CreateToken>): Promise<CreatedAnswer> {
    const { accountId, userId } = owner;
    const role = await this.admit(owner, caller, CollectionNotFound);
    const body = await incoming.body();
    if (body.userID !== undefined && body.userID !== userId) {
      throw new ResourceConflict([{ name: 'userID', reason: `must be "${userId}"` }]);
    }
    const expiresAt = body.expirationTimestamp ?? null;
    const id = newIdentifier();
    const token = newBearerToken();
    const values = {
      name: body.name,
      digest: tokenDigest(token),
      expiresAt,
      roleLimit: caller.userId === userId ? caller.roleLimit : caller.role,
      labels: body.metadata?.labels ?? [],
    };
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      if (role === null) {
        throw new ExtendedValidationFailure([
          { name: 'userID', reason: 'must be the id of a user who has a role in the account' },
        ]);
      }
      if (expiresAt !== null && !(await this.repository.isFuture(queryable, expiresAt))) {
        throw new ExtendedValidationFailure([{ name: 'expirationTimestamp', reason: 'must be in the future' }]);
      }
      const row = await this.repository.insert(queryable, owner, id, values, caller.userId);
      const path = `/accounts/${accountId}/core/v1/users/${userId}/tokens/${id}`;
      return { answer: new CreatedAnswer(withToken(row.json, token), validatorsOf(row), path), keptJson: row.json };
    });
  }

  /**
   * @throws CollectionNotFound, OperationNotPermitted, InvalidQueryParameters, QueryParametersNotSupported,
   *   NotAcceptable
   */
  async list(owner: TokenOwner, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    await this.admit(owner, caller, CollectionNotFound);
    const { accountId, userId } = owner;
    const list = await listCollection({
      database: this.database,
      definition: tokenCollection,
      query: incoming.query(tokenCollection, [accountId, userId]),
      scope: [sql`t.account_id = ${accountId} AND t.user_id = ${userId}`],
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, OperationNotPermitted, QueryParametersNotSupported */
  async get(owner: TokenOwner, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    await this.admit(owner, caller, CollectionNotFound);
    const row = await this.repository.find(owner, id);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Revokes the token, at once for every replica: each request looks its token up.
   * @throws ResourceNotFound, OperationNotPermitted, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported
   */
  async delete(owner: TokenOwner, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    await this.admit(owner, caller, ResourceNotFound);
    await this.database.transaction(async (transaction) => {
      const row = await this.repository.lock(transaction, owner, id);
      if (row === undefined) throw new ResourceNotFound();
      incoming.preconditions().check(validatorsOf(row));
      incoming.requireNoQuery();
      await this.repository.delete(transaction, owner, id);
    });
  }

  /**
   * The user's role in the account; null for a user without one.
   * @throws NotFound; OperationNotPermitted for a user whose role is above the caller's
   */
  private async admit(
    { accountId, userId }: TokenOwner,
    caller: Caller,
    NotFound: new () => CollectionNotFound | ResourceNotFound,
  ): Promise<Caller['role'] | null> {
    const role = await this.users.roleOf(accountId, userId);
    if (role === undefined) throw new NotFound();
    if (caller.userId !== userId && role !== null && !covers(caller.role, role)) throw new OperationNotPermitted();
    return role;
  }
}

function withToken(json: string, token: string): string {
  return `${json.slice(0, -1)},"token":${JSON.stringify(token)}}`;
}

function validatorsOf(row: TokenRow): Validators {
  return { entityTag: entityTag(row.storedJson), modificationTimestamp: row.modifiedAt };
}
