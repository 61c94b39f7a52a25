import type pg from 'pg';
import type { InventorySnapshot, PodLabel } from '../../src/matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../src/matching/snapshot-builder.js';

interface PodRow {
  readonly namespace: string;
  readonly pod: string;
  readonly labels: readonly PodLabel[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

/** Reads the whole inventory of an app into the service's own form of it. */
export async function loadSnapshot(pool: pg.Pool, accountId: string, appId: string): Promise<InventorySnapshot> {
  const { rows } = await pool.query<PodRow>(
    'SELECT namespace, pod, labels, containers FROM inventory_pods WHERE account_id = $1 AND app_id = $2 ORDER BY 1, 2',
    [accountId, appId],
  );
  const builder = new InventorySnapshotBuilder();
  for (const { namespace, pod, labels, containers } of rows) {
    builder.addPod({ namespaceName: namespace, podName: pod, podLabels: labels, containers });
  }
  return builder.build();
}
