import type { Queryable } from '../../database/database.js';
import type { NamespaceScopedResource } from './namespace-scoped-resource.js';
import { LabelSelector, parseLabelSelector } from './label-selector.js';

/** Why a pod is none of an app's: its namespace is not declared, or no entry of the namespace selects its labels. */
export type OutsideReason = 'otherNamespace' | 'labelSelector';

/**
 * Which pods are an app's: those of its declared namespaces and label selectors, or all where it declares none
 * (docs/api.md, section 8).
 */
export class AppNamespaces {
  /** Of each namespace its entries, each with its selectors; undefined when every namespace is the app's. */
  private readonly entries: ReadonlyMap<string, readonly (readonly LabelSelector[])[]> | undefined;

  /** @throws TypeError for a label selector that `parseLabelSelector` refuses: it should not have been stored */
  constructor(resources: readonly NamespaceScopedResource[]) {
    if (resources.length === 0) return;
    const entries = new Map<string, LabelSelector[][]>();
    for (const { namespace, labelSelectors = [] } of resources) {
      entries.set(namespace, [...(entries.get(namespace) ?? []), labelSelectors.map(requireLabelSelector)]);
    }
    this.entries = entries;
  }

  /** Why a pod is outside; undefined when at least one entry of its namespace has only selectors that match. */
  reasonOutside(namespace: string, labels: ReadonlyMap<string, string>): OutsideReason | undefined {
    if (this.entries === undefined) return undefined;
    const entries = this.entries.get(namespace);
    if (entries === undefined) return 'otherNamespace';
    return entries.some((selectors) => selectors.every((selector) => selector.matches(labels)))
      ? undefined
      : 'labelSelector';
  }
}

function requireLabelSelector(text: string): LabelSelector {
  const selector = parseLabelSelector(text);
  if (selector instanceof LabelSelector) return selector;
  throw new TypeError(`A stored label selector is invalid at ${selector.position}: ${selector.reason}`);
}

/** Where pods of one app stand: the stored inventory, or the stage of one that is being taken in. */
export type PodRows = 'inventory_pods' | 'inventory_stage';

interface StoredPod {
  readonly namespace: string;
  readonly pod: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly containers: number;
}

/** A pod that was taken out, with the number of its containers. */
export interface PodOutside {
  readonly reason: OutsideReason;
  readonly containers: number;
}

/** Pods that are looked at in one statement. */
const BATCH_PODS = 1_000;

/**
 * Takes the pods that are none of the app's out of its rows.
 *
 * @param transaction the one that has locked the app's row
 */
export async function removePodsOutside(
  transaction: Queryable,
  rows: PodRows,
  accountId: string,
  appId: string,
  resources: readonly NamespaceScopedResource[],
): Promise<PodOutside[]> {
  const namespaces = new AppNamespaces(resources);
  const ofApp =
    rows === 'inventory_stage' ? '$1::uuid IS NOT NULL AND $2::uuid IS NOT NULL' : 'account_id = $1 AND app_id = $2';
  const removed: PodOutside[] = [];
  let last = { namespace: '', pod: '' };
  for (;;) {
    const batch = await transaction.query<StoredPod>(
      {
        text: `
          SELECT namespace, pod, labels, jsonb_array_length(containers) AS containers
          FROM ${rows}
          WHERE ${ofApp} AND (namespace, pod) > ($3, $4)
          ORDER BY namespace, pod
          LIMIT ${BATCH_PODS}`,
      },
      [accountId, appId, last.namespace, last.pod],
    );
    const outside = batch.flatMap((row) => {
      const labels = new Map(row.labels.map(({ name, value }) => [name, value]));
      const reason = namespaces.reasonOutside(row.namespace, labels);
      return reason === undefined ? [] : [{ ...row, reason }];
    });
    if (outside.length > 0) {
      await transaction.query(
        {
          text: `DELETE FROM ${rows} WHERE ${ofApp} AND (namespace, pod) IN (SELECT * FROM unnest($3::text[], $4::text[]))`,
        },
        [accountId, appId, outside.map(({ namespace }) => namespace), outside.map(({ pod }) => pod)],
      );
    }
    removed.push(...outside.map(({ reason, containers }) => ({ reason, containers })));
    const end = batch.at(-1);
    if (end === undefined || batch.length < BATCH_PODS) return removed;
    last = end;
  }
}

/**
 * Makes what an app declares effective on its stored inventory: what is no longer the app's is matched no more once the
 * transaction has committed (docs/api.md, section 8). What has newly become the app's comes with the next inventory.
 *
 * To be called in the transaction that writes other namespaces or label selectors, after the app's row was locked.
 */
export async function narrowInventory(
  transaction: Queryable,
  accountId: string,
  appId: string,
  resources: readonly NamespaceScopedResource[],
): Promise<void> {
  if (resources.length === 0) return;
  const removed = await removePodsOutside(transaction, 'inventory_pods', accountId, appId, resources);
  if (removed.length === 0) return;
  // Neither the copy nor the digest is of what is stored now; when the inventory was reported stays.
  await transaction.query(
    {
      text: `
        WITH outdated AS (DELETE FROM inventory_copies WHERE account_id = $1 AND app_id = $2)
        UPDATE apps SET inventory_revision = inventory_revision + 1, inventory_digest = NULL
        WHERE account_id = $1 AND id = $2`,
    },
    [accountId, appId],
  );
}
