import type { InventorySnapshot } from '../../src/matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../src/matching/snapshot-builder.js';
import { type GeneratedInventory, generatedPods } from './generated-pods.js';

/** The snapshot of a generated inventory. */
export function snapshotOf(inventory: GeneratedInventory): InventorySnapshot {
  const builder = new InventorySnapshotBuilder();
  for (const pod of generatedPods(inventory)) builder.addPod(pod);
  return builder.build();
}

/** The same snapshot, on which nothing has been matched yet. */
export function unmatched(snapshot: InventorySnapshot): InventorySnapshot {
  return { ...snapshot };
}
