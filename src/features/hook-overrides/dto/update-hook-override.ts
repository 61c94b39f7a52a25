import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { HOOK_OVERRIDE_FIELDS, type HOOK_OVERRIDE_TYPE, type HOOK_OVERRIDE_VERSION } from './hook-override-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 7). */
@ClosedSchema('What of the override to replace. What is left out is kept.')
export class UpdateExecutionHookOverride {
  @RequiredField(HOOK_OVERRIDE_FIELDS.type)
  type: typeof HOOK_OVERRIDE_TYPE;

  @RequiredField(HOOK_OVERRIDE_FIELDS.version)
  version: typeof HOOK_OVERRIDE_VERSION;

  @OptionalField(HOOK_OVERRIDE_FIELDS.id)
  id?: string;

  @OptionalField(HOOK_OVERRIDE_FIELDS.executionHookID)
  executionHookID?: string;

  @OptionalField(HOOK_OVERRIDE_FIELDS.enabled)
  enabled?: 'true' | 'false';

  @OptionalField(HOOK_OVERRIDE_FIELDS.appID)
  appID?: string;

  @OptionalField(HOOK_OVERRIDE_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
