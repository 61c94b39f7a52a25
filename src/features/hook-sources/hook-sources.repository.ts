import { Injectable } from '@nestjs/common';
import { appsWithin } from '../apps/app.collection.js';
import { bind, sql } from '../../query/sql-fragment.js';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import type { HookSourceVersion, SourceType } from './dto/hook-source-fields.js';
import { HOOK_SOURCE_JSON } from './hook-source.collection.js';

/** A hook source to be written: the whole of what a client can set, and the checksum that follows from it. */
export interface HookSourceValues {
  readonly version: HookSourceVersion;
  readonly name: string;
  readonly sourceType: SourceType;
  /** Base64, as sent. */
  readonly source: string;
  /** Hexadecimal MD5 of `source`. */
  readonly sourceMd5: string;
  readonly description: string | null;
  readonly labels: readonly Label[];
}

/** A stored hook source with its JSON text. */
export interface HookSourceRow {
  readonly json: string;
  readonly preloaded: 'true' | 'false';
  readonly modifiedAt: string;
}

/** A stored hook source as a replacement starts from it. */
export type StoredHookSource = HookSourceValues & HookSourceRow;

const ROW = `${HOOK_SOURCE_JSON} AS json, s.preloaded, s.modified_at AS "modifiedAt"`;

const FIND: Statement = {
  name: 'find-hook-source',
  text: `SELECT ${ROW} FROM hook_sources s WHERE s.account_id = $1 AND s.id = $2`,
};

const LOCK: Statement = {
  name: 'lock-hook-source',
  text: `
    SELECT ${ROW}, s.version, s.name, s.source_type AS "sourceType", s.source, s.source_md5 AS "sourceMd5",
      s.description, s.labels
    FROM hook_sources s
    WHERE s.account_id = $1 AND s.id = $2
    FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'insert-hook-source',
  text: `
    WITH s AS (
      INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, description, labels,
        created_by, created_at, modified_at)
      SELECT $1::uuid, $2::uuid, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${ROW} FROM s`,
};

const UPDATE: Statement = {
  name: 'update-hook-source',
  text: `
    UPDATE hook_sources SET version = $3, name = $4, source_type = $5, source = $6, source_md5 = $7,
      description = $8, labels = $9::jsonb, modified_by = $10, modified_at = clock_timestamp()
    WHERE account_id = $1 AND id = $2`,
};

const DELETE: Statement = {
  name: 'delete-hook-source',
  text: `DELETE FROM hook_sources WHERE account_id = $1 AND id = $2`,
};

/** Hook sources, row by row, keyed by account. */
@Injectable()
export class HookSourcesRepository {
  constructor(private readonly database: Database) {}

  async find(accountId: string, id: string): Promise<HookSourceRow | undefined> {
    const [row] = await this.database.query<HookSourceRow>(FIND, [accountId, id]);
    return row;
  }

  /** Locks and reads a hook source for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, accountId: string, id: string): Promise<StoredHookSource | undefined> {
    const [row] = await transaction.query<StoredHookSource>(LOCK, [accountId, id]);
    return row;
  }

  /** @throws DatabaseError on a taken name */
  async insert(
    queryable: Queryable,
    accountId: string,
    id: string,
    values: HookSourceValues,
    userId: string,
  ): Promise<HookSourceRow> {
    const [row] = await queryable.query<HookSourceRow>(INSERT, [accountId, id, ...columnsOf(values), userId]);
    if (row === undefined) throw new Error('The insert of a hook source answered no row.');
    return row;
  }

  /** @throws DatabaseError on a taken name */
  async update(
    transaction: Queryable,
    accountId: string,
    id: string,
    values: HookSourceValues,
    userId: string,
  ): Promise<void> {
    await transaction.query(UPDATE, [accountId, id, ...columnsOf(values), userId]);
  }

  /** Whether a hook runs it that is not of an app wholly within the namespaces. */
  async isRunOutside(
    transaction: Queryable,
    accountId: string,
    id: string,
    namespaces: readonly string[],
  ): Promise<boolean> {
    const { text, values } = bind(sql`
      SELECT FROM execution_hooks AS h
      LEFT JOIN apps AS a ON a.account_id = h.account_id AND a.id = h.app_id
      WHERE h.account_id = ${accountId} AND h.hook_source_id = ${id}
        AND (h.app_id IS NULL OR NOT ${appsWithin(namespaces)})
      LIMIT 1`);
    return (await transaction.query({ text }, values)).length > 0;
  }

  /** @throws DatabaseError when a hook refers to it */
  async delete(transaction: Queryable, accountId: string, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }
}

/** The values in the column order that INSERT and UPDATE share, from `version` on. */
function columnsOf(values: HookSourceValues): unknown[] {
  return [
    values.version,
    values.name,
    values.sourceType,
    values.source,
    values.sourceMd5,
    values.description,
    JSON.stringify(values.labels),
  ];
}
