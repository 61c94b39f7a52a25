import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { keepingOwner } from '../../access/owners.js';
import { roleConstraintError, UNLIMITED } from '../../access/namespace-limit.js';
import { covers } from '../../settings/role.js';
import { listCollection } from '../../rest/collection-list.js';
import { sql } from '../../query/sql-fragment.js';
import { Database, type Transaction } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Preconditions, Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import {
  CollectionNotFound,
  ExtendedValidationFailure,
  OperationNotPermitted,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { InvalidField } from '../../problems/problem.js';
import type { CreateRoleBinding } from './dto/create-role-binding.js';
import type { UpdateRoleBinding } from './dto/update-role-binding.js';
import { roleBindingCollection } from './role-binding.collection.js';
import {
  type RoleBindingRow,
  RoleBindingsRepository,
  type RoleBindingValues,
  type StoredRoleBinding,
} from './role-bindings.repository.js';

/** Who has which role in an account (contract, section 7). Nobody gives, takes or changes a role above their own. */
@Injectable()
export class RoleBindingsService {
  constructor(
    private readonly database: Database,
    private readonly repository: RoleBindingsRepository,
    private readonly writes: IdempotentWrites,
  ) {}

  /**
   * @throws OperationNotPermitted, ResourceConflict (accountID, userID), ExtendedValidationFailure, and what `Incoming`
   *   throws
   */
  async create(accountId: string, caller: Caller, incoming: Incoming<CreateRoleBinding>): Promise<CreatedAnswer> {
    const body = await incoming.body();
    requireSame([['accountID', body.accountID, accountId]]);
    requireGrantable(body.role, caller);
    const id = newIdentifier();
    const values: RoleBindingValues = {
      userId: body.userID,
      role: body.role,
      roleConstraints: body.roleConstraints ?? [UNLIMITED],
      labels: body.metadata?.labels ?? [],
    };
    requireValid(values);
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      const row = await written(() => this.repository.insert(queryable, accountId, id, values, caller.userId));
      const path = `/accounts/${accountId}/core/v1/roleBindings/${id}`;
      return { answer: new CreatedAnswer(row.json, validatorsOf(row), path), keptJson: row.json };
    });
  }

  /** @throws InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable */
  async list(accountId: string, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const list = await listCollection({
      database: this.database,
      definition: roleBindingCollection,
      query: incoming.query(roleBindingCollection, [accountId]),
      scope: [sql`b.account_id = ${accountId}`],
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
   * @throws ResourceNotFound, OperationNotPermitted, InvalidHeaders, PreconditionNotMet, ResourceConflict (id, userID,
   *   accountID, the last owner's role), ExtendedValidationFailure, and what `Incoming` throws
   */
  async replace(accountId: string, id: string, caller: Caller, incoming: Incoming<UpdateRoleBinding>): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    const body = await incoming.body();
    await this.database.transaction((transaction) =>
      keepingOwner(transaction, [accountId], 'role', async () => {
        const stored = await this.lock(transaction, accountId, id, caller);
        preconditions.check(validatorsOf(stored));
        requireSame([
          ['id', body.id, id],
          ['userID', body.userID, stored.userId],
          ['accountID', body.accountID, accountId],
        ]);
        const values = merged(stored, body);
        requireGrantable(values.role, caller);
        requireValid(values);
        await this.repository.update(transaction, accountId, id, values, caller.userId);
      }),
    );
  }

  /**
   * @throws ResourceNotFound, OperationNotPermitted, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported,
   *   ResourceConflict (the last owner's role)
   */
  async delete(accountId: string, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    incoming.requireNoQuery();
    await this.database.transaction((transaction) =>
      keepingOwner(transaction, [accountId], 'role', async () => {
        preconditions.check(validatorsOf(await this.lock(transaction, accountId, id, caller)));
        await this.repository.delete(transaction, accountId, id);
      }),
    );
  }

  private async admitChange(
    accountId: string,
    id: string,
    caller: Caller,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<Preconditions> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined) throw new ResourceNotFound();
    requireGrantable(row.role, caller);
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  private async lock(
    transaction: Transaction,
    accountId: string,
    id: string,
    caller: Caller,
  ): Promise<StoredRoleBinding> {
    const stored = await this.repository.lock(transaction, accountId, id);
    if (stored === undefined) throw new ResourceNotFound();
    requireGrantable(stored.role, caller);
    return stored;
  }
}

/** @throws OperationNotPermitted for a role above the caller's own */
function requireGrantable(role: RoleBindingValues['role'], caller: Caller): void {
  if (!covers(caller.role, role)) throw new OperationNotPermitted();
}

/** @throws ResourceConflict naming every field that was sent and differs from what it cannot differ from */
function requireSame(fields: readonly [name: string, sent: string | undefined, expected: string][]): void {
  const conflicts = fields.filter(([, sent, expected]) => sent !== undefined && sent !== expected);
  if (conflicts.length > 0) {
    throw new ResourceConflict(conflicts.map(([name, , expected]) => ({ name, reason: `must be "${expected}"` })));
  }
}

/** @throws ExtendedValidationFailure with every constraint that is not one, or that the role cannot have */
function requireValid({ role, roleConstraints }: RoleBindingValues): void {
  const invalid: InvalidField[] = roleConstraints.flatMap((constraint, index) => {
    const reason = roleConstraintError(constraint);
    return reason === undefined ? [] : [{ name: `roleConstraints[${index}]`, reason }];
  });
  if (roleConstraints.length === 0) {
    invalid.push({ name: 'roleConstraints', reason: `must have at least one item; "${UNLIMITED}" is everything` });
  } else if ((role === 'admin' || role === 'owner') && !roleConstraints.includes(UNLIMITED)) {
    invalid.push({ name: 'roleConstraints', reason: `must be ["${UNLIMITED}"] for the role "${role}"` });
  }
  if (invalid.length > 0) throw new ExtendedValidationFailure(invalid);
}

/** Settles what only the database can: a user who is not there, or has a role in the account already. */
async function written<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'role_bindings_user_unique':
        throw new ResourceConflict([{ name: 'userID', reason: 'has a role in this account already' }]);
      case 'role_bindings_user_fk':
        throw new ExtendedValidationFailure([{ name: 'userID', reason: 'must be the id of an existing user' }]);
      default:
        throw error;
    }
  }
}

function merged(stored: RoleBindingValues, body: UpdateRoleBinding): RoleBindingValues {
  return {
    userId: stored.userId,
    role: body.role ?? stored.role,
    roleConstraints: body.roleConstraints ?? stored.roleConstraints,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function validatorsOf(row: Pick<RoleBindingRow, 'json' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(row.json), modificationTimestamp: row.modifiedAt };
}
