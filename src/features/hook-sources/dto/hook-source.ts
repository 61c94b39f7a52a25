import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import {
  objectField,
  oneOfField,
  type ResourceField,
  ReturnedField,
  ReturnedWhenSet,
} from '../../../rest/resource-field.js';
import {
  HOOK_SOURCE_FIELDS,
  type HOOK_SOURCE_TYPE,
  type HookSourceVersion,
  type SourceType,
} from './hook-source-fields.js';

function flag(description: string): ResourceField {
  return oneOfField(['true', 'false'], { description: `${description} A string, not a boolean.`, example: 'false' });
}

/** A hook source as every response shows it (contract, section 10). */
@ApiSchema({ description: 'A hook source: a script that execution hooks run.' })
export class HookSource {
  @ReturnedField(HOOK_SOURCE_FIELDS.type)
  type: typeof HOOK_SOURCE_TYPE;

  @ReturnedField(HOOK_SOURCE_FIELDS.version)
  version: HookSourceVersion;

  @ReturnedField(HOOK_SOURCE_FIELDS.id)
  id: string;

  @ReturnedField(HOOK_SOURCE_FIELDS.name)
  name: string;

  @ReturnedField(HOOK_SOURCE_FIELDS.sourceType)
  sourceType: SourceType;

  /** Left out where `private` is "true". */
  @ReturnedWhenSet(HOOK_SOURCE_FIELDS.source)
  source?: string;

  @ReturnedField(flag('Whether the source is left out of responses.'))
  private: 'true' | 'false';

  @ReturnedField(flag('Whether the hook source came with the service and is read only.'))
  preloaded: 'true' | 'false';

  @ReturnedField({
    schema: {
      type: 'string',
      pattern: '^[0-9a-f]{32}$',
      description: 'MD5 of the base64 text of the source, in hexadecimal.',
      example: 'dadb4d2f404bb4227f14290d35cf12c2',
    },
    rules: [],
  })
  sourceMD5Checksum: string;

  @ReturnedWhenSet(HOOK_SOURCE_FIELDS.description)
  description?: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
