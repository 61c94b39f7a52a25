import type { Queryable, Statement } from '../../database/database.js';
import type { InventoryPod, InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../matching/snapshot-builder.js';
import type { AppKey } from './app-key.js';
import { inSlices } from './in-slices.js';
import { readCopy, unpack } from './inventory-copy.js';
import { MadeOnce } from './made-once.js';

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
 * Reads an app's inventory: its copy, where there is one of the app's revision, else the rows, which are the truth.
 *
 * @param transaction of isolation "repeatable read", or revision and pods may not belong together
 * @param unreadable hears why a copy of the app's revision could not be used
 * @returns undefined when the account has no such app
 */
export async function readInventory(
  transaction: Queryable,
  app: AppKey,
  unreadable: (revision: string, error: unknown) => void,
): Promise<RevisedInventory | undefined> {
  const rows = await readCopy(transaction, app);
  const [first] = rows;
  if (first === undefined) return undefined;
  const { revision } = first;
  if (first.bytes !== null) {
    try {
      return { revision, snapshot: await unpack(rows) };
    } catch (error) {
      unreadable(revision, error);
    }
  }
  return { revision, snapshot: await readPods(transaction, app) };
}

/** What conditional headers of an inventory are held against. */
export interface InventoryState {
  /** In decimal. */
  readonly revision: string;
  /** When it was last reported; before the first report, when its app was created. */
  readonly reportedAt: string;
}

const READ_STATE: Statement = {
  name: 'inventory-state',
  text: `
    SELECT inventory_revision AS revision, coalesce(inventory_collected_at, created_at) AS "reportedAt"
    FROM apps
    WHERE account_id = $1 AND id = $2`,
};

/** The state of an app's inventory; undefined when the account has no such app. */
export async function inventoryState(
  queryable: Queryable,
  { accountId, appId }: AppKey,
): Promise<InventoryState | undefined> {
  const [row] = await queryable.query<InventoryState>(READ_STATE, [accountId, appId]);
  return row;
}

/** The inventory of an app as its rows have it, in batches. */
export async function readPods(transaction: Queryable, { accountId, appId }: AppKey): Promise<InventorySnapshot> {
  const builder = new InventorySnapshotBuilder();
  const texts = new ParsedTexts();
  let last = { namespaceName: '', podName: '' };
  for (;;) {
    const after = [accountId, appId, last.namespaceName, last.podName];
    const [batch] = await transaction.query<BatchRow>(READ_BATCH, after);
    if (batch === undefined || batch.lines === null) break;
    for (const line of batch.lines.split('\n')) {
      const pod = texts.podOf(line);
      builder.addPod(pod);
      last = pod;
    }
  }
  return inSlices(builder.buildInSlices());
}

class ParsedTexts {
  private readonly namespaces = new MadeOnce((text) => JSON.parse(text) as string);
  private readonly labels = new MadeOnce((text) => JSON.parse(text) as InventoryPod['podLabels']);
  private readonly containers = new MadeOnce((text) => JSON.parse(text) as InventoryPod['containers']);

  podOf(line: string): InventoryPod {
    const [namespace = '', pod = '', labels = '', containers = ''] = line.split('\t');
    return {
      namespaceName: this.namespaces.of(namespace),
      // Hardly ever the same twice, and hardly ever with anything to unescape.
      podName: pod.includes('\\') ? (JSON.parse(pod) as string) : pod.slice(1, -1),
      podLabels: this.labels.of(labels),
      containers: this.containers.of(containers),
    };
  }
}
