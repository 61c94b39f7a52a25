import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import { ACCOUNT_JSON } from './account.collection.js';

/** An account to be written: the whole of what a client can set. */
export interface AccountValues {
  readonly name: string;
  readonly isEnabled: 'true' | 'false';
  readonly labels: readonly Label[];
}

/** A stored account with its JSON text. */
export interface AccountRow {
  readonly json: string;
  readonly modifiedAt: string;
}

/** A stored account as a replacement starts from it. */
export type StoredAccount = AccountValues & AccountRow;

const ROW = `${ACCOUNT_JSON} AS json, a.modified_at AS "modifiedAt"`;

const FIND: Statement = { name: 'find-account', text: `SELECT ${ROW} FROM accounts a WHERE a.id = $1` };

const LOCK: Statement = {
  name: 'lock-account',
  text: `SELECT ${ROW}, a.name, a.is_enabled AS "isEnabled", a.labels FROM accounts a WHERE a.id = $1 FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'insert-account',
  text: `
    WITH a AS (
      INSERT INTO accounts (id, name, is_enabled, labels, created_by, created_at, modified_at)
      SELECT $1::uuid, $2, $3, $4::jsonb, $5::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${ROW} FROM a`,
};

const UPDATE: Statement = {
  name: 'update-account',
  text: `
    UPDATE accounts SET name = $2, is_enabled = $3, labels = $4::jsonb, modified_by = $5,
      modified_at = clock_timestamp()
    WHERE id = $1`,
};

/**
 * Everything below an account, in an order that no foreign key objects to: hooks refer to hook sources. Apps take
 * their inventories along, hooks the overrides of them.
 */
const DELETE_CONTENT: readonly Statement[] = ['execution_hooks', 'hook_sources', 'apps', 'tokens', 'role_bindings'].map(
  (table) => ({ text: `DELETE FROM ${table} WHERE account_id = $1` }),
);

/** Nobody can bind a user any more once the row is locked, so that those who are bound nowhere can be told. */
const LOCK_USERS: Statement = { text: `SELECT FROM users WHERE account_id = $1 ORDER BY id FOR UPDATE` };

const DELETE_USERS: Statement = {
  text: `
    DELETE FROM users
    WHERE account_id = $1 AND NOT EXISTS (SELECT FROM role_bindings WHERE user_id = users.id)`,
};

const DELETE: Statement = { name: 'delete-account', text: `DELETE FROM accounts WHERE id = $1` };

/** Accounts, row by row. */
@Injectable()
export class AccountsRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<AccountRow | undefined> {
    const [row] = await this.database.query<AccountRow>(FIND, [id]);
    return row;
  }

  /** Locks and reads an account for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, id: string): Promise<StoredAccount | undefined> {
    const [row] = await transaction.query<StoredAccount>(LOCK, [id]);
    return row;
  }

  async insert(transaction: Queryable, id: string, values: AccountValues, userId: string): Promise<AccountRow> {
    const [row] = await transaction.query<AccountRow>(INSERT, [id, ...columnsOf(values), userId]);
    if (row === undefined) throw new Error('The insert of an account answered no row.');
    return row;
  }

  async update(transaction: Queryable, id: string, values: AccountValues, userId: string): Promise<void> {
    await transaction.query(UPDATE, [id, ...columnsOf(values), userId]);
  }

  /**
   * Deletes a locked account with everything below it, and those of its users who have no role in another account; the
   * others belong to no account from then on.
   */
  async delete(transaction: Queryable, id: string): Promise<void> {
    for (const statement of DELETE_CONTENT) await transaction.query(statement, [id]);
    await transaction.query(LOCK_USERS, [id]);
    await transaction.query(DELETE_USERS, [id]);
    await transaction.query(DELETE, [id]);
  }
}

/** The values in the column order that INSERT and UPDATE share, from `name` on. */
function columnsOf(values: AccountValues): unknown[] {
  return [values.name, values.isEnabled, JSON.stringify(values.labels)];
}
