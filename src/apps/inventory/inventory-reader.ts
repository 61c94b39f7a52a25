import { setImmediate } from 'node:timers/promises';
import type { Queryable, Statement } from '../../database/database.js';
import { type InventorySnapshot, InventorySnapshotBuilder, type PodLabel } from '../../matching/inventory-snapshot.js';
import type { AppKey } from './app-key.js';

/** An app's inventory as it was committed at one revision. */
export interface RevisedInventory {
  /** In decimal: it may exceed what a number holds. */
  readonly revision: string;
  readonly snapshot: InventorySnapshot;
}

interface PodRow {
  readonly namespace: string;
  readonly pod: string;
  readonly labels: readonly PodLabel[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

const FIND_REVISION: Statement = {
  name: 'inventory-revision',
  text: `SELECT inventory_revision AS revision FROM apps WHERE account_id = $1 AND id = $2`,
};

/** Parsing and adding this many pods takes a few milliseconds: between the batches, other requests get their turn. */
const BATCH_PODS = 200;

const OPEN_CURSOR: Statement = {
  text: `
    DECLARE inventory NO SCROLL CURSOR FOR
    SELECT namespace, pod, labels, containers
    FROM inventory_pods
    WHERE account_id = $1 AND app_id = $2
    ORDER BY namespace, pod`,
};

const FETCH: Statement = { text: `FETCH ${BATCH_PODS} FROM inventory` };

const CLOSE_CURSOR: Statement = { text: 'CLOSE inventory' };

/**
 * Reads an app's inventory: its revision, and its pods in batches.
 *
 * @param transaction of isolation "repeatable read", or revision and pods may not belong together
 * @returns undefined when the account has no such app
 */
export async function readInventory(transaction: Queryable, app: AppKey): Promise<RevisedInventory | undefined> {
  const values = [app.accountId, app.appId];
  const [found] = await transaction.query<{ readonly revision: string }>(FIND_REVISION, values);
  if (found === undefined) return undefined;
  await transaction.query(OPEN_CURSOR, values);
  const builder = new InventorySnapshotBuilder();
  for (let rows: readonly PodRow[] | undefined; rows === undefined || rows.length === BATCH_PODS;) {
    rows = await transaction.query<PodRow>(FETCH);
    for (const { namespace, pod, labels, containers } of rows) {
      builder.addPod({ namespaceName: namespace, podName: pod, podLabels: labels, containers });
    }
  }
  await transaction.query(CLOSE_CURSOR);
  return { revision: found.revision, snapshot: await build(builder) };
}

/** Takes long for large inventories: others get their turn in between. */
async function build(builder: InventorySnapshotBuilder): Promise<InventorySnapshot> {
  const steps = builder.buildInTurns();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
