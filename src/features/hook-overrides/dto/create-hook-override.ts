import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { HOOK_OVERRIDE_FIELDS, type HOOK_OVERRIDE_TYPE, type HOOK_OVERRIDE_VERSION } from './hook-override-fields.js';

/** The body of a POST (contract, section 7). */
@ClosedSchema('The override to create: whether a netapp execution hook is enabled for the app.')
export class CreateExecutionHookOverride {
  @RequiredField(HOOK_OVERRIDE_FIELDS.type)
  type: typeof HOOK_OVERRIDE_TYPE;

  @RequiredField(HOOK_OVERRIDE_FIELDS.version)
  version: typeof HOOK_OVERRIDE_VERSION;

  @RequiredField(HOOK_OVERRIDE_FIELDS.executionHookID)
  executionHookID: string;

  @RequiredField(HOOK_OVERRIDE_FIELDS.enabled)
  enabled: 'true' | 'false';

  @OptionalField(HOOK_OVERRIDE_FIELDS.appID)
  appID?: string;

  @OptionalField(HOOK_OVERRIDE_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
