import type { CollectionDefinition } from '../../query/collection-definition.js';
import {
  computedField,
  constantField,
  identifierField,
  jsonField,
  memberField,
  plainField,
  stringField,
} from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';
import { sql } from '../../query/sql-fragment.js';
import type { Criterion } from '../../matching/criterion.js';

/** What `complete` gets of each hook of a list. */
export interface ExecutionHookColumns {
  readonly matchingCriteria: readonly Criterion[];
  readonly appId: string | null;
  /** Revision of the inventory of the hook's own app, as text; null without an app. */
  readonly inventoryRevision: string | null;
}

/** The execution hooks of an account or an app (contract, sections 2 and 5). */
export const executionHookCollection: CollectionDefinition = {
  type: 'application/astra-executionHooks',
  version: '1.2',
  from: { table: 'execution_hooks', alias: 'h' },
  fields: {
    type: constantField('application/astra-executionHook'),
    version: plainField('h.version'),
    id: identifierField('h.id'),
    name: stringField('h.name'),
    hookType: plainField('h.hook_type'),
    matchingCriteria: jsonField('h.matching_criteria'),
    'matchingCriteria[*].type': memberField('h.matching_criteria', 'type'),
    'matchingCriteria[*].value': memberField('h.matching_criteria', 'value'),
    matchingContainers: computedField(),
    matchingImages: computedField(),
    action: plainField('h.action'),
    stage: plainField('h.stage'),
    hookSourceID: identifierField('h.hook_source_id'),
    arguments: jsonField('h.arguments'),
    'arguments[*]': memberField('h.arguments'),
    appID: identifierField('h.app_id', { nullable: true }),
    enabled: plainField('h.enabled'),
    description: stringField('h.description', { nullable: true }),
    ...metadataFields('h'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  completedFrom: {
    matchingCriteria: 'h.matching_criteria',
    appId: 'h.app_id',
    inventoryRevision:
      '(SELECT a.inventory_revision FROM apps AS a WHERE a.account_id = h.account_id AND a.id = h.app_id)',
  },
  batchRows: 4000,
};

/** SQL expression, over `execution_hooks AS h`, of the stored resource's JSON as text. */
export const EXECUTION_HOOK_JSON = resourceJson(executionHookCollection);

/** What an app sees of its hooks: a netapp hook is enabled as the app's own override `o` says, where it has one. */
const FIELDS_OF_APP = {
  ...executionHookCollection.fields,
  enabled: stringField('coalesce(o.enabled, h.enabled)', { column: false }),
};

/** The execution hooks that one app sees. */
export function executionHooksOfApp(appId: string): CollectionDefinition {
  return {
    ...executionHookCollection,
    from: {
      ...executionHookCollection.from,
      join: sql`LEFT JOIN execution_hook_overrides AS o
        ON o.account_id = h.account_id AND o.app_id = ${appId} AND o.execution_hook_id = h.id`,
    },
    fields: FIELDS_OF_APP,
    // The app and its revision are those of the list.
    completedFrom: { matchingCriteria: 'h.matching_criteria' },
  };
}

/** EXECUTION_HOOK_JSON as an app sees it, over `execution_hooks AS h` and the app's `execution_hook_overrides AS o`. */
export const EXECUTION_HOOK_OF_APP_JSON = resourceJson({ fields: FIELDS_OF_APP });
