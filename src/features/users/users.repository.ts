import { Injectable } from '@nestjs/common';
import type { Role } from '../../settings/role.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import { USER_JSON } from './user.collection.js';

/** A user to be written: the whole of what a client can set. */
export interface UserValues {
  readonly isEnabled: 'true' | 'false';
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly labels: readonly Label[];
}

/** A stored user with its JSON text, as one account sees it. */
export interface UserRow {
  readonly json: string;
  readonly modifiedAt: string;
  /** Whether the account made the user. */
  readonly isOwn: boolean;
  /** The user's role in the account; null where there is none. */
  readonly role: Role | null;
}

/** A stored user as a replacement starts from it. */
export type StoredUser = UserValues & UserRow;

const ROW = `${USER_JSON} AS json, u.modified_at AS "modifiedAt", u.account_id IS NOT DISTINCT FROM $1 AS "isOwn", b.role`;

/** The users of account $1: those that it made, and those that have a role in it. */
const VISIBLE = `
    FROM users u
    LEFT JOIN role_bindings b ON b.account_id = $1 AND b.user_id = u.id
    WHERE u.id = $2 AND (u.account_id = $1 OR b.account_id IS NOT NULL)`;

const FIND: Statement = { name: 'find-user', text: `SELECT ${ROW} ${VISIBLE}` };

const LOCK: Statement = {
  name: 'lock-user',
  text: `
    SELECT ${ROW}, u.is_enabled AS "isEnabled", u.first_name AS "firstName", u.last_name AS "lastName", u.email, u.labels
    ${VISIBLE}
    FOR UPDATE OF u`,
};

const INSERT: Statement = {
  name: 'insert-user',
  text: `
    WITH u AS (
      INSERT INTO users (account_id, id, is_enabled, first_name, last_name, email, labels, created_by, created_at,
        modified_at)
      SELECT $1::uuid, $2::uuid, $3, $4, $5, $6, $7::jsonb, $8::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${USER_JSON} AS json, u.modified_at AS "modifiedAt", true AS "isOwn", NULL AS role FROM u`,
};

const UPDATE: Statement = {
  name: 'update-user',
  text: `
    UPDATE users SET is_enabled = $2, first_name = $3, last_name = $4, email = $5, labels = $6::jsonb,
      modified_by = $7, modified_at = clock_timestamp()
    WHERE id = $1`,
};

const DELETE: Statement = { name: 'delete-user', text: `DELETE FROM users WHERE id = $1` };

const ACCOUNTS_OF_USER: Statement = {
  name: 'accounts-of-user',
  text: `SELECT account_id AS id FROM role_bindings WHERE user_id = $1`,
};

/** Users, row by row, as one account sees them. */
@Injectable()
export class UsersRepository {
  constructor(private readonly database: Database) {}

  async find(accountId: string, id: string): Promise<UserRow | undefined> {
    const [row] = await this.database.query<UserRow>(FIND, [accountId, id]);
    return row;
  }

  /** Locks and reads a user for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, accountId: string, id: string): Promise<StoredUser | undefined> {
    const [row] = await transaction.query<StoredUser>(LOCK, [accountId, id]);
    return row;
  }

  async insert(
    queryable: Queryable,
    accountId: string,
    id: string,
    values: UserValues,
    userId: string,
  ): Promise<UserRow> {
    const [row] = await queryable.query<UserRow>(INSERT, [accountId, id, ...columnsOf(values), userId]);
    if (row === undefined) throw new Error('The insert of a user answered no row.');
    return row;
  }

  async update(transaction: Queryable, id: string, values: UserValues, userId: string): Promise<void> {
    await transaction.query(UPDATE, [id, ...columnsOf(values), userId]);
  }

  /** Takes the user's role bindings and tokens along, in every account. */
  async delete(transaction: Queryable, id: string): Promise<void> {
    await transaction.query(DELETE, [id]);
  }

  /** The accounts in which a locked user has a role: nobody can give them one in another. */
  async accountsOf(transaction: Queryable, id: string): Promise<string[]> {
    const rows = await transaction.query<{ id: string }>(ACCOUNTS_OF_USER, [id]);
    return rows.map((row) => row.id);
  }
}

/** The users of an account, in two parts that have no user in common. */
export function usersOf(accountId: string): readonly [Fragment, Fragment] {
  return [
    sql`u.account_id = ${accountId}`,
    sql`u.account_id IS DISTINCT FROM ${accountId}
      AND u.id IN (SELECT user_id FROM role_bindings WHERE account_id = ${accountId})`,
  ];
}

/** The values in the column order that INSERT and UPDATE share, from `is_enabled` on. */
function columnsOf(values: UserValues): unknown[] {
  return [values.isEnabled, values.firstName, values.lastName, values.email, JSON.stringify(values.labels)];
}
