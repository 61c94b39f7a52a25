import { applyDecorators, Header } from '@nestjs/common';
import { JSON_TYPE } from '../../rest/media-types.js';
import { type DocumentedItems, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { Lists, WithAnyAccept } from '../../rest/openapi/operations.js';
import type { Resource } from '../../rest/resource.js';
import { CLOUD, CLUSTER, MANAGED_CLUSTER, NAMESPACE } from './topology.resource.js';

const CLUSTER_ID = 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d';
const CLOUD_ID = '5f1a7a3e-2d64-5b0c-8c1e-6f3a52c4d7e9';

const CLOUD_EXAMPLE = {
  type: 'application/astra-cloud',
  version: '1.0',
  id: CLOUD_ID,
  name: 'private',
  cloudType: 'private',
  state: 'running',
  stateUnready: [],
  metadata: EXAMPLE_METADATA,
};

const CLUSTER_EXAMPLE = {
  type: 'application/astra-cluster',
  version: '1.6',
  id: CLUSTER_ID,
  name: 'payroll-cluster',
  state: 'unknown',
  stateUnready: [],
  managedState: 'managed',
  managedStateUnready: [],
  protectionState: 'none',
  protectionStateDetails: [],
  clusterType: 'kubernetes',
  inUse: 'true',
  cloudID: CLOUD_ID,
  metadata: EXAMPLE_METADATA,
};

const NAMESPACE_EXAMPLE = {
  type: 'application/astra-namespace',
  version: '1.1',
  id: '0c6f0d8e-83a4-5d3b-8f0e-2a7c1b9d4e65',
  links: [],
  name: 'payroll-east',
  namespaceState: 'discovered',
  namespaceStateDetails: [],
  clusterID: CLUSTER_ID,
  metadata: EXAMPLE_METADATA,
};

function items(
  of: Pick<Resource, 'term' | 'noun' | 'article' | 'Shown' | 'collection'>,
  example: Readonly<Record<string, unknown>>,
  filter: string,
): DocumentedItems {
  const { term, noun, article, Shown, collection } = of;
  const { type, version } = collection;
  const list = (listed: unknown): object => ({ type, version, items: [listed], metadata: EXAMPLE_METADATA });
  return {
    ...{ term, noun, article, resource: Shown, collection },
    query: { include: 'id,name', filter, orderBy: 'name' },
    lists: {
      resources: { summary: `A ${noun}`, value: list(example) },
      fields: { summary: 'Only some fields: include=id,name', value: list([example.id, example.name]) },
    },
  };
}

/** What the OpenAPI document says of the clouds and of what is in them. */
export const CLOUD_DOCS = {
  ...items(CLOUD, CLOUD_EXAMPLE, "cloudType eq 'private'"),
  mediaType: CLOUD_EXAMPLE.type,
  get: { answers: { stored: { summary: 'The cloud', value: CLOUD_EXAMPLE } } },
};
export const CLUSTER_DOCS = items(CLUSTER, CLUSTER_EXAMPLE, "managedState eq 'managed'");
export const CLOUD_CLUSTER_DOCS: DocumentedItems = { ...CLUSTER_DOCS, within: 'cloud' };
export const MANAGED_CLUSTER_DOCS = items(
  MANAGED_CLUSTER,
  { ...CLUSTER_EXAMPLE, type: 'application/astra-managedCluster', version: '1.3' },
  "managedState eq 'managed'",
);
export const NAMESPACE_DOCS = items(NAMESPACE, NAMESPACE_EXAMPLE, `clusterID eq '${CLUSTER_ID}'`);

/**
 * GET of the clouds: always JSON. The existing client asks for them after any error, with the failing call's headers
 * (docs/api.md, sections 3 and 9).
 */
export function ListsClouds(): MethodDecorator {
  return applyDecorators(Header('content-type', JSON_TYPE), Lists(CLOUD_DOCS, WithAnyAccept));
}
