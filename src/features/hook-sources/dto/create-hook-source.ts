import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import {
  HOOK_SOURCE_FIELDS,
  type HOOK_SOURCE_TYPE,
  type HookSourceVersion,
  type SourceType,
} from './hook-source-fields.js';

/** The body of a POST (contract, section 10). */
@ClosedSchema('The hook source to create.')
export class CreateHookSource {
  @RequiredField(HOOK_SOURCE_FIELDS.type)
  type: typeof HOOK_SOURCE_TYPE;

  @RequiredField(HOOK_SOURCE_FIELDS.version)
  version: HookSourceVersion;

  @RequiredField(HOOK_SOURCE_FIELDS.name)
  name: string;

  @RequiredField(HOOK_SOURCE_FIELDS.sourceType)
  sourceType: SourceType;

  @RequiredField(HOOK_SOURCE_FIELDS.source)
  source: string;

  @OptionalField(HOOK_SOURCE_FIELDS.description)
  description?: string;

  @OptionalField(HOOK_SOURCE_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
