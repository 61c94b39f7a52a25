import { Injectable } from '@nestjs/common';
import { newBearerToken, tokenDigest } from '../../access/bearer-token.js';
import type { Caller } from '../../access/caller.js';
import type { Queryable, Statement } from '../../database/database.js';
import { ExtendedValidationFailure, OperationNotPermitted } from '../../problems/catalogue.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Conflicts, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { covers, type Role } from '../../settings/role.js';
import { USERS } from '../users/user.resource.js';
import { TOKEN, TOKENS } from './token.resource.js';

type Fields = typeof TOKEN.fields;

/** By the clock that will expire the token; `least` leaves out what is null. */
const CHECK_EXPIRY: Statement = {
  name: 'check-expiry',
  text: `
    SELECT latest, $1::timestamptz <= statement_timestamp() AS "isPast", $1::timestamptz > latest AS "isLate"
    FROM least($2::timestamptz, statement_timestamp() + $3::integer * interval '1 second') AS latest`,
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

  readonly conflicts: Conflicts = { tokens_user_fk: (request: IncomingRequest) => request.notFound() };

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
    const expirationTimestamp = await expiryOf(transaction, values.expirationTimestamp, caller);
    const hidden = {
      token_sha256: tokenDigest(prepared.token),
      role_limit: caller.userId === request.parameter('user_id') ? caller.roleLimit : caller.role,
    };
    return { ...values, expirationTimestamp, ...hidden };
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
  // A token that another user made is not the user themselves: it reaches as far as its maker's role.
  const isThemselves = caller.userId === userId && caller.roleLimit === null;
  if (!isThemselves && role !== null && !covers(caller.role, role)) throw new OperationNotPermitted();
  return role;
}

/**
 * When a new token expires: as asked for, but no later than the token that makes it, or than a JWT's issuer allows.
 * @throws ExtendedValidationFailure for a time that is past or too late; OperationNotPermitted for a JWT that makes none
 */
async function expiryOf(
  queryable: Queryable,
  asked: string | null,
  { expiresAt, tokenLifetimeSeconds }: Caller,
): Promise<string | null> {
  if (tokenLifetimeSeconds === 0) throw new OperationNotPermitted();
  if (asked === null && expiresAt === null && tokenLifetimeSeconds === null) return null;
  const [row] = await queryable.query<{ latest: string | null; isPast: boolean | null; isLate: boolean | null }>(
    CHECK_EXPIRY,
    [asked, expiresAt, tokenLifetimeSeconds],
  );
  const latest = row?.latest ?? null;
  if (asked === null) return latest;
  let reason: string | undefined;
  if (row?.isPast === true) reason = 'must be in the future';
  else if (row?.isLate === true) reason = `must not be later than the token of the request allows, ${latest ?? ''}`;
  if (reason !== undefined) throw new ExtendedValidationFailure([{ name: 'expirationTimestamp', reason }]);
  return asked;
}
