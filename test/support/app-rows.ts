import type { AppKey } from '../../src/features/inventory/app-key.js';
import { NULL_IDENTIFIER } from '../../src/query/identifier.js';
import type { Database } from '../../src/database/database.js';

/** Leaves these apps in the database, and their accounts, without an inventory; nothing else of any account. */
export async function resetApps(database: Database, apps: readonly AppKey[]): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query({ text: 'DELETE FROM accounts' });
    await transaction.query(
      {
        text: `INSERT INTO accounts (id, name, created_by) SELECT DISTINCT id, 'an account', $2::uuid FROM unnest($1::uuid[]) AS id`,
      },
      [apps.map(({ accountId }) => accountId), NULL_IDENTIFIER],
    );
    await transaction.query(
      {
        text: `INSERT INTO apps (account_id, id, version, name, created_by)
               SELECT account_id, id, '2.2', 'app ' || id, $3 FROM unnest($1::uuid[], $2::uuid[]) AS app (account_id, id)`,
      },
      [apps.map(({ accountId }) => accountId), apps.map(({ appId }) => appId), NULL_IDENTIFIER],
    );
  });
}
