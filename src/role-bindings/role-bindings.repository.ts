import { Injectable } from '@nestjs/common';
import type { Role } from '../accounts/role.js';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { Label } from '../http/metadata.js';
import { ROLE_BINDING_JSON } from './role-binding.collection.js';

/** A role binding to be written: the whole of what a client can set. */
export interface RoleBindingValues {
  readonly userId: string;
  readonly role: Role;
  readonly roleConstraints: readonly string[];
  readonly labels: readonly Label[];
}

/** A stored role binding with its JSON text. */
export interface RoleBindingRow {
  readonly json: string;
  readonly role: Role;
  readonly modifiedAt: string;
}

/** A stored role binding as a replacement starts from it. */
export type StoredRoleBinding = RoleBindingValues & RoleBindingRow;

const ROW = `${ROLE_BINDING_JSON} AS json, b.role, b.modified_at AS "modifiedAt"`;

const FIND: Statement = {
  name: 'find-role-binding',
  text: `SELECT ${ROW} FROM role_bindings b WHERE b.account_id = $1 AND b.id = $2`,
};

const LOCK: Statement = {
  name: 'lock-role-binding',
  text: `
    SELECT ${ROW}, b.user_id AS "userId", b.role_constraints AS "roleConstraints", b.labels
    FROM role_bindings b
    WHERE b.account_id = $1 AND b.id = $2
    FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'insert-role-binding',
  text: `
    WITH b AS (
      INSERT INTO role_bindings (account_id, id, user_id, role, role_constraints, labels, created_by, created_at,
        modified_at)
      SELECT $1::uuid, $2::uuid, $3::uuid, $4, $5::jsonb, $6::jsonb, $7::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${ROW} FROM b`,
};

const UPDATE: Statement = {
  name: 'update-role-binding',
  text: `
    UPDATE role_bindings SET user_id = $3, role = $4, role_constraints = $5::jsonb, labels = $6::jsonb,
      modified_by = $7, modified_at = clock_timestamp()
    WHERE account_id = $1 AND id = $2`,
};

const DELETE: Statement = {
  name: 'delete-role-binding',
  text: `DELETE FROM role_bindings WHERE account_id = $1 AND id = $2`,
};

/** Weak enough for everything else that refers to the accounts to go on; whoever else changes their owners waits. */
const LOCK_ACCOUNTS: Statement = {
  name: 'lock-owned-accounts',
  text: `SELECT FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE`,
};

const OWNED: Statement = {
  name: 'accounts-with-owner',
  text: `
    SELECT DISTINCT b.account_id AS id
    FROM role_bindings b
    JOIN users u ON u.id = b.user_id
    WHERE b.account_id = ANY($1::uuid[]) AND b.role = 'owner' AND u.is_enabled = 'true'`,
};

/** Role bindings, row by row, keyed by account. */
@Injectable()
export class RoleBindingsRepository {
  constructor(private readonly database: Database) {}

  async find(accountId: string, id: string): Promise<RoleBindingRow | undefined> {
    const [row] = await this.database.query<RoleBindingRow>(FIND, [accountId, id]);
    return row;
  }

  /** Locks and reads a role binding for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, accountId: string, id: string): Promise<StoredRoleBinding | undefined> {
    const [row] = await transaction.query<StoredRoleBinding>(LOCK, [accountId, id]);
    return row;
  }

  /** @throws DatabaseError when there is no such user, or the user has a role in the account */
  async insert(
    queryable: Queryable,
    accountId: string,
    id: string,
    values: RoleBindingValues,
    userId: string,
  ): Promise<RoleBindingRow> {
    const [row] = await queryable.query<RoleBindingRow>(INSERT, [accountId, id, ...columnsOf(values), userId]);
    if (row === undefined) throw new Error('The insert of a role binding answered no row.');
    return row;
  }

  async update(
    transaction: Queryable,
    accountId: string,
    id: string,
    values: RoleBindingValues,
    userId: string,
  ): Promise<void> {
    await transaction.query(UPDATE, [accountId, id, ...columnsOf(values), userId]);
  }

  async delete(transaction: Queryable, accountId: string, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }

  /** Makes whoever else wants to change the owners of these accounts wait for the end of the transaction. */
  async lockAccounts(transaction: Queryable, accountIds: readonly string[]): Promise<void> {
    await transaction.query(LOCK_ACCOUNTS, [accountIds]);
  }

  /** Which of the accounts have at least one owner who is enabled. */
  async owned(transaction: Queryable, accountIds: readonly string[]): Promise<string[]> {
    const rows = await transaction.query<{ id: string }>(OWNED, [accountIds]);
    return rows.map((row) => row.id);
  }
}

/** The values in the column order that INSERT and UPDATE share, from `user_id` on. */
function columnsOf(values: RoleBindingValues): unknown[] {
  return [values.userId, values.role, JSON.stringify(values.roleConstraints), JSON.stringify(values.labels)];
}
