import { setImmediate } from 'node:timers/promises';
import type { Queryable, Statement } from '../../database/database.js';
import {
  type InventoryPod,
  type InventorySnapshot,
  InventorySnapshotBuilder,
  type PodLabel,
} from '../../matching/inventory-snapshot.js';
import type { AppKey } from './app-key.js';

/** An app's inventory as it was committed at one revision. */
export interface RevisedInventory {
  /** In decimal: it may exceed what a number holds. */
  readonly revision: string;
  readonly snapshot: InventorySnapshot;
}

interface BatchRow {
  /** One line a pod, its columns as JSON texts, which hold neither tabs nor line ends; null where there are no more. */
  readonly lines: string | null;
}

const FIND_REVISION: Statement = {
  name: 'inventory-revision',
  text: `SELECT inventory_revision AS revision FROM apps WHERE account_id = $1 AND id = $2`,
};

/** Parsing and adding this many pods takes a few milliseconds: between the batches, other requests get their turn. */
const BATCH_PODS = 200;

/**
 * The pods behind a given one. As one text: to node-postgres a row costs more than all that is done with it here, and the
 * rows of a snapshot repeat each other.
 */
const READ_BATCH: Statement = {
  name: 'inventory-pods',
  text: `
    SELECT string_agg(concat_ws(E'\\t', to_jsonb(namespace), to_jsonb(pod), labels, containers), E'\\n') AS lines
    FROM (
      SELECT namespace, pod, labels, containers
      FROM inventory_pods
      WHERE account_id = $1 AND app_id = $2 AND (namespace, pod) > ($3, $4)
      ORDER BY namespace, pod
      LIMIT ${BATCH_PODS}
    ) AS batch`,
};

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
  const builder = new InventorySnapshotBuilder();
  const texts = new ParsedTexts();
  let last = { namespaceName: '', podName: '' };
  for (;;) {
    const after = [...values, last.namespaceName, last.podName];
    const [batch] = await transaction.query<BatchRow>(READ_BATCH, after);
    if (batch === undefined || batch.lines === null) break;
    for (const line of batch.lines.split('\n')) {
      const pod = texts.podOf(line);
      builder.addPod(pod);
      last = pod;
    }
  }
  return { revision: found.revision, snapshot: await build(builder) };
}

/** Parses each text once: the pods of a workload have the same labels and containers. */
class ParsedTexts {
  private readonly labels = new Map<string, readonly PodLabel[]>();
  private readonly containers = new Map<string, InventoryPod['containers']>();
  private readonly names = new Map<string, string>();

  podOf(line: string): InventoryPod {
    const [namespace = '', pod = '', labels = '', containers = ''] = line.split('\t');
    return {
      namespaceName: parsedOnce(this.names, namespace),
      // Hardly ever the same twice, and hardly ever with anything to unescape.
      podName: pod.includes('\\') ? (JSON.parse(pod) as string) : pod.slice(1, -1),
      podLabels: parsedOnce(this.labels, labels),
      containers: parsedOnce(this.containers, containers),
    };
  }
}

function parsedOnce<Value>(parsed: Map<string, Value>, text: string): Value {
  let value = parsed.get(text);
  if (value === undefined) {
    value = JSON.parse(text) as Value;
    parsed.set(text, value);
  }
  return value;
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
