import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, stringField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';

/** The overrides of an app (contract, sections 5 and 7). */
export const hookOverrideCollection: CollectionDefinition = {
  type: 'application/astra-executionHookOverrides',
  version: '1.0',
  from: { table: 'execution_hook_overrides', alias: 'o' },
  fields: {
    type: constantField('application/astra-executionHookOverride'),
    version: constantField('1.0'),
    id: identifierField('o.id'),
    executionHookID: identifierField('o.execution_hook_id'),
    enabled: stringField('o.enabled'),
    appID: identifierField('o.app_id'),
    ...metadataFields('o'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 500,
};

/** SQL expression, over `execution_hook_overrides AS o`, of the stored resource's JSON as text. */
export const HOOK_OVERRIDE_JSON = resourceJson(hookOverrideCollection);
