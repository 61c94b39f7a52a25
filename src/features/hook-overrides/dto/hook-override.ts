import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, ReturnedField } from '../../../rest/resource-field.js';
import { HOOK_OVERRIDE_FIELDS, type HOOK_OVERRIDE_TYPE, type HOOK_OVERRIDE_VERSION } from './hook-override-fields.js';

/** An override as every response shows it (contract, section 7). */
@ApiSchema({ description: 'An override: whether a netapp execution hook is enabled for one app.' })
export class ExecutionHookOverride {
  @ReturnedField(HOOK_OVERRIDE_FIELDS.type)
  type: typeof HOOK_OVERRIDE_TYPE;

  @ReturnedField(HOOK_OVERRIDE_FIELDS.version)
  version: typeof HOOK_OVERRIDE_VERSION;

  @ReturnedField(HOOK_OVERRIDE_FIELDS.id)
  id: string;

  @ReturnedField(HOOK_OVERRIDE_FIELDS.executionHookID)
  executionHookID: string;

  @ReturnedField(HOOK_OVERRIDE_FIELDS.enabled)
  enabled: 'true' | 'false';

  @ReturnedField(HOOK_OVERRIDE_FIELDS.appID)
  appID: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
