import { Injectable } from '@nestjs/common';
import type { Role } from '../../settings/role.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
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
}

/** The values in the column order that INSERT and UPDATE share, from `user_id` on. */
function columnsOf(values: RoleBindingValues): unknown[] {
  return [values.userId, values.role, JSON.stringify(values.roleConstraints), JSON.stringify(values.labels)];
}
