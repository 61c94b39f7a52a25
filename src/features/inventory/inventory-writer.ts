import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database, Queryable, Statement, Transaction } from '../../database/database.js';
import { MAX_INVALID_FIELDS } from '../../rest/storable-text.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { ExtendedValidationFailure } from '../../problems/catalogue.js';
import { type PodOutside, removePodsOutside } from '../apps/app-namespaces.js';
import type { NamespaceScopedResource } from '../apps/namespace-scoped-resource.js';
import type { AppKey } from './app-key.js';
import type { AppScope } from './app-scope.js';
import type { InventoryDifference } from './inventory-answer.js';
import { insertCopy, pack, type PackedSnapshot } from './inventory-copy.js';
import { type InventorySpool, SPOOL_COLUMNS } from './inventory-spool.js';
import { SpooledPods } from './spooled-pods.js';

/** What became of an inventory. */
export interface InventoryReplacement extends InventoryDifference {
  /** The revision that is now committed, in decimal; the same as before when nothing differs. */
  readonly revision: string;
  /** What is committed at the revision, where it has been made. */
  readonly snapshot?: InventorySnapshot;
}

/** An app as its inventory is written: what it declares, and what preconditions are held against. */
export interface AppRow {
  readonly revision: string;
  /** Whether the stored inventory has the digest that was asked for. */
  readonly same: boolean;
  readonly namespaceScopedResources: readonly NamespaceScopedResource[];
  /** When the inventory was last reported; when the app was made, where it never was. */
  readonly reportedAt: string;
}

/** What the one who sends an inventory has to say to the writing of it. */
export interface Replacing {
  /** What the spool was cut by. */
  readonly scope: AppScope;
  /** Called with the app's row locked, before anything is written: what it throws ends the replacement. */
  readonly admit?: (app: AppRow, transaction: Transaction) => void | Promise<void>;
  /** Hears of the pods that the app had and has no more: its namespaces were changed while the list was read. */
  readonly leftOut?: (pod: PodOutside) => void;
}

/** Containers and pods that differ between the stored snapshot and the one in the stage. */
interface Comparison extends InventoryDifference {
  readonly podsAdded: number;
  readonly podsChanged: number;
  readonly podsRemoved: number;
}

interface Copy {
  readonly snapshot: InventorySnapshot;
  readonly packed: PackedSnapshot;
}

interface RepeatedPod {
  readonly item: number;
  readonly first: number;
  readonly namespace: string;
  readonly pod: string;
}

const FIND_APP: Statement = {
  name: 'inventory-app',
  text: `
    SELECT inventory_revision AS revision, inventory_digest IS NOT DISTINCT FROM $3 AS same,
      namespace_scoped_resources AS "namespaceScopedResources",
      coalesce(inventory_collected_at, created_at) AS "reportedAt"
    FROM apps
    WHERE account_id = $1 AND id = $2`,
};

/** Hooks of the app may be written meanwhile: their foreign key only waits for stronger locks. */
const LOCK_APP: Statement = { text: `${FIND_APP.text} FOR NO KEY UPDATE` };

const CREATE_STAGE: Statement = {
  text: `
    CREATE TEMPORARY TABLE inventory_stage (
      item integer NOT NULL,
      namespace text COLLATE "C" NOT NULL,
      pod text COLLATE "C" NOT NULL,
      labels jsonb NOT NULL,
      containers jsonb NOT NULL
    ) ON COMMIT DROP`,
};

/**
 * For the joins of whole snapshots: enough memory for those of ordinary size, no compiler for what runs once, and no
 * nested loops, which the planner else takes for a table that was empty when it was last analyzed.
 */
const PREPARE_SESSION: Statement = {
  text: `
    SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
      set_config('enable_nestloop', 'off', true)`,
};

const FIND_REPEATED: Statement = {
  text: `
    SELECT item, first, namespace, pod
    FROM (
      SELECT item, namespace, pod, min(item) OVER (PARTITION BY namespace, pod) AS first
      FROM inventory_stage
      WHERE (namespace, pod) IN (
        SELECT namespace, pod FROM inventory_stage GROUP BY namespace, pod HAVING count(*) > 1
      )
    ) AS repeated
    WHERE item > first
    ORDER BY item
    LIMIT ${MAX_INVALID_FIELDS}`,
};

/** Pods of one snapshot only count with all their containers; only what differs is looked into. */
const COMPARE: Statement = {
  text: `
    WITH
    stored AS (
      SELECT namespace, pod, labels, containers FROM inventory_pods WHERE account_id = $1 AND app_id = $2
    ),
    differing AS MATERIALIZED (
      SELECT
        row_number() OVER () AS id, stored.labels <> stage.labels AS relabelled,
        stored.containers AS old_containers, stage.containers AS new_containers
      FROM stored
      FULL JOIN inventory_stage AS stage USING (namespace, pod)
      WHERE stored.labels IS DISTINCT FROM stage.labels OR stored.containers IS DISTINCT FROM stage.containers
    ),
    pods AS (
      SELECT
        count(*) FILTER (WHERE old_containers IS NULL) AS added,
        count(*) FILTER (WHERE new_containers IS NULL) AS removed,
        count(*) FILTER (WHERE old_containers IS NOT NULL AND new_containers IS NOT NULL) AS changed,
        coalesce(sum(jsonb_array_length(new_containers)) FILTER (WHERE old_containers IS NULL), 0) AS added_containers,
        coalesce(sum(jsonb_array_length(old_containers)) FILTER (WHERE new_containers IS NULL), 0) AS removed_containers
      FROM differing
    ),
    old_containers AS (
      SELECT id, name, image, state, reason
      FROM differing,
        jsonb_to_recordset(old_containers) AS container(name text, image text, state text, reason text)
      WHERE new_containers IS NOT NULL
    ),
    new_containers AS (
      SELECT id, name, image, state, reason, relabelled
      FROM differing,
        jsonb_to_recordset(new_containers) AS container(name text, image text, state text, reason text)
      WHERE old_containers IS NOT NULL
    ),
    containers AS (
      SELECT
        count(*) FILTER (WHERE old.image IS NULL) AS added,
        count(*) FILTER (WHERE new.image IS NULL) AS removed,
        count(*) FILTER (
          WHERE old.image IS NOT NULL AND new.image IS NOT NULL AND (
            relabelled OR (old.image, old.state, old.reason) IS DISTINCT FROM (new.image, new.state, new.reason)
          )
        ) AS changed
      FROM old_containers AS old
      FULL JOIN new_containers AS new USING (id, name)
    )
    SELECT
      pods.added::integer AS "podsAdded",
      pods.changed::integer AS "podsChanged",
      pods.removed::integer AS "podsRemoved",
      (pods.added_containers + containers.added)::integer AS added,
      containers.changed::integer AS changed,
      (pods.removed_containers + containers.removed)::integer AS removed
    FROM pods, containers`,
};

const DELETE_ALL: Statement = { text: `DELETE FROM inventory_pods WHERE account_id = $1 AND app_id = $2` };

const INSERT_ALL: Statement = {
  text: `
    INSERT INTO inventory_pods (account_id, app_id, namespace, pod, labels, containers)
    SELECT $1, $2, namespace, pod, labels, containers FROM inventory_stage`,
};

const DELETE_REMOVED: Statement = {
  text: `
    DELETE FROM inventory_pods AS old
    WHERE account_id = $1 AND app_id = $2 AND NOT EXISTS (
      SELECT FROM inventory_stage AS new WHERE new.namespace = old.namespace AND new.pod = old.pod
    )`,
};

const UPDATE_CHANGED: Statement = {
  text: `
    UPDATE inventory_pods AS old SET labels = new.labels, containers = new.containers
    FROM inventory_stage AS new
    WHERE account_id = $1 AND app_id = $2 AND old.namespace = new.namespace AND old.pod = new.pod
      AND (old.labels <> new.labels OR old.containers <> new.containers)`,
};

const INSERT_ADDED: Statement = {
  text: `
    INSERT INTO inventory_pods (account_id, app_id, namespace, pod, labels, containers)
    SELECT $1, $2, namespace, pod, labels, containers
    FROM inventory_stage AS new
    WHERE NOT EXISTS (
      SELECT FROM inventory_pods AS old
      WHERE account_id = $1 AND app_id = $2 AND old.namespace = new.namespace AND old.pod = new.pod
    )`,
};

/**
 * When an inventory was reported, changed or not: never earlier than before, and no volatile function, which a database
 * that is spread over nodes could not route.
 */
const REPORTED_NOW = 'inventory_collected_at = greatest(inventory_collected_at, statement_timestamp())';

/** What was a copy until now is not one of the new revision. */
const RECORD_REVISION: Statement = {
  text: `
    WITH outdated AS (DELETE FROM inventory_copies WHERE account_id = $1 AND app_id = $2)
    UPDATE apps SET inventory_revision = inventory_revision + 1, inventory_digest = $3, ${REPORTED_NOW}
    WHERE account_id = $1 AND id = $2
    RETURNING inventory_revision AS revision`,
};

/** The same pods, perhaps in another order: the next time the digest alone will tell. */
const RECORD_REPORT: Statement = {
  text: `UPDATE apps SET inventory_digest = $3, ${REPORTED_NOW} WHERE account_id = $1 AND id = $2`,
};

/** Fewer pods are read as rows in one statement, in about the time that a copy of them takes to read and to write. */
export const FEWEST_COPIED_PODS = 200;

/**
 * The most bytes of rows that a copy is made of, some 400,000 pods: while it is made, they are in the memory of this
 * process, more than once. Larger inventories are read as rows.
 */
const MOST_COPIED_BYTES = 128 * 1024 ** 2;

/**
 * Makes the pods of a spool, which takes no more of them, the inventory of an app, in one transaction: whoever reads sees
 * the old snapshot or the new one, and after any error the old one (docs/api.md, section 8).
 *
 * An inventory with the digest of the stored one is the same: that it was reported is all that is written then. Otherwise
 * the rows go to a temporary table, are cut by what the app declares now, are compared with the stored ones, and only pods
 * that differ are deleted, updated or inserted. The revision goes up by one when any does. Two replacements at once take
 * turns: the later one replaces the earlier.
 *
 * @returns undefined when the account has no such app (any more)
 * @throws ExtendedValidationFailure naming the containers, else the pods, that are listed twice; what `admit` throws
 */
export async function replaceInventory(
  database: Database,
  app: AppKey,
  spool: InventorySpool,
  { scope, admit, leftOut }: Replacing,
): Promise<InventoryReplacement | undefined> {
  const digest = await spool.finish();
  const stored = await findApp(database, FIND_APP, app, digest);
  if (stored === undefined) return undefined;
  return database.transaction(async (transaction) => {
    // Before the app is locked, where it is likely to be needed.
    const staged = stored.same ? undefined : await fillStage(transaction, spool);
    const locked = await findApp(transaction, LOCK_APP, app, digest);
    if (locked === undefined) return undefined;
    await admit?.(locked, transaction);
    const { accountId, appId } = app;
    const values = [accountId, appId];
    if (locked.same) {
      await transaction.query(RECORD_REPORT, [...values, digest]);
      return unchanged(locked);
    }
    let recordedDigest: Buffer | null = digest;
    let { copy } = staged ?? (await fillStage(transaction, spool));
    const declared = locked.namespaceScopedResources;
    if (JSON.stringify(declared) !== JSON.stringify(scope.resources)) {
      const outside = await removePodsOutside(transaction, 'inventory_stage', accountId, appId, declared);
      outside.forEach((pod) => leftOut?.(pod));
      if (outside.length > 0) {
        copy = undefined;
        // The digest is of more than what is kept.
        recordedDigest = null;
      }
    }
    const [comparison] = await transaction.query<Comparison>(COMPARE, values);
    if (comparison === undefined) throw new Error('The comparison of two inventories answered no row.');
    const { podsAdded, podsChanged, podsRemoved, added, changed, removed } = comparison;
    if (podsAdded + podsChanged + podsRemoved === 0) {
      await transaction.query(RECORD_REPORT, [...values, recordedDigest]);
      return unchanged(locked);
    }
    if (podsAdded === spool.podCount) {
      // Nothing in common: no need to tell what stays.
      await transaction.query(DELETE_ALL, values);
      await transaction.query(INSERT_ALL, values);
    } else {
      if (podsRemoved > 0) await transaction.query(DELETE_REMOVED, values);
      if (podsChanged > 0) await transaction.query(UPDATE_CHANGED, values);
      if (podsAdded > 0) await transaction.query(INSERT_ADDED, values);
    }
    const [recorded] = await transaction.query<{ readonly revision: string }>(RECORD_REVISION, [
      ...values,
      recordedDigest,
    ]);
    if (recorded === undefined) throw new Error('The app vanished while its inventory was locked.');
    if (copy !== undefined) await insertCopy(transaction, app, recorded.revision, copy.packed);
    return { revision: recorded.revision, added, changed, removed, ...(copy && { snapshot: copy.snapshot }) };
  });
}

async function findApp(
  queryable: Queryable,
  statement: Statement,
  { accountId, appId }: AppKey,
  digest: Buffer,
): Promise<AppRow | undefined> {
  const [row] = await queryable.query<AppRow>(statement, [accountId, appId, digest]);
  return row;
}

function unchanged({ revision }: AppRow): InventoryReplacement {
  return { revision, added: 0, changed: 0, removed: 0 };
}

/**
 * Fills the stage.
 *
 * @returns the copy of the rows, where there is to be one
 * @throws ExtendedValidationFailure when the spool has a pod twice
 */
async function fillStage(transaction: Transaction, spool: InventorySpool): Promise<{ copy: Copy | undefined }> {
  await transaction.query(PREPARE_SESSION);
  await transaction.query(CREATE_STAGE);
  const pods = isWorthACopy(spool) ? new SpooledPods() : undefined;
  const copyIn = transaction.client.query(copyFrom(`COPY inventory_stage (${SPOOL_COLUMNS}) FROM STDIN`));
  if (pods === undefined) await pipeline(spool.rows(), copyIn);
  else await pipeline(spool.rows(), (rows: AsyncIterable<Buffer>) => pods.passing(rows), copyIn);
  const repeated = await transaction.query<RepeatedPod>(FIND_REPEATED);
  if (repeated.length === 0) return { copy: pods && (await copyOf(await pods.snapshot())) };
  throw new ExtendedValidationFailure(
    repeated.map(({ item, first, namespace, pod }) => ({
      name: `items[${item}].metadata.name`,
      reason: `must not be that of items[${first}]: pod ${namespace}/${pod} is listed twice`,
    })),
  );
}

async function copyOf(snapshot: InventorySnapshot): Promise<Copy> {
  return { snapshot, packed: await pack(snapshot) };
}

function isWorthACopy({ podCount, byteLength }: InventorySpool): boolean {
  return podCount >= FEWEST_COPIED_PODS && byteLength <= MOST_COPIED_BYTES;
}
