import { Injectable } from '@nestjs/common';
import { newBearerToken, tokenDigest } from '../../access/bearer-token.js';
import type { Caller } from '../../access/caller.js';
import type { Queryable, Statement } from '../../database/database.js';
import { ExtendedValidationFailure, OperationNotPermitted } from '../../problems/catalogue.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers, type Role } from '../../settings/role.js';
import { USERS } from '../users/user.resource.js';
import { TOKEN, TOKENS } from './token.resource.js';

type Fields = typeof TOKEN.fields;

const IS_FUTURE: Statement = {
  name: 'is-future',
  text: `SELECT $1::timestamptz > statement_timestamp() AS "isFuture"`,
};

/** What a new token is stored with that no field shows. */
interface Hidden {
  /** The token itself, which is not stored. */
  readonly token: string;
}

/**
 * What only tokens do (docs/api.md, section 7). Everyone manages their own. Who manages those of others does so up to
 * their own role, and what they make never does more than that role may, whatever becomes of the user.
 */
@Injectable()
export class TokenRules implements Rules<Fields, StoredRow, Hidden> {
  readonly resource = TOKEN;
  readonly table = TOKENS;

  path(request: IncomingRequest): string {
    return `/accounts/${request.accountId}/core/v1/users/${request.parameter('user_id')}/tokens`;
  }

  list(request: IncomingRequest): ListedCollection {
    const { accountId } = request;
    const userId = request.parameter('user_id');
    return {
      definition: TOKEN.collection,
      scope: [sql`t.account_id = ${accountId} AND t.user_id = ${userId}`],
      walk: [accountId, userId],
    };
  }

  async requireParent(queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<void> {
    await roleOfOwner(queryable, request, caller);
  }

  /** The token itself is in the first answer only: a repeated request is answered without it. */
  prepare(): Promise<Hidden> {
    return Promise.resolve({ token: newBearerToken() });
  }

  async admit({
    transaction,
    request,
    caller,
    values,
    prepared,
  }: Change<Fields, StoredRow, Hidden>): Promise<Values<Fields>> {
    if ((await roleOfOwner(transaction, request, caller)) === null) {
      throw new ExtendedValidationFailure([
        { name: 'userID', reason: 'must be the id of a user who has a role in the account' },
      ]);
    }
    const { expirationTimestamp } = values;
    if (expirationTimestamp !== null && !(await isFuture(transaction, expirationTimestamp))) {
      throw new ExtendedValidationFailure([{ name: 'expirationTimestamp', reason: 'must be in the future' }]);
    }
    const hidden = {
      token_sha256: tokenDigest(prepared.token),
      role_limit: caller.userId === request.parameter('user_id') ? caller.roleLimit : caller.role,
    };
    return { ...values, ...hidden };
  }

  created({ prepared }: Change<Fields, StoredRow, Hidden>): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve({ token: prepared.token });
  }
}

/**
 * The role in the account of the user whose tokens they are; null for a user without one.
 * @throws the method's 404; OperationNotPermitted for a user whose role is above the caller's
 */
async function roleOfOwner(queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<Role | null> {
  const userId = request.parameter('user_id');
  const user = await USERS.find(queryable, [request.accountId, userId]);
  if (user === undefined) throw request.notFound();
  const { role } = user;
  if (caller.userId !== userId && role !== null && !covers(caller.role, role)) throw new OperationNotPermitted();
  return role;
}

/** Whether a timestamp lies ahead by the clock that will expire the token. */
async function isFuture(queryable: Queryable, timestamp: string): Promise<boolean> {
  const [row] = await queryable.query<{ isFuture: boolean }>(IS_FUTURE, [timestamp]);
  return row?.isFuture === true;
}
