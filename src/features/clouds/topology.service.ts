import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import { type JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import { Lists } from '../../rest/lists.js';
import { keyOf, validatorsOf } from '../../rest/protocol.js';
import type { StoredRow } from '../../rest/table.js';
import { appsWithin } from '../apps/visible-apps.js';
import { CLOUD, CLOUDS, CLUSTER, MANAGED_CLUSTER, NAMESPACE } from './topology.resource.js';

/**
 * Where apps are: one cloud, and in it the clusters and namespaces that apps declare (docs/api.md, section 1). To a
 * caller whose role is limited to namespaces, those of the apps that they see.
 */
@Injectable()
export class TopologyService {
  constructor(
    private readonly database: Database,
    private readonly lists: Lists,
  ) {}

  listClouds(request: IncomingRequest): Promise<JsonAnswer> {
    const { accountId } = request;
    const scope = [sql`c.account_id = ${accountId}`] as const;
    return this.lists.answer(request, { definition: CLOUD.collection, scope, walk: [accountId] });
  }

  async getCloud(request: IncomingRequest): Promise<ResourceAnswer> {
    const row = await this.cloud(request);
    request.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  async listCloudClusters(request: IncomingRequest): Promise<JsonAnswer> {
    await this.cloud(request);
    return this.clusters(CLUSTER, request);
  }

  listClusters(request: IncomingRequest): Promise<JsonAnswer> {
    return this.clusters(CLUSTER, request);
  }

  listManagedClusters(request: IncomingRequest): Promise<JsonAnswer> {
    return this.clusters(MANAGED_CLUSTER, request);
  }

  listNamespaces(request: IncomingRequest): Promise<JsonAnswer> {
    const { accountId, caller } = request;
    const ofAccount = sql`n.account_id = ${accountId}`;
    const visible =
      caller.namespaces === undefined
        ? ofAccount
        : sql`${ofAccount} AND n.name = ANY(${caller.namespaces}::text[])
        AND ${appInCluster(sql`n.cluster_id`, accountId, caller.namespaces)}`;
    return this.lists.answer(request, { definition: NAMESPACE.collection, scope: [visible], walk: [accountId] });
  }

  private clusters({ collection }: Pick<typeof CLUSTER, 'collection'>, request: IncomingRequest): Promise<JsonAnswer> {
    const { accountId, caller } = request;
    const ofAccount = sql`c.account_id = ${accountId}`;
    const visible =
      caller.namespaces === undefined
        ? ofAccount
        : sql`${ofAccount} AND ${appInCluster(sql`c.id`, accountId, caller.namespaces)}`;
    return this.lists.answer(request, { definition: collection, scope: [visible], walk: [accountId] });
  }

  /** @throws CollectionNotFound */
  private async cloud(request: IncomingRequest): Promise<StoredRow> {
    const row = await CLOUDS.find(this.database, keyOf(CLOUD, request, request.parameter('cloud_id')));
    if (row === undefined) throw request.notFound();
    return row;
  }
}

/** SQL predicate: an app that lies wholly within the namespaces is in the cluster. */
function appInCluster(clusterId: Fragment, accountId: string, namespaces: readonly string[]): Fragment {
  return sql`EXISTS (SELECT FROM apps AS a WHERE a.account_id = ${accountId} AND a.cluster_id = ${clusterId}
    AND ${appsWithin(namespaces)})`;
}
