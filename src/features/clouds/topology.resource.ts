import { constant, empty, identifier, ownIdentifier, text } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';

/** SQL of an identifier of what is stored nowhere: always the same for the same text. */
function derivedIdentifier(sql: string): string {
  return `overlay(overlay(md5(${sql}) PLACING '5' FROM 13) PLACING '8' FROM 17)::uuid`;
}

function cloudIdentifier(accountId: string): string {
  return derivedIdentifier(`'cloud ' || ${accountId}::text`);
}

/** What stands for the labels and the last modifier of what nobody has modified. */
const UNMODIFIED = `'[]'::jsonb AS labels, NULL::uuid AS modified_by`;

/** The first who declared a thing, and when it was declared first and last. */
const DECLARED = `min(created_at) AS created_at, max(modified_at) AS modified_at,
  (array_agg(created_by ORDER BY created_at, id))[1] AS created_by, ${UNMODIFIED}`;

const CLOUDS_TABLE = `(SELECT id AS account_id, ${cloudIdentifier('id')} AS id, created_at, modified_at, created_by, ${UNMODIFIED}
  FROM accounts)`;

/** A cluster that nobody has named goes by its ID, as in `clusterName` of an app. */
const CLUSTERS_TABLE = `(SELECT account_id, cluster_id AS id, coalesce(min(cluster_name), cluster_id::text COLLATE "C") AS name,
    coalesce(min(cluster_type), 'unknown') AS type, ${DECLARED}
  FROM apps WHERE cluster_id IS NOT NULL GROUP BY account_id, cluster_id)`;

const NAMESPACES_TABLE = `(SELECT account_id, cluster_id, name, ${DECLARED.replace('created_at, id', 'created_at, app_id')},
    ${derivedIdentifier(`'namespace ' || account_id::text || cluster_id::text || name`)} AS id
  FROM (
    SELECT account_id, cluster_id, id AS app_id, (r.value->>'namespace') COLLATE "C" AS name, created_at, modified_at,
      created_by
    FROM apps, jsonb_array_elements(namespace_scoped_resources) AS r(value)
    WHERE cluster_id IS NOT NULL
  ) AS declared
  GROUP BY account_id, cluster_id, name)`;

const type = (mediaType: string) => constant(mediaType, { set: 'shown', description: 'Media type of the resource.' });
const version = (value: string) => constant(value, { set: 'shown', description: 'Version of the resource.' });
const READ_ONLY = { create: '', update: '' };
const BATCH_ROWS = 500;

/** The one cloud of an account, in which all clusters are (docs/api.md, section 1). */
export const CLOUD = resource({
  term: 'cloud',
  noun: 'cloud',
  article: 'a',
  table: CLOUDS_TABLE,
  alias: 'c',
  keys: ['account_id'],
  idParameter: 'cloud_id',
  collection: { type: 'application/astra-clouds', version: '1.0', batchRows: BATCH_ROWS },
  words: { ...READ_ONLY, resource: 'The cloud that the clusters of an account are in.' },
  fields: {
    type: type('application/astra-cloud'),
    version: version('1.0'),
    id: ownIdentifier('cloud_id', '5f1a7a3e-2d64-5b0c-8c1e-6f3a52c4d7e9'),
    name: constant('private', { set: 'shown', description: 'Name of the cloud.' }),
    cloudType: constant('private', { set: 'shown', description: 'Type of the cloud.' }),
    state: constant('running', { set: 'shown', description: 'State of the cloud.' }),
    stateUnready: empty('Why the cloud is not running: nothing.'),
  },
});

/** The stored clouds. */
export const CLOUDS = new Table(CLOUD);

const STATE = {
  set: 'shown',
  description: 'State of the cluster: whether it runs is not known.',
} as const;

const clusterFields = (mediaType: string, resourceVersion: string) => ({
  type: type(mediaType),
  version: version(resourceVersion),
  id: identifier({
    set: 'shown',
    column: 'id',
    description: 'Globally unique identifier of the resource, as apps declare it.',
    example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  }),
  name: text(1, Infinity, {
    set: 'shown',
    column: 'name',
    description: 'Name of the cluster; its ID where no name is known.',
    example: 'payroll-cluster',
  }),
  state: constant('unknown', STATE),
  stateUnready: empty('Why the cluster is not ready: nothing is known.'),
  managedState: constant('managed', { set: 'shown', description: 'Whether apps of the cluster can be managed.' }),
  managedStateUnready: empty('Why the cluster is not managed: nothing.'),
  protectionState: constant('none', {
    set: 'shown',
    description: 'Whether its apps are protected: this service does not know.',
  }),
  protectionStateDetails: empty('Details of the protection state: none.'),
  clusterType: text(1, Infinity, {
    set: 'shown',
    column: 'type',
    description: 'Type of the cluster; `unknown` where it is not known.',
    example: 'kubernetes',
  }),
  inUse: constant('true', { set: 'shown', description: 'Whether an app is in the cluster.' }),
  cloudID: identifier({
    set: 'shown',
    sql: cloudIdentifier('c.account_id'),
    description: 'ID of the cloud that the cluster is in.',
    example: '5f1a7a3e-2d64-5b0c-8c1e-6f3a52c4d7e9',
  }),
});

/** A cluster that apps of the account declare to be in. */
export const CLUSTER = resource({
  term: 'cluster',
  noun: 'cluster',
  article: 'a',
  table: CLUSTERS_TABLE,
  alias: 'c',
  keys: ['account_id'],
  idParameter: 'cluster_id',
  collection: { type: 'application/astra-clusters', version: '1.6', batchRows: BATCH_ROWS },
  words: { ...READ_ONLY, resource: 'A cluster that apps of the account are in.' },
  fields: clusterFields('application/astra-cluster', '1.6'),
});

/** The same cluster, as the collection of managed ones shows it. */
export const MANAGED_CLUSTER = resource({
  term: 'managedCluster',
  noun: 'managed cluster',
  article: 'a',
  table: CLUSTERS_TABLE,
  alias: 'c',
  keys: ['account_id'],
  idParameter: 'managedCluster_id',
  collection: { type: 'application/astra-managedClusters', version: '1.3', batchRows: BATCH_ROWS },
  words: { ...READ_ONLY, resource: 'A cluster that apps of the account are in.' },
  fields: clusterFields('application/astra-managedCluster', '1.3'),
});

/** A namespace that an app of the account declares, in the app's cluster. */
export const NAMESPACE = resource({
  term: 'namespace',
  noun: 'namespace',
  article: 'a',
  table: NAMESPACES_TABLE,
  alias: 'n',
  keys: ['account_id'],
  idParameter: 'namespace_id',
  collection: { type: 'application/astra-namespaces', version: '1.1', batchRows: BATCH_ROWS },
  words: { ...READ_ONLY, resource: 'A namespace of a cluster that belongs to an app.' },
  fields: {
    type: type('application/astra-namespace'),
    version: version('1.1'),
    id: identifier({
      set: 'shown',
      column: 'id',
      description: 'Globally unique identifier of the resource.',
      example: '0c6f0d8e-83a4-5d3b-8f0e-2a7c1b9d4e65',
    }),
    links: empty('Links of the namespace: none.'),
    name: text(1, 63, { set: 'shown', column: 'name', description: 'Name of the namespace.', example: 'payroll-east' }),
    namespaceState: constant('discovered', { set: 'shown', description: 'State of the namespace.' }),
    namespaceStateDetails: empty('Details of the state: none.'),
    clusterID: identifier({
      set: 'shown',
      column: 'cluster_id',
      description: 'ID of the cluster that the namespace is in.',
      example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
    }),
  },
});
