import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { roleConstraintError, UNLIMITED } from '../../access/namespace-limit.js';
import { keepingOwner } from '../../access/owners.js';
import { ExtendedValidationFailure, OperationNotPermitted, ResourceConflict } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Conflicts, Alteration, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers, type Role } from '../../settings/role.js';
import { endAccess } from '../users/end-access.js';
import { USERS } from '../users/user.resource.js';
import { ROLE_BINDING, ROLE_BINDINGS } from './role-binding.resource.js';

type Fields = typeof ROLE_BINDING.fields;
type Row = StoredRow & { readonly role: Role; readonly userID: string };

const MISSING_USER = { name: 'userID', reason: 'must be the id of an existing user of the account' };

/** What only role bindings do (docs/api.md, section 7). Nobody gives, takes or changes a role above their own. */
@Injectable()
export class RoleBindingRules implements Rules<Fields, Row> {
  readonly resource = ROLE_BINDING;
  readonly table = ROLE_BINDINGS;
  readonly conflicts: Conflicts = {
    role_bindings_user_unique: () =>
      new ResourceConflict([{ name: 'userID', reason: 'has a role in this account already' }]),
    role_bindings_user_fk: () => new ExtendedValidationFailure([MISSING_USER]),
  };

  path({ accountId }: IncomingRequest): string {
    return `/accounts/${accountId}/core/v1/roleBindings`;
  }

  list({ accountId }: IncomingRequest): ListedCollection {
    return { definition: ROLE_BINDING.collection, scope: [sql`b.account_id = ${accountId}`], walk: [accountId] };
  }

  requireChangeable({ role }: Row, caller: Caller): void {
    requireGrantable(role, caller);
  }

  /** A user of another account comes into this one by the operator's command line or by their issuer. */
  async admit({ transaction, request, values, caller, stored }: Change<Fields, Row>): Promise<Values<Fields>> {
    requireGrantable(values.role, caller);
    requireValid(values);
    const isVisible =
      stored !== undefined || (await USERS.find(transaction, [request.accountId, values.userID])) !== undefined;
    if (!isVisible) throw new ExtendedValidationFailure([MISSING_USER]);
    return values;
  }

  /** Without a role in the account, the user is gone from it. */
  async remove({ transaction, request, stored }: Alteration<Fields, Row>): Promise<void> {
    await endAccess(transaction, request.accountId, stored.userID);
  }

  async around({ transaction, request }: Alteration<Fields, Row>, run: () => Promise<void>): Promise<void> {
    await keepingOwner(transaction, [request.accountId], 'role', run);
  }
}

/** @throws OperationNotPermitted for a role above the caller's own */
function requireGrantable(role: Role, caller: Caller): void {
  if (!covers(caller.role, role)) throw new OperationNotPermitted();
}

/** @throws ExtendedValidationFailure with every constraint that is not one, or that the role cannot have */
function requireValid({ role, roleConstraints }: Values<Fields>): void {
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
