import { Injectable } from '@nestjs/common';
import { Database, type Queryable, type Statement } from '../../database/database.js';
import type { Label } from '../../rest/metadata.js';
import { APP_JSON, APP_STORED_JSON } from './app.collection.js';
import type { AppVersion } from './dto/app-fields.js';
import type { NamespaceScopedResource } from './dto/namespace-scoped-resource.js';

/** An app to be written: the whole of what a client can set. */
export interface AppValues {
  readonly version: AppVersion;
  readonly name: string;
  readonly clusterId: string | null;
  readonly namespaceScopedResources: readonly NamespaceScopedResource[];
  readonly labels: readonly Label[];
}

/** A stored app with its JSON text, and the part of that text that does not follow from the inventory. */
export interface AppRow {
  readonly json: string;
  readonly storedJson: string;
  readonly modifiedAt: string;
}

/** A stored app as a replacement starts from it. */
export type StoredApp = AppValues & AppRow;

const ROW = `${APP_JSON} AS json, ${APP_STORED_JSON} AS "storedJson", a.modified_at AS "modifiedAt"`;

const EXISTS: Statement = {
  name: 'app-exists',
  text: `SELECT FROM apps WHERE account_id = $1 AND id = $2`,
};

const FIND: Statement = {
  name: 'find-app',
  text: `
    SELECT ${ROW}, a.namespace_scoped_resources AS "namespaceScopedResources"
    FROM apps a
    WHERE a.account_id = $1 AND a.id = $2`,
};

const LOCK: Statement = {
  name: 'lock-app',
  text: `
    SELECT ${ROW}, a.version, a.name, a.cluster_id AS "clusterId",
      a.namespace_scoped_resources AS "namespaceScopedResources", a.labels
    FROM apps a
    WHERE a.account_id = $1 AND a.id = $2
    FOR UPDATE`,
};

const INSERT: Statement = {
  name: 'insert-app',
  text: `
    WITH a AS (
      INSERT INTO apps (account_id, id, version, name, cluster_id, namespace_scoped_resources, labels, created_by,
        created_at, modified_at)
      SELECT $1::uuid, $2::uuid, $3, $4, $5::uuid, $6::jsonb, $7::jsonb, $8::uuid, at, at
      FROM clock_timestamp() AS at
      RETURNING *
    )
    SELECT ${ROW} FROM a`,
};

const UPDATE: Statement = {
  name: 'update-app',
  text: `
    UPDATE apps SET version = $3, name = $4, cluster_id = $5, namespace_scoped_resources = $6::jsonb,
      labels = $7::jsonb, modified_by = $8, modified_at = clock_timestamp()
    WHERE account_id = $1 AND id = $2`,
};

const DELETE: Statement = {
  name: 'delete-app',
  text: `DELETE FROM apps WHERE account_id = $1 AND id = $2`,
};

/** Apps, row by row, keyed by account. Deleting one takes its inventory and its hooks along, by their foreign keys. */
@Injectable()
export class AppsRepository {
  constructor(private readonly database: Database) {}

  /** @param namespaces that the app must wholly lie within; undefined for all */
  async exists(accountId: string, id: string, namespaces: readonly string[] | undefined): Promise<boolean> {
    if (namespaces === undefined) return (await this.database.query(EXISTS, [accountId, id])).length > 0;
    const app = await this.find(accountId, id);
    return app !== undefined && isWithin(app, namespaces);
  }

  async find(accountId: string, id: string): Promise<(AppRow & AppExtent) | undefined> {
    const [row] = await this.database.query<AppRow & AppExtent>(FIND, [accountId, id]);
    return row;
  }

  /** Locks and reads an app for a replacement or deletion in the same transaction. */
  async lock(transaction: Queryable, accountId: string, id: string): Promise<StoredApp | undefined> {
    const [row] = await transaction.query<StoredApp>(LOCK, [accountId, id]);
    return row;
  }

  /** @throws DatabaseError on a taken name */
  async insert(
    queryable: Queryable,
    accountId: string,
    id: string,
    values: AppValues,
    userId: string,
  ): Promise<AppRow> {
    const [row] = await queryable.query<AppRow>(INSERT, [accountId, id, ...columnsOf(values), userId]);
    if (row === undefined) throw new Error('The insert of an app answered no row.');
    return row;
  }

  /** @throws DatabaseError on a taken name */
  async update(
    transaction: Queryable,
    accountId: string,
    id: string,
    values: AppValues,
    userId: string,
  ): Promise<void> {
    await transaction.query(UPDATE, [accountId, id, ...columnsOf(values), userId]);
  }

  async delete(transaction: Queryable, accountId: string, id: string): Promise<void> {
    await transaction.query(DELETE, [accountId, id]);
  }
}

/** What decides which pods belong to an app. */
export type AppExtent = Pick<AppValues, 'namespaceScopedResources'>;

/** What `appsWithin` says in SQL: whether an app declares namespaces, and only such as these. */
export function isWithin({ namespaceScopedResources }: AppExtent, namespaces: readonly string[] | undefined): boolean {
  if (namespaces === undefined) return true;
  return (
    namespaceScopedResources.length > 0 &&
    namespaceScopedResources.every(({ namespace }) => namespaces.includes(namespace))
  );
}

/** The values in the column order that INSERT and UPDATE share, from `version` on. */
function columnsOf(values: AppValues): unknown[] {
  return [
    values.version,
    values.name,
    values.clusterId,
    JSON.stringify(values.namespaceScopedResources),
    JSON.stringify(values.labels),
  ];
}
