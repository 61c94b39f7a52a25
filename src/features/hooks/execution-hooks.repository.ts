import { Injectable } from '@nestjs/common';
import { BatchedLookup } from '../../database/batched-lookup.js';
import { BatchedWrite } from '../../database/batched-write.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Criterion } from '../../matching/criterion.js';
import { NULL_IDENTIFIER } from '../../query/identifier.js';
import type { Label } from '../../rest/metadata.js';
import type { Enabled, HookAction, HookStage, HookType, HookVersion } from './dto/hook-fields.js';
import { EXECUTION_HOOK_JSON, EXECUTION_HOOK_OF_APP_JSON } from './execution-hook.collection.js';
import type { HookScope } from './hook-scope.js';

/** A hook to be written: the whole of what a client can set. */
export interface HookValues {
  readonly version: HookVersion;
  readonly name: string;
  readonly hookType: HookType;
  readonly matchingCriteria: readonly Criterion[];
  readonly action: HookAction;
  readonly stage: HookStage;
  readonly hookSourceId: string;
  readonly arguments: readonly string[];
  readonly appId: string | null;
  readonly enabled: Enabled;
  readonly description: string | null;
  readonly labels: readonly Label[];
}

/** A stored hook as its representation needs it. */
export interface HookRow {
  /** The stored resource's JSON text, without the computed matching fields. */
  readonly json: string;
  readonly hookType: HookType;
  readonly matchingCriteria: readonly Criterion[];
  readonly modifiedAt: string;
  /** The app to match in: the hook's own, or the path's for a hook without one. Null: no matching fields. */
  readonly matchedAppId: string | null;
  /** That app's inventory revision, read with the hook. */
  readonly inventoryRevision: string | null;
}

/** The netapp hooks of an account, to be matched in the inventory that an app has at the same moment. */
export interface NetappHooks {
  readonly inventoryRevision: string;
  readonly hooks: readonly { readonly id: string; readonly criteria: readonly Criterion[] }[];
}

/** A stored hook as a replacement starts from it. */
export interface StoredHook extends HookValues {
  readonly json: string;
  readonly modifiedAt: string;
}

/** Which of the resources that a hook refers to do not exist. */
export interface MissingReferences {
  readonly hookSource: boolean;
  readonly app: boolean;
}

interface HookKey {
  readonly account_id: string;
  readonly id: string;
}

type WrittenHook = ReturnType<typeof writtenHook>;

/** What a hook must still be like for it to be written. */
interface Unchanged {
  readonly modified_at: string;
  /** The app that it must belong to, where the path names one. */
  readonly of_app_id?: string | undefined;
}

interface NetappHookRow {
  readonly inventoryRevision: string;
  readonly id: string | null;
  readonly matchingCriteria: readonly Criterion[] | null;
}

/** The name's scope by the setting that the database holds, for a hook of the given app. */
const nameScope = (app: string): string => `
  (SELECT CASE scope WHEN 'app' THEN coalesce(${app}, '00000000-0000-0000-0000-000000000000'::uuid)
                     ELSE '00000000-0000-0000-0000-000000000000'::uuid END
   FROM hook_name_scope)`;

const REST_OF_ROW = `h.hook_type AS "hookType", h.matching_criteria AS "matchingCriteria", h.modified_at AS "modifiedAt"`;

const HOOK_ROW = `${EXECUTION_HOOK_JSON} AS json, ${REST_OF_ROW}`;

const FIND_IN_ACCOUNT: Statement = {
  name: 'find-hooks-in-account',
  text: `
    SELECT key.place::integer, ${HOOK_ROW}, a.id AS "matchedAppId", a.inventory_revision AS "inventoryRevision"
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS key(account_id, id, place)
    JOIN execution_hooks h ON h.account_id = key.account_id AND h.id = key.id
    LEFT JOIN apps a ON a.account_id = h.account_id AND a.id = h.app_id`,
};

const FIND_IN_APP: Statement = {
  name: 'find-hooks-in-app',
  text: `
    SELECT key.place::integer, ${EXECUTION_HOOK_OF_APP_JSON} AS json, ${REST_OF_ROW}, a.id AS "matchedAppId",
      a.inventory_revision AS "inventoryRevision"
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS key(account_id, id, app_id, place)
    JOIN apps a ON a.account_id = key.account_id AND a.id = key.app_id
    JOIN execution_hooks h
      ON h.account_id = key.account_id AND h.id = key.id AND (h.app_id = a.id OR h.app_id IS NULL)
    LEFT JOIN execution_hook_overrides o
      ON o.account_id = a.account_id AND o.app_id = a.id AND o.execution_hook_id = h.id`,
};

/** One row at least while there is the app: the join is an outer one. */
const NETAPP_HOOKS: Statement = {
  name: 'netapp-hooks-for-app',
  text: `
    SELECT a.inventory_revision AS "inventoryRevision", h.id, h.matching_criteria AS "matchingCriteria"
    FROM apps a
    LEFT JOIN execution_hooks h ON h.account_id = a.account_id AND h.app_id IS NULL
    WHERE a.account_id = $1 AND a.id = $2`,
};

const INVENTORY_REVISION: Statement = {
  name: 'inventory-revision-for-hook',
  text: `SELECT inventory_revision AS revision FROM apps WHERE account_id = $1 AND id = $2`,
};

/** Hooks to be written, of {@link BatchedWrite}'s one parameter: the columns that a client sets, and more. */
const written = (more: string): string => `
    ROWS FROM (json_to_recordset($1::json) AS (account_id uuid, id uuid, version text, name text, hook_type text,
      matching_criteria jsonb, action text, stage text, hook_source_id uuid, arguments jsonb, app_id uuid, enabled text,
      description text, labels jsonb, ${more})) WITH ORDINALITY`;

/** `place` is the last column of a function `WITH ORDINALITY`. */
const INSERT: Statement = {
  name: 'insert-hooks',
  text: `
    WITH key AS (
      SELECT w.*, w.ordinality::integer AS place, clock_timestamp() AS at FROM ${written('user_id uuid')} AS w
    ), h AS (
      INSERT INTO execution_hooks (account_id, id, version, name, hook_type, matching_criteria, action, stage,
        hook_source_id, arguments, app_id, enabled, description, labels, created_by, name_scope, created_at, modified_at)
      SELECT account_id, id, version, name, hook_type, matching_criteria, action, stage, hook_source_id, arguments,
        app_id, enabled, description, labels, user_id, ${nameScope('app_id')}, at, at
      FROM key
      RETURNING *
    )
    SELECT key.place, ${HOOK_ROW}, a.id AS "matchedAppId", a.inventory_revision AS "inventoryRevision"
    FROM h
    JOIN key ON key.account_id = h.account_id AND key.id = h.id
    LEFT JOIN apps a ON a.account_id = h.account_id AND a.id = h.app_id`,
};

const LOCK: Statement = {
  name: 'lock-hook',
  text: `
    SELECT ${EXECUTION_HOOK_JSON} AS json, h.version, h.name, h.hook_type AS "hookType",
      h.matching_criteria AS "matchingCriteria", h.action, h.stage, h.hook_source_id AS "hookSourceId", h.arguments,
      h.app_id AS "appId", h.enabled, h.description, h.labels, h.modified_at AS "modifiedAt"
    FROM execution_hooks h
    WHERE h.account_id = $1 AND h.id = $2 AND ($3::uuid IS NULL OR h.app_id = $3)
    FOR UPDATE`,
};

const MISSING_REFERENCES: Statement = {
  name: 'missing-hook-references',
  text: `
    SELECT key.place::integer,
      NOT EXISTS (SELECT FROM hook_sources s WHERE s.account_id = key.account_id AND s.id = key.hook_source_id) AS "hookSource",
      NOT EXISTS (SELECT FROM apps a WHERE a.account_id = key.account_id AND a.id = key.app_id) AS app
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS key(account_id, hook_source_id, app_id, place)`,
};

/** Nothing for a hook that has been changed since, that somebody is changing, or that does not belong to the app. */
const UPDATE_UNCHANGED: Statement = {
  name: 'update-unchanged-hooks',
  text: `
    WITH unchanged AS (
      SELECT w.*, w.ordinality::integer AS place
      FROM ${written('user_id uuid, modified_at timestamptz, of_app_id uuid')} AS w
      JOIN execution_hooks h ON h.account_id = w.account_id AND h.id = w.id AND h.modified_at = w.modified_at
        AND (w.of_app_id IS NULL OR h.app_id = w.of_app_id)
      FOR UPDATE OF h SKIP LOCKED
    )
    UPDATE execution_hooks h SET version = u.version, name = u.name, hook_type = u.hook_type,
      matching_criteria = u.matching_criteria, action = u.action, stage = u.stage, hook_source_id = u.hook_source_id,
      arguments = u.arguments, app_id = u.app_id, enabled = u.enabled, description = u.description, labels = u.labels,
      modified_by = u.user_id, modified_at = clock_timestamp(), name_scope = ${nameScope('u.app_id')}
    FROM unchanged u
    WHERE h.account_id = u.account_id AND h.id = u.id
    RETURNING u.place`,
};

/** Nothing for a hook that has been changed since, or that somebody is changing. */
const DELETE_UNCHANGED: Statement = {
  name: 'delete-unchanged-hooks',
  text: `
    WITH unchanged AS (
      SELECT w.account_id, w.id, w.ordinality::integer AS place
      FROM ROWS FROM (json_to_recordset($1::json) AS (account_id uuid, id uuid, modified_at timestamptz))
        WITH ORDINALITY AS w
      JOIN execution_hooks h ON h.account_id = w.account_id AND h.id = w.id AND h.modified_at = w.modified_at
      FOR UPDATE OF h SKIP LOCKED
    )
    DELETE FROM execution_hooks h USING unchanged u WHERE h.account_id = u.account_id AND h.id = u.id
    RETURNING u.place`,
};

const DELETE: Statement = {
  name: 'delete-hook',
  text: `DELETE FROM execution_hooks WHERE account_id = $1 AND id = $2`,
};

/** Execution hooks, row by row. Every statement is keyed by the account, and by the app where the path names one. */
@Injectable()
export class ExecutionHooksRepository {
  private readonly inAccount: BatchedLookup<HookRow>;
  private readonly inApp: BatchedLookup<HookRow>;
  private readonly references: BatchedLookup<MissingReferences>;
  private readonly inserts: BatchedWrite<WrittenHook, HookRow>;
  private readonly updates: BatchedWrite<WrittenHook & Unchanged>;
  private readonly deletions: BatchedWrite<HookKey & Unchanged>;

  constructor(private readonly database: Database) {
    this.inAccount = new BatchedLookup(database, FIND_IN_ACCOUNT);
    this.inApp = new BatchedLookup(database, FIND_IN_APP);
    this.references = new BatchedLookup(database, MISSING_REFERENCES);
    this.inserts = new BatchedWrite(database, INSERT);
    this.updates = new BatchedWrite(database, UPDATE_UNCHANGED);
    this.deletions = new BatchedWrite(database, DELETE_UNCHANGED);
  }

  /** One hook with the inventory revision to match it in, of the same moment. */
  find({ accountId, appId }: HookScope, id: string): Promise<HookRow | undefined> {
    return appId === undefined ? this.inAccount.find(accountId, id) : this.inApp.find(accountId, id, appId);
  }

  /** The account's netapp hooks with the app's inventory revision; undefined when there is no such app. */
  async netappHooks(snapshot: Queryable, accountId: string, appId: string): Promise<NetappHooks | undefined> {
    const rows = await snapshot.query<NetappHookRow>(NETAPP_HOOKS, [accountId, appId]);
    const [first] = rows;
    if (first === undefined) return undefined;
    return {
      inventoryRevision: first.inventoryRevision,
      hooks: rows.flatMap(({ id, matchingCriteria }) =>
        id === null || matchingCriteria === null ? [] : [{ id, criteria: matchingCriteria }],
      ),
    };
  }

  /**
   * @param transaction writes within it; left out, requests that come together share a statement
   * @throws DatabaseError on a taken name, or a referenced resource that is gone
   */
  async insert(
    accountId: string,
    id: string,
    values: HookValues,
    userId: string,
    transaction?: Queryable,
  ): Promise<HookRow> {
    const hook = writtenHook(accountId, id, values, userId);
    const row =
      transaction === undefined
        ? await this.inserts.write(accountId, hook)
        : (await transaction.query<HookRow>(INSERT, [JSON.stringify([hook])]))[0];
    if (row === undefined) throw new Error('The insert of a hook answered no row.');
    return row;
  }

  /** The revision of an app's inventory; undefined when there is no such app. */
  async inventoryRevision(accountId: string, appId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ revision: string }>(INVENTORY_REVISION, [accountId, appId]);
    return row?.revision;
  }

  /** Locks and reads a hook for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, scope: HookScope, id: string): Promise<StoredHook | undefined> {
    const [row] = await transaction.query<StoredHook>(LOCK, [scope.accountId, id, scope.appId ?? null]);
    return row;
  }

  /**
   * Which of the resources that a hook refers to do not exist.
   *
   * @param transaction asks within it; left out, requests that come together share a statement
   */
  async missingReferences(
    accountId: string,
    { hookSourceId, appId }: Pick<HookValues, 'hookSourceId' | 'appId'>,
    transaction?: Queryable,
  ): Promise<MissingReferences> {
    const key = [accountId, hookSourceId, appId ?? NULL_IDENTIFIER];
    const row =
      transaction === undefined
        ? await this.references.find(...key)
        : (
            await transaction.query<MissingReferences>(
              MISSING_REFERENCES,
              key.map((value) => [value]),
            )
          )[0];
    if (row === undefined) throw new Error('The check of references answered no row.');
    return row;
  }

  /**
   * Replaces a hook if it is still as it was last modified at that time, and nobody else is changing it.
   *
   * @param transaction writes within it; left out, requests that come together share a statement
   * @returns whether it was
   * @throws DatabaseError on a taken name, or a referenced resource that is gone
   */
  async updateUnchanged(
    { accountId, appId }: HookScope,
    id: string,
    modifiedAt: string,
    values: HookValues,
    userId: string,
    transaction?: Queryable,
  ): Promise<boolean> {
    const hook = { ...writtenHook(accountId, id, values, userId), modified_at: modifiedAt, of_app_id: appId };
    const row =
      transaction === undefined
        ? await this.updates.write(accountId, hook)
        : (await transaction.query(UPDATE_UNCHANGED, [JSON.stringify([hook])]))[0];
    return row !== undefined;
  }

  /** Deletes a hook as {@link updateUnchanged} replaces it. @returns whether it was */
  async deleteUnchanged(accountId: string, id: string, modifiedAt: string): Promise<boolean> {
    return (
      (await this.deletions.write(accountId, { account_id: accountId, id, modified_at: modifiedAt })) !== undefined
    );
  }

  async delete(transaction: Queryable, accountId: string, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }
}

/** A hook as INSERT and UPDATE_UNCHANGED take it. */
function writtenHook(accountId: string, id: string, values: HookValues, userId: string) {
  return {
    account_id: accountId,
    id,
    version: values.version,
    name: values.name,
    hook_type: values.hookType,
    matching_criteria: values.matchingCriteria,
    action: values.action,
    stage: values.stage,
    hook_source_id: values.hookSourceId,
    arguments: values.arguments,
    app_id: values.appId,
    enabled: values.enabled,
    description: values.description,
    labels: values.labels,
    user_id: userId,
  };
}
