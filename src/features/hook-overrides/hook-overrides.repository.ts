import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import { HOOK_OVERRIDE_JSON } from './hook-override.collection.js';

/** An override to be written: the whole of what a client can set. */
export interface HookOverrideValues {
  readonly executionHookId: string;
  readonly enabled: 'true' | 'false';
  readonly labels: readonly Label[];
}

/** A stored override with its JSON text. */
export interface HookOverrideRow {
  readonly json: string;
  readonly modifiedAt: string;
}

/** A stored override as a replacement starts from it. */
export type StoredHookOverride = HookOverrideValues & HookOverrideRow;

/** The app that overrides are for. */
export interface OverriddenApp {
  readonly accountId: string;
  readonly appId: string;
}

const ROW = `${HOOK_OVERRIDE_JSON} AS json, o.modified_at AS "modifiedAt"`;

const FIND: Statement = {
  name: 'find-hook-override',
  text: `SELECT ${ROW} FROM execution_hook_overrides o WHERE o.account_id = $1 AND o.app_id = $2 AND o.id = $3`,
};

const LOCK: Statement = {
  name: 'lock-hook-override',
  text: `
    SELECT ${ROW}, o.execution_hook_id AS "executionHookId", o.enabled, o.labels
    FROM execution_hook_overrides o
    WHERE o.account_id = $1 AND o.app_id = $2 AND o.id = $3
    FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'insert-hook-override',
  text: `
    WITH o AS (
      INSERT INTO execution_hook_overrides (account_id, app_id, id, execution_hook_id, enabled, labels, created_by,
        created_at, modified_at)
      SELECT h.account_id, $2::uuid, $3::uuid, h.id, $5, $6::jsonb, $7::uuid, at, at
      FROM execution_hooks h, clock_timestamp() AS at
      WHERE h.account_id = $1 AND h.id = $4 AND h.hook_type = 'netapp'
      RETURNING *
    )
    SELECT ${ROW} FROM o`,
};

const UPDATE: Statement = {
  name: 'update-hook-override',
  text: `
    UPDATE execution_hook_overrides SET enabled = $3, labels = $4::jsonb, modified_by = $5,
      modified_at = clock_timestamp()
    WHERE account_id = $1 AND id = $2`,
};

const DELETE: Statement = {
  name: 'delete-hook-override',
  text: `DELETE FROM execution_hook_overrides WHERE account_id = $1 AND id = $2`,
};

/** Overrides, row by row, keyed by account and app. */
@Injectable()
export class HookOverridesRepository {
  constructor(private readonly database: Database) {}

  async find({ accountId, appId }: OverriddenApp, id: string): Promise<HookOverrideRow | undefined> {
    const [row] = await this.database.query<HookOverrideRow>(FIND, [accountId, appId, id]);
    return row;
  }

  /** Locks and reads an override for a replacement or deletion in the same transaction. */
  async lock(
    transaction: Queryable,
    { accountId, appId }: OverriddenApp,
    id: string,
  ): Promise<StoredHookOverride | undefined> {
    const [row] = await transaction.query<StoredHookOverride>(LOCK, [accountId, appId, id]);
    return row;
  }

  /**
   * @returns undefined when the account has no such netapp hook
   * @throws DatabaseError when the app overrides the hook already, or is gone
   */
  async insert(
    queryable: Queryable,
    { accountId, appId }: OverriddenApp,
    id: string,
    values: HookOverrideValues,
    userId: string,
  ): Promise<HookOverrideRow | undefined> {
    const [row] = await queryable.query<HookOverrideRow>(INSERT, [
      accountId,
      appId,
      id,
      values.executionHookId,
      values.enabled,
      JSON.stringify(values.labels),
      userId,
    ]);
    return row;
  }

  async update(
    transaction: Queryable,
    { accountId }: OverriddenApp,
    id: string,
    { enabled, labels }: HookOverrideValues,
    userId: string,
  ): Promise<void> {
    await transaction.query(UPDATE, [accountId, id, enabled, JSON.stringify(labels), userId]);
  }

  async delete(transaction: Queryable, { accountId }: OverriddenApp, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }
}
