import type { CollectionDefinition } from '../../query/collection-definition.js';
import {
  constantField,
  emptyArrayField,
  identifierField,
  jsonField,
  memberField,
  nestedMemberField,
  plainField,
  stringField,
  timestampField,
} from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';

/** The namespaces that an app declares; those of its inventory when it declares none. Distinct, by code point. */
const NAMESPACES = `(CASE WHEN a.namespace_scoped_resources = '[]' THEN
    (SELECT coalesce(jsonb_agg(DISTINCT p.namespace), '[]') FROM inventory_pods AS p
      WHERE p.account_id = a.account_id AND p.app_id = a.id)
  ELSE
    (SELECT jsonb_agg(DISTINCT (r.value->>'namespace') COLLATE "C")
      FROM jsonb_array_elements(a.namespace_scoped_resources) AS r(value))
  END)`;

/** A cluster that nobody has named goes by its ID: existing clients read `clusterName` of every app (section 9). */
const CLUSTER_NAME = `coalesce(a.cluster_name, a.cluster_id::text COLLATE "C")`;

/** The apps of an account (contract, sections 5 and 8). */
export const appCollection: CollectionDefinition = {
  type: 'application/astra-apps',
  version: '2.2',
  from: { table: 'apps', alias: 'a' },
  fields: {
    type: constantField('application/astra-app'),
    version: plainField('a.version'),
    id: identifierField('a.id'),
    name: stringField('a.name'),
    links: emptyArrayField(),
    state: constantField('ready'),
    stateDetails: emptyArrayField(),
    protectionState: constantField('none'),
    protectionStateDetails: emptyArrayField(),
    namespaceScopedResources: jsonField('a.namespace_scoped_resources'),
    'namespaceScopedResources[*].namespace': memberField('a.namespace_scoped_resources', 'namespace'),
    'namespaceScopedResources[*].labelSelectors[*]': nestedMemberField(
      'a.namespace_scoped_resources',
      'labelSelectors',
    ),
    namespaces: jsonField(NAMESPACES),
    'namespaces[*]': memberField(NAMESPACES),
    clusterName: stringField(CLUSTER_NAME, { nullable: true, column: false }),
    clusterID: identifierField('a.cluster_id', { nullable: true }),
    clusterType: stringField('a.cluster_type', { nullable: true }),
    lastResourceCollectionTimestamp: timestampField('a.inventory_collected_at', { nullable: true }),
    ...metadataFields('a'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 100,
};

/**
 * SQL predicate, over `apps AS a`: the app lies wholly within the namespaces. One that declares none may hold anything,
 * and lies within nothing.
 */
export function appsWithin(namespaces: readonly string[]): Fragment {
  return sql`(a.namespace_scoped_resources <> '[]' AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(a.namespace_scoped_resources) AS r(value)
    WHERE r.value->>'namespace' <> ALL(${namespaces}::text[])))`;
}

/** SQL expression, over `apps AS a`, of the stored resource's JSON as text. */
export const APP_JSON = resourceJson(appCollection);

/** Fields that follow from the app's inventory rather than being stored with the app. */
const FROM_INVENTORY: readonly string[] = ['namespaces', 'lastResourceCollectionTimestamp'];

/** APP_JSON without what a new inventory changes: what the app's ETag is made of (contract, section 3). */
export const APP_STORED_JSON = resourceJson({
  fields: Object.fromEntries(Object.entries(appCollection.fields).filter(([path]) => !FROM_INVENTORY.includes(path))),
});
