import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { keepingOwner } from '../../access/owners.js';
import type { Statement } from '../../database/database.js';
import { OperationNotPermitted, ResourceConflict } from '../../problems/catalogue.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Alteration, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers } from '../../settings/role.js';
import { endAccess } from './end-access.js';
import { USER, type UserRow, USERS } from './user.resource.js';

type Fields = typeof USER.fields;
type Row = StoredRow & UserRow;

/** Whether a locked user belongs to another account: nobody can give them a role there meanwhile. */
const IS_ELSEWHERE: Statement = {
  name: 'is-user-elsewhere',
  text: `
    SELECT FROM users
    WHERE id = $1 AND (account_id <> $2
      OR EXISTS (SELECT FROM role_bindings WHERE user_id = $1 AND account_id <> $2))`,
};

/** Users are created one by one in an account, so that none gets an address that another one gets at the same moment. */
const LOCK_ACCOUNT: Statement = {
  name: 'lock-account-of-users',
  text: `SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE`,
};

const HAS_EMAIL: Statement = {
  name: 'has-user-with-email',
  text: `
    SELECT FROM users AS u
    LEFT JOIN role_bindings AS b ON b.account_id = $1 AND b.user_id = u.id
    WHERE lower(u.email) = lower($2) AND u.id <> $3 AND (u.account_id = $1 OR b.account_id IS NOT NULL)
    LIMIT 1`,
};

/**
 * What only users do (docs/api.md, section 7). A user may have roles in several accounts. What one of these decides
 * reaches itself alone: to disable or delete a user who has roles elsewhere ends their access here. A user who has none
 * elsewhere is disabled or deleted as such.
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

  requireChangeable({ role }: Row, caller: Caller): void {
    if (role !== null && !covers(caller.role, role)) throw new OperationNotPermitted();
  }

  async admit(change: Change<Fields, Row>): Promise<Values<Fields>> {
    const { transaction, request, id, values, stored } = change;
    if (values.email !== null && values.email !== stored?.email) {
      await transaction.query(LOCK_ACCOUNT, [request.accountId]);
      const taken = await transaction.query(HAS_EMAIL, [request.accountId, values.email, id]);
      if (taken.length > 0) throw new ResourceConflict([{ name: 'email', reason: 'is taken' }]);
    }
    return values;
  }

  /**
   * Keeps an owner who is enabled in the account. A user of other accounts stays as they are in these: to disable or
   * delete them ends their access to this account. Their names are for the account that made them to change.
   *
   * @throws OperationNotPermitted for another change of a user whom another account made
   */
  async around(
    { transaction, request, id, stored, body }: Alteration<Fields, Row>,
    run: () => Promise<void>,
  ): Promise<void> {
    const { accountId } = request;
    const isElsewhere = (await transaction.query(IS_ELSEWHERE, [id, accountId])).length > 0;
    const ends = body === undefined || body.isEnabled === 'false';
    if (isElsewhere && !ends && !stored.isOwn) throw new OperationNotPermitted();
    await keepingOwner(transaction, [accountId], body === undefined ? 'id' : 'isEnabled', () =>
      isElsewhere && ends ? endAccess(transaction, accountId, id) : run(),
    );
  }
}
