import { memberField, nestedMemberField } from '../../query/field.js';
import {
  constant,
  empty,
  identifier,
  objects,
  oneOf,
  ownIdentifier,
  text,
  textLike,
  texts,
  timestamp,
} from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';
import { dnsLabelField } from './dns-label.js';
import { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** What an app declares, as the published API shows it: label selectors are there, even if there are none. */
const RESOURCES = `(SELECT coalesce(jsonb_agg('{"labelSelectors": []}' || r.value ORDER BY r.place), '[]')
  FROM jsonb_array_elements(a.namespace_scoped_resources) WITH ORDINALITY AS r(value, place))`;

/** The namespaces that an app declares; those of its inventory when it declares none. Distinct, by code point. */
const NAMESPACES = `(CASE WHEN a.namespace_scoped_resources = '[]' THEN
    (SELECT coalesce(jsonb_agg(DISTINCT p.namespace), '[]') FROM inventory_pods AS p
      WHERE p.account_id = a.account_id AND p.app_id = a.id)
  ELSE
    (SELECT jsonb_agg(DISTINCT (r.value->>'namespace') COLLATE "C")
      FROM jsonb_array_elements(a.namespace_scoped_resources) AS r(value))
  END)`;

/** An app: the containers that execution hooks run in (docs/api.md, section 8). */
export const APP = resource({
  term: 'app',
  noun: 'app',
  article: 'an',
  table: 'apps',
  alias: 'a',
  keys: ['account_id'],
  idParameter: 'app_id',
  collection: { type: 'application/astra-apps', version: '2.2', batchRows: 100 },
  words: {
    create: 'The app to create.',
    update: 'What of the app to replace. What is left out is kept.',
    resource: 'An app: the containers that execution hooks run in.',
  },
  fields: {
    type: constant('application/astra-app', { set: 'always', description: 'Media type of the resource.' }),
    version: oneOf(['2.0', '2.1', '2.2'], {
      set: 'always',
      column: 'version',
      description: 'Version of the resource, stored and returned as it was sent.',
      example: '2.2',
    }),
    id: ownIdentifier('app_id', '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9'),
    name: textLike(
      dnsLabelField({
        description: 'Name of the app, a DNS-1123 label. It must be unique in the account.',
        example: 'payroll-east',
      }),
      { set: 'required', column: 'name' },
    ),
    links: empty('Links of the app: none.'),
    state: constant('ready', { set: 'shown', description: 'State of the app.' }),
    stateDetails: empty('Details of the state: none.'),
    protectionState: constant('none', {
      set: 'shown',
      description: 'Whether the app is protected: this service does not know.',
    }),
    protectionStateDetails: empty('Details of the protection state: none.'),
    namespaceScopedResources: objects(
      () => NamespaceScopedResource,
      Infinity,
      (array) => ({
        '[*].namespace': memberField(array, 'namespace'),
        '[*].labelSelectors[*]': nestedMemberField(array, 'labelSelectors'),
      }),
      {
        set: 'optional',
        column: 'namespace_scoped_resources',
        sql: RESOURCES,
        default: [],
        description:
          'The namespaces that belong to the app, which decides what an inventory keeps. Without any, every pod that is sent belongs to the app.',
        example: [{ namespace: 'payroll-east', labelSelectors: ['app.kubernetes.io/instance=payroll'] }],
      },
    ),
    namespaces: texts(Infinity, 1, 63, {
      set: 'shown',
      sql: NAMESPACES,
      volatile: true,
      description: 'The namespaces of `namespaceScopedResources`; without any there, those of the inventory.',
      example: ['payroll-east'],
    }),
    clusterName: text(0, Infinity, {
      set: 'shown',
      // A cluster that nobody has named goes by its ID: existing clients read `clusterName` of every app.
      sql: `coalesce(a.cluster_name, a.cluster_id::text COLLATE "C")`,
      whenSet: true,
      description: 'Name of the cluster; its ID where no name is known.',
      example: 'payroll-cluster',
    }),
    clusterID: identifier({
      set: 'optional',
      column: 'cluster_id',
      nullable: true,
      description: 'ID of the cluster that the app runs in.',
      example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
    }),
    clusterType: text(0, Infinity, {
      set: 'shown',
      column: 'cluster_type',
      nullable: true,
      description: 'Type of the cluster, when known.',
      example: 'kubernetes',
    }),
    lastResourceCollectionTimestamp: timestamp({
      set: 'shown',
      column: 'inventory_collected_at',
      nullable: true,
      volatile: true,
      description: 'When an inventory was last reported, whether or not anything had changed.',
    }),
  },
});

/** What decides which pods belong to an app. */
export interface AppExtent {
  readonly namespaceScopedResources: readonly NamespaceScopedResource[];
}

/** The stored apps. Deleting one takes its inventory and its hooks along, by their foreign keys. */
export const APPS = new Table<typeof APP.fields, AppExtent>(APP, {
  also: { namespaceScopedResources: 'a.namespace_scoped_resources' },
});
