import type { CollectionDefinition } from '../../query/collection-definition.js';
import { jsonField, memberField, stringField } from '../../query/field.js';

/**
 * The containers of an app (docs/api.md, sections 5 and 8), by namespace, pod and container, which is what names one.
 */
export const inventoryCollection: CollectionDefinition = {
  type: 'application/astra-appContainers',
  version: '1.0',
  from: {
    table: 'inventory_pods',
    alias: 'p',
    join: 'CROSS JOIN LATERAL jsonb_to_recordset(p.containers) AS c(name text, image text, state text, reason text)',
  },
  fields: {
    namespaceName: stringField('p.namespace'),
    podName: stringField('p.pod'),
    podLabels: jsonField('p.labels'),
    'podLabels[*].name': memberField('p.labels', 'name'),
    'podLabels[*].value': memberField('p.labels', 'value'),
    containerName: stringField('c.name COLLATE "C"', { column: false }),
    containerImage: stringField('c.image COLLATE "C"', { column: false }),
    containerState: stringField('c.state COLLATE "C"', { column: false, nullable: true }),
    containerStateReason: stringField('c.reason COLLATE "C"', { column: false, nullable: true }),
  },
  defaultOrder: 'namespaceName',
  key: ['namespaceName', 'podName', 'containerName'],
  batchRows: 4000,
};
