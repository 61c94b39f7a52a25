import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import { Database } from '../../database/database.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import { type JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Lists as ListService } from '../../rest/lists.js';
import { Gets, Lists } from '../../rest/openapi/operations.js';
import { keyOf, validatorsOf } from '../../rest/protocol.js';
import type { StoredRow } from '../../rest/table.js';
import { appsWithin } from '../apps/visible-apps.js';
import {
  CLOUD_CLUSTER_DOCS,
  CLOUD_DOCS,
  CLUSTER_DOCS,
  ListsClouds,
  MANAGED_CLUSTER_DOCS,
  NAMESPACE_DOCS,
} from './topology.docs.js';
import { CLOUD, CLOUDS, CLUSTER, MANAGED_CLUSTER, NAMESPACE } from './topology.resource.js';

/**
 * Where apps are: one cloud, and in it the clusters and namespaces that apps declare (docs/api.md, section 1). To a
 * caller whose role is limited to namespaces, those of the apps that they see.
 */
@ApiTags('Clouds')
@Controller('accounts/:account_id/topology/v1')
export class CloudsController {
  constructor(
    private readonly database: Database,
    private readonly lists: ListService,
  ) {}

  @Get('clouds')
  @Requires('viewer')
  @ListsClouds()
  listClouds(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    const { accountId } = request;
    const scope = [sql`c.account_id = ${accountId}`] as const;
    return this.lists.answer(request, { definition: CLOUD.collection, scope, walk: [accountId] });
  }

  @Get('clouds/:cloud_id')
  @Requires('viewer')
  @Gets(CLOUD_DOCS)
  async getCloud(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    const row = await this.cloud(request);
    request.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  @Get('clouds/:cloud_id/clusters')
  @Requires('viewer')
  @Lists(CLOUD_CLUSTER_DOCS)
  async listCloudClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    await this.cloud(request);
    return this.clusters(CLUSTER, request);
  }

  @Get('clusters')
  @Requires('viewer')
  @Lists(CLUSTER_DOCS)
  listClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.clusters(CLUSTER, request);
  }

  @Get('managedClusters')
  @Requires('viewer')
  @Lists(MANAGED_CLUSTER_DOCS)
  listManagedClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.clusters(MANAGED_CLUSTER, request);
  }

  @Get('namespaces')
  @Requires('viewer')
  @Lists(NAMESPACE_DOCS)
  listNamespaces(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
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
