import type { Statement, Transaction } from '../../database/database.js';

const DELETE_TOKENS: Statement = {
  name: 'delete-tokens-of-user',
  text: `DELETE FROM tokens WHERE account_id = $1 AND user_id = $2`,
};

const DELETE_ROLE: Statement = {
  name: 'delete-role-of-user',
  text: `DELETE FROM role_bindings WHERE account_id = $1 AND user_id = $2`,
};

const LEAVE: Statement = {
  name: 'user-leaves-account',
  text: `UPDATE users SET account_id = NULL WHERE id = $2 AND account_id = $1`,
};

const DELETE_USER: Statement = {
  name: 'delete-user-without-account',
  text: `
    DELETE FROM users
    WHERE id = $1 AND account_id IS NULL AND NOT EXISTS (SELECT FROM role_bindings WHERE user_id = $1)`,
};

/**
 * Ends a user's access to one account, and nothing else: their roles and tokens elsewhere stay. A user who belongs to no
 * account any more is deleted (docs/api.md, section 7). The user's row is to be locked.
 */
export async function endAccess(transaction: Transaction, accountId: string, userId: string): Promise<void> {
  for (const statement of [DELETE_TOKENS, DELETE_ROLE, LEAVE]) await transaction.query(statement, [accountId, userId]);
  await transaction.query(DELETE_USER, [userId]);
}
