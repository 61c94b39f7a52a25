import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MetadataUpdate } from '../../http/metadata.js';
import { Nested, OneOf, Optional, Text } from '../../http/resource-body.js';
import {
  HOOK_SOURCE_TYPE,
  HOOK_SOURCE_VERSIONS,
  type HookSourceVersion,
  MAX_SOURCE_LENGTH,
  SOURCE_TYPES,
  type SourceType,
} from './hook-source-fields.js';

/** The body of a POST (contract, section 10). */
export class CreateHookSource {
  @ApiProperty({ enum: [HOOK_SOURCE_TYPE], description: 'Media type of the resource.' })
  @OneOf([HOOK_SOURCE_TYPE])
  type: typeof HOOK_SOURCE_TYPE;

  @ApiProperty({ enum: HOOK_SOURCE_VERSIONS, description: 'Version of the resource.' })
  @OneOf(HOOK_SOURCE_VERSIONS)
  version: HookSourceVersion;

  @ApiProperty({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the hook source, unique in the account.',
    example: 'payroll-script',
  })
  @Text(1, 63)
  name: string;

  @ApiProperty({ enum: SOURCE_TYPES, enumName: 'SourceType', description: 'What the source is.' })
  @OneOf(SOURCE_TYPES)
  sourceType: SourceType;

  @ApiProperty({
    format: 'byte',
    maxLength: MAX_SOURCE_LENGTH,
    description: 'The script in base64: UTF-8 without NUL bytes and carriage returns.',
    example: 'IyEvYmluL3NoCmVjaG8gaGk=',
  })
  @Text(0, MAX_SOURCE_LENGTH)
  source: string;

  @ApiPropertyOptional({ maxLength: 511, description: 'Free text.', example: 'Freezes and thaws the payroll database' })
  @Optional()
  @Text(0, 511)
  description?: string;

  @ApiPropertyOptional({ type: MetadataUpdate, description: 'Only labels can be set.' })
  @Optional()
  @Nested(() => MetadataUpdate)
  metadata?: MetadataUpdate;
}
