import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createAccount } from '../features/accounts/new-account.js';
import type { InventoryService } from '../features/inventory/inventory.service.js';
import type { Database, Transaction } from '../database/database.js';
import { DEMO_APPS, DEMO_HOOKS, DEMO_SCRIPT } from './demo-data.js';
import { DEMO } from '../rest/openapi/demo-identifiers.js';

/**
 * Fills a database with the demo: an account with an owner, two apps with the pods of a real cluster, a hook source
 * and a few hooks, all with the identifiers of the published examples.
 *
 * @returns the owner's token, which nothing else knows
 * @throws DatabaseError when the database already has the demo's account
 */
export async function loadDemo(database: Database, inventory: InventoryService): Promise<string> {
  const token = await database.transaction(async (transaction) => {
    const account = await createAccount(transaction, {
      accountId: DEMO.accountID,
      name: 'Demo',
      ownerId: DEMO.userID,
      ownerEmail: 'owner@demo.example',
    });
    await insertApps(transaction);
    await insertHooks(transaction);
    return account.token;
  });
  for (const { id, pods } of DEMO_APPS) {
    const file = createReadStream(fileURLToPath(import.meta.resolve(`#demo/${pods}`)));
    await inventory.ingest(DEMO.accountID, id, file);
  }
  return token;
}

async function insertApps(transaction: Transaction): Promise<void> {
  for (const { id, name } of DEMO_APPS) {
    await transaction.query(
      {
        text: `
          INSERT INTO apps (account_id, id, version, name, cluster_id, cluster_type,
            namespace_scoped_resources, created_by)
          VALUES ($1, $2, '2.2', $3, $4, 'kubernetes', $5, $6)`,
      },
      [DEMO.accountID, id, name, DEMO.clusterID, JSON.stringify([{ namespace: name }]), DEMO.userID],
    );
  }
}

async function insertHooks(transaction: Transaction): Promise<void> {
  const source = Buffer.from(DEMO_SCRIPT).toString('base64');
  await transaction.query(
    {
      text: `
        INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, description, created_by)
        VALUES ($1, $2, '1.0', 'payroll-script', 'script', $3, md5($3), 'Freezes and thaws the payroll database', $4)`,
    },
    [DEMO.accountID, DEMO.hookSourceID, source, DEMO.userID],
  );
  for (const hook of DEMO_HOOKS) {
    await transaction.query(
      {
        text: `
          INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action,
            stage, hook_source_id, arguments, app_id, description, created_by)
          SELECT $1, $2, '1.2', $3, CASE scope WHEN 'app' THEN $10::uuid ELSE '00000000-0000-0000-0000-000000000000' END,
            'custom', $4, $5, $6, $7, $8, $10, $9, $11
          FROM hook_name_scope`,
      },
      [
        DEMO.accountID,
        hook.id,
        hook.name,
        JSON.stringify(hook.matchingCriteria),
        hook.action,
        hook.stage,
        DEMO.hookSourceID,
        JSON.stringify(hook.arguments),
        hook.description,
        hook.appId,
        DEMO.userID,
      ],
    );
  }
}
