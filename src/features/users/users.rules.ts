import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { keepingOwner } from '../../access/owners.js';
import type { Statement } from '../../database/database.js';
import { OperationNotPermitted } from '../../problems/catalogue.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Rules, Write } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers } from '../../settings/role.js';
import { USER, type UserRow, USERS } from './user.resource.js';

type Fields = typeof USER.fields;
type Row = StoredRow & UserRow;

/** The accounts in which a locked user has a role: nobody can give them one in another. */
const ACCOUNTS_OF_USER: Statement = {
  name: 'accounts-of-user',
  text: `SELECT account_id AS id FROM role_bindings WHERE user_id = $1`,
};

/**
 * What only users do (docs/api.md, section 7). A user may have roles in several accounts; the account that made them
 * vouches for them and is the only one to change or delete them, or any account could lock a user out of another.
 */
@Injectable()
export class UserRules implements Rules<Fields, Row> {
  readonly resource = USER;
  readonly table = USERS;

  path({ accountId }: IncomingRequest): string {
    return `/accounts/${accountId}/core/v1/users`;
  }

  /** In two parts that have no user in common. */
  list({ accountId }: IncomingRequest): ListedCollection {
    return {
      definition: USER.collection,
      scope: [
        sql`u.account_id = ${accountId}`,
        sql`u.account_id IS DISTINCT FROM ${accountId}
          AND u.id IN (SELECT user_id FROM role_bindings WHERE account_id = ${accountId})`,
      ],
      walk: [accountId],
    };
  }

  requireChangeable({ isOwn, role }: Row, caller: Caller): void {
    if (!isOwn || (role !== null && !covers(caller.role, role))) throw new OperationNotPermitted();
  }

  async around({ transaction, id }: Write, kind: 'update' | 'delete', run: () => Promise<void>): Promise<void> {
    const accounts = await transaction.query<{ id: string }>(ACCOUNTS_OF_USER, [id]);
    const field = kind === 'update' ? 'isEnabled' : 'id';
    await keepingOwner(
      transaction,
      accounts.map((account) => account.id),
      field,
      run,
    );
  }
}
