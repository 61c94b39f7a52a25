import { Injectable } from '@nestjs/common';
import { BatchedLookup } from '../../database/batched-lookup.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Criterion } from '../../matching/criterion.js';
import type { StoredRow } from '../../rest/table.js';
import { EXECUTION_HOOK, EXECUTION_HOOK_OF_APP_JSON, type HookColumns } from './execution-hook.resource.js';

/** A stored hook with where to match it. */
export interface HookRow extends StoredRow, HookColumns {
  /** The app to match in: the hook's own, or the path's for a hook without one. Null: no matching fields. */
  readonly matchedAppId: string | null;
  /** That app's inventory revision, read with the hook. */
  readonly inventoryRevision: string | null;
}

/** The netapp hooks of an account, to be matched in the inventory that an app has at the same moment. */
export interface NetappHooks {
  readonly inventoryRevision: string;
  readonly hooks: readonly {
    readonly id: string;
    readonly criteria: readonly Criterion[];
    readonly excluding: readonly Criterion[] | null;
  }[];
}

const COLUMNS = `h.hook_type AS "hookType", h.matching_criteria AS "matchingCriteria", h.excluding_criteria AS "excludingCriteria",
      h.app_id AS "appID",
      h.modified_at AS "modifiedAt", a.id AS "matchedAppId", a.inventory_revision AS "inventoryRevision"`;

const FIND_IN_ACCOUNT: Statement = {
  name: 'find-hooks-in-account',
  text: `
    SELECT key.place::integer, ${EXECUTION_HOOK.json} AS json, ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS key(account_id, id, place)
    JOIN execution_hooks h ON h.account_id = key.account_id AND h.id = key.id
    LEFT JOIN apps a ON a.account_id = h.account_id AND a.id = h.app_id`,
};

const FIND_IN_APP: Statement = {
  name: 'find-hooks-in-app',
  text: `
    SELECT key.place::integer, ${EXECUTION_HOOK_OF_APP_JSON} AS json, ${COLUMNS}
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
    SELECT a.inventory_revision AS "inventoryRevision", h.id, h.matching_criteria AS "matchingCriteria",
      h.excluding_criteria AS "excludingCriteria"
    FROM apps a
    LEFT JOIN execution_hooks h ON h.account_id = a.account_id AND h.app_id IS NULL
    WHERE a.account_id = $1 AND a.id = $2`,
};

const INVENTORY_REVISION: Statement = {
  name: 'inventory-revision-for-hook',
  text: `SELECT inventory_revision AS revision FROM apps WHERE account_id = $1 AND id = $2`,
};

const REFERENCES: Statement = {
  name: 'references-of-hook',
  text: `
    SELECT EXISTS (SELECT FROM hook_sources WHERE account_id = $1 AND id = $2) AS "hasHookSource",
      EXISTS (SELECT FROM apps WHERE account_id = $1 AND id = $3) AS "hasApp"`,
};

/** How hooks are looked up with the inventory revision that is theirs at the same moment. */
@Injectable()
export class HookLookups {
  private readonly inAccount: BatchedLookup<HookRow>;
  private readonly inApp: BatchedLookup<HookRow>;

  constructor(private readonly database: Database) {
    this.inAccount = new BatchedLookup(database, FIND_IN_ACCOUNT);
    this.inApp = new BatchedLookup(database, FIND_IN_APP);
  }

  /** One hook; on the routes of an app, one of its own or one without an app. */
  async find(accountId: string, id: string, appId: string | undefined): Promise<HookRow | undefined> {
    const row = await (appId === undefined
      ? this.inAccount.find(accountId, id)
      : this.inApp.find(accountId, id, appId));
    return row && { ...row, taggedJson: row.json };
  }

  /** The account's netapp hooks with the app's inventory revision; undefined when there is no such app. */
  async netappHooks(snapshot: Queryable, accountId: string, appId: string): Promise<NetappHooks | undefined> {
    const rows = await snapshot.query<{
      readonly inventoryRevision: string;
      readonly id: string | null;
      readonly matchingCriteria: readonly Criterion[] | null;
      readonly excludingCriteria: readonly Criterion[] | null;
    }>(NETAPP_HOOKS, [accountId, appId]);
    const [first] = rows;
    if (first === undefined) return undefined;
    return {
      inventoryRevision: first.inventoryRevision,
      hooks: rows.flatMap(({ id, matchingCriteria, excludingCriteria }) =>
        id === null || matchingCriteria === null
          ? []
          : [{ id, criteria: matchingCriteria, excluding: excludingCriteria }],
      ),
    };
  }

  /** The revision of an app's inventory; undefined when there is no such app. */
  async inventoryRevision(accountId: string, appId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ revision: string }>(INVENTORY_REVISION, [accountId, appId]);
    return row?.revision;
  }

  /** Whether the resources that a hook refers to exist. */
  async references(
    transaction: Queryable,
    accountId: string,
    hookSourceId: string,
    appId: string | null,
  ): Promise<{ readonly hasHookSource: boolean; readonly hasApp: boolean }> {
    const [row] = await transaction.query<{ hasHookSource: boolean; hasApp: boolean }>(REFERENCES, [
      accountId,
      hookSourceId,
      appId,
    ]);
    if (row === undefined) throw new Error('The check of references answered no row.');
    return row;
  }
}
