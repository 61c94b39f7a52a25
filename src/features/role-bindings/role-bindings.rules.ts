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
import type { Change, Rules, Write } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers, type Role } from '../../settings/role.js';
import { ROLE_BINDING, ROLE_BINDINGS } from './role-binding.resource.js';

type Fields = typeof ROLE_BINDING.fields;
type Row = StoredRow & { readonly role: Role; readonly userID: string };

/** What only role bindings do (docs/api.md, section 7). Nobody gives, takes or changes a role above their own. */
@Injectable()
export class RoleBindingRules implements Rules<Fields, Row> {
  readonly resource = ROLE_BINDING;
  readonly table = ROLE_BINDINGS;
  readonly conflicts = {
    role_bindings_user_unique: () =>
      new ResourceConflict([{ name: 'userID', reason: 'has a role in this account already' }]),
    role_bindings_user_fk: () =>
      new ExtendedValidationFailure([{ name: 'userID', reason: 'must be the id of an existing user' }]),
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

  admit({ values, caller }: Change<Fields, Row>): Values<Fields> {
    requireGrantable(values.role, caller);
    requireValid(values);
    return values;
  }

  async around({ transaction, request }: Write, _kind: unknown, run: () => Promise<void>): Promise<void> {
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
