import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, IgnoredField, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import {
  HOOK_SOURCE_FIELDS,
  type HOOK_SOURCE_TYPE,
  type HookSourceVersion,
  type SourceType,
} from './hook-source-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 10). */
@ClosedSchema('What of the hook source to replace. What is left out is kept.')
export class UpdateHookSource {
  @RequiredField(HOOK_SOURCE_FIELDS.type)
  type: typeof HOOK_SOURCE_TYPE;

  @RequiredField(HOOK_SOURCE_FIELDS.version)
  version: HookSourceVersion;

  @OptionalField(HOOK_SOURCE_FIELDS.id)
  id?: string;

  @OptionalField(HOOK_SOURCE_FIELDS.name)
  name?: string;

  @OptionalField(HOOK_SOURCE_FIELDS.sourceType)
  sourceType?: SourceType;

  @OptionalField(HOOK_SOURCE_FIELDS.source)
  source?: string;

  @IgnoredField()
  private?: unknown;

  @IgnoredField()
  preloaded?: unknown;

  @IgnoredField()
  sourceMD5Checksum?: unknown;

  @OptionalField(HOOK_SOURCE_FIELDS.description)
  description?: string;

  @OptionalField(HOOK_SOURCE_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
