import type { Database } from '../../src/database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../src/query/identifier.js';

/** How many containers {@link insertLargeApp} makes; their list is more than the buffers of a connection hold. */
export const LARGE_INVENTORY = 20_000;

/** An app whose inventory takes a while to read. @returns its id */
export async function insertLargeApp(database: Database, accountId: string): Promise<string> {
  const appId = newIdentifier();
  await database.query(
    { text: `INSERT INTO apps (account_id, id, version, name, created_by) VALUES ($1, $2, '2.2', 'large', $3)` },
    [accountId, appId, NULL_IDENTIFIER],
  );
  await database.query(
    {
      text: `INSERT INTO inventory_pods (account_id, app_id, namespace, pod, labels, containers)
             SELECT $1, $2, 'default', 'pod-' || n, '[]',
               jsonb_build_array(jsonb_build_object('name', 'main', 'image', repeat('i', 1000)))
             FROM generate_series(1, $3::integer) AS n`,
    },
    [accountId, appId, LARGE_INVENTORY],
  );
  return appId;
}
