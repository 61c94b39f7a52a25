import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Gets, Lists } from '../../rest/openapi/operations.js';
import {
  CLOUD_CLUSTER_DOCS,
  CLOUD_DOCS,
  CLUSTER_DOCS,
  ListsClouds,
  MANAGED_CLUSTER_DOCS,
  NAMESPACE_DOCS,
} from './topology.docs.js';
import { TopologyService } from './topology.service.js';

/** Where apps are (docs/api.md, section 1). */
@ApiTags('Clouds')
@Controller('accounts/:account_id/topology/v1')
export class CloudsController {
  constructor(private readonly topology: TopologyService) {}

  @Get('clouds')
  @Requires('viewer')
  @ListsClouds()
  listClouds(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.topology.listClouds(request);
  }

  @Get('clouds/:cloud_id')
  @Requires('viewer')
  @Gets(CLOUD_DOCS)
  getCloud(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.topology.getCloud(request);
  }

  @Get('clouds/:cloud_id/clusters')
  @Requires('viewer')
  @Lists(CLOUD_CLUSTER_DOCS)
  listCloudClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.topology.listCloudClusters(request);
  }

  @Get('clusters')
  @Requires('viewer')
  @Lists(CLUSTER_DOCS)
  listClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.topology.listClusters(request);
  }

  @Get('managedClusters')
  @Requires('viewer')
  @Lists(MANAGED_CLUSTER_DOCS)
  listManagedClusters(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.topology.listManagedClusters(request);
  }

  @Get('namespaces')
  @Requires('viewer')
  @Lists(NAMESPACE_DOCS)
  listNamespaces(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.topology.listNamespaces(request);
  }
}
