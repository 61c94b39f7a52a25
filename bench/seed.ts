import { createAccount, type CreatedAccount } from '../src/features/accounts/new-account.js';
import { insertCopy, pack } from '../src/features/inventory/inventory-copy.js';
import { readPods } from '../src/features/inventory/inventory-reader.js';
import { FEWEST_COPIED_PODS } from '../src/features/inventory/inventory-writer.js';
import type { Database } from '../src/database/database.js';
import { newIdentifier } from '../src/query/identifier.js';
import type { Criterion } from '../src/matching/criterion.js';

/** An account of the bench with one app and one hook source in it. */
export interface SeededAccount extends CreatedAccount {
  readonly appID: string;
  readonly hookSourceID: string;
}

/** Makes an account with an app and a hook source. */
export async function seedAccount(database: Database, name: string): Promise<SeededAccount> {
  const account = await database.transaction((transaction) =>
    createAccount(transaction, { name, ownerEmail: `${name}@bench.example` }),
  );
  const { accountID, userID } = account;
  const [appID, hookSourceID] = [newIdentifier(), newIdentifier()];
  await database.query(
    { text: `INSERT INTO apps (account_id, id, version, name, created_by) VALUES ($1, $2, '2.2', 'bench', $3)` },
    [accountID, appID, userID],
  );
  await database.query(
    {
      text: `
        INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, created_by)
        VALUES ($1, $2, '1.0', 'bench', 'script', '', md5(''), $3)`,
    },
    [accountID, hookSourceID, userID],
  );
  return { ...account, appID, hookSourceID };
}

/**
 * Fills the app's inventory with pods of one container each: 50 images, 20 namespaces, 4 labels a pod, and names that
 * are all different. One pod in a hundred is of the image `registry.example/team-7/payroll:7.3.1`.
 */
export async function seedInventory(
  database: Database,
  { accountID, appID }: SeededAccount,
  containers: number,
  seed: number,
): Promise<void> {
  await database.query(
    {
      text: `
        INSERT INTO inventory_pods (account_id, app_id, namespace, pod, labels, containers)
        SELECT $1::uuid, $2::uuid, 'team-' || n % 20,
          'service-' || n % 200 || '-' || left(md5($4::text || n), 10) || '-' || n,
          jsonb_build_array(
            jsonb_build_object('name', 'app', 'value', 'service-' || n % 200),
            jsonb_build_object('name', 'env', 'value', (ARRAY['production', 'staging', 'test'])[n % 3 + 1]),
            jsonb_build_object('name', 'pod-template-hash', 'value', left(md5('hash' || n % 200), 10)),
            jsonb_build_object('name', 'team', 'value', 'team-' || n % 20)),
          jsonb_build_array(jsonb_build_object('name', 'main-' || n % 30, 'image', CASE
            WHEN n % 100 = 7 THEN 'registry.example/team-7/payroll:7.3.1'
            ELSE 'registry.example/team-' || n % 49 || '/image-' || n % 49 || ':1.' || n % 49 || '.0' END))
        FROM generate_series(1, $3::integer) AS n`,
    },
    [accountID, appID, containers, seed],
  );
  await nextRevision(database, { accountID, appID });
  if (containers >= FEWEST_COPIED_PODS) await copyInventory(database, { accountID, appID });
  await database.query({ text: 'ANALYZE' });
}

/** What the service writes with the rows of an inventory of that size. */
async function copyInventory(database: Database, { accountID, appID }: InventoryOwner): Promise<void> {
  await database.transaction(async (transaction) => {
    const app = { accountId: accountID, appId: appID };
    const snapshot = await readPods(transaction, app);
    const [row] = await transaction.query<{ revision: string }>(
      { text: 'SELECT inventory_revision AS revision FROM apps WHERE account_id = $1 AND id = $2' },
      [accountID, appID],
    );
    if (row === undefined) throw new TypeError('There is no such app.');
    await insertCopy(transaction, app, row.revision, await pack(snapshot));
  });
}

type InventoryOwner = Pick<SeededAccount, 'accountID' | 'appID'>;

/**
 * Counts the app's inventory up to a new revision, as another snapshot of its containers does.
 *
 * @param copied whether its copy is one of the new revision too; else it stays behind, as when a release wrote the rows that
 *   knows no copies
 */
export async function nextRevision(
  database: Database,
  { accountID, appID }: InventoryOwner,
  copied: 'copied' | 'rows only' = 'copied',
): Promise<void> {
  await database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ revision: string }>(
      {
        text: `UPDATE apps SET inventory_revision = inventory_revision + 1 WHERE account_id = $1 AND id = $2
          RETURNING inventory_revision AS revision`,
      },
      [accountID, appID],
    );
    if (copied === 'rows only') return;
    const text = 'UPDATE inventory_copies SET revision = $3 WHERE account_id = $1 AND app_id = $2';
    await transaction.query({ text }, [accountID, appID, row?.revision]);
  });
}

/** Makes a hook of the app. @returns its id */
export async function seedHook(
  database: Database,
  { accountID, appID, hookSourceID, userID }: SeededAccount,
  name: string,
  criteria: readonly Criterion[],
): Promise<string> {
  const id = newIdentifier();
  await database.query(
    {
      text: `
        INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action,
          stage, hook_source_id, arguments, app_id, description, created_by, created_at, modified_at)
        SELECT $1::uuid, $2::uuid, '1.2', $3, '00000000-0000-0000-0000-000000000000', 'custom', $4::jsonb, 'snapshot',
          'pre', $5::uuid, '["freeze"]', $6::uuid, 'Payroll production hook', $7::uuid, at, at
        FROM clock_timestamp() AS at`,
    },
    [accountID, id, name, JSON.stringify(criteria), hookSourceID, appID, userID],
  );
  return id;
}
