import type { Queryable, Statement, Transaction } from '../database/database.js';
import { ResourceConflict } from '../problems/catalogue.js';

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

/**
 * Makes a change after which each of the accounts must still have an owner who is enabled, unless it had none before.
 * Another change of the owners of these accounts waits for the end of the transaction.
 *
 * @param field of the resource that is changed: what the conflict is about
 * @throws ResourceConflict, and what `change` throws
 */
export async function keepingOwner(
  transaction: Transaction,
  accountIds: readonly string[],
  field: string,
  change: () => Promise<void>,
): Promise<void> {
  await transaction.query(LOCK_ACCOUNTS, [accountIds]);
  const owned = await ownedOf(transaction, accountIds);
  await change();
  const stillOwned = await ownedOf(transaction, owned);
  if (stillOwned.length < owned.length) {
    throw new ResourceConflict([{ name: field, reason: 'would leave an account without an owner who is enabled' }]);
  }
}

/** Which of the accounts have at least one owner who is enabled. */
async function ownedOf(queryable: Queryable, accountIds: readonly string[]): Promise<string[]> {
  const rows = await queryable.query<{ id: string }>(OWNED, [accountIds]);
  return rows.map((row) => row.id);
}
