import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '../../http/identifier.js';
import { MetadataUpdate } from '../../http/metadata.js';
import { Ignored, Nested, OneOf, Optional, Text } from '../../http/resource-body.js';
import {
  HOOK_SOURCE_TYPE,
  HOOK_SOURCE_VERSIONS,
  type HookSourceVersion,
  MAX_SOURCE_LENGTH,
  SOURCE_TYPES,
  type SourceType,
} from './hook-source-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 10). */
export class UpdateHookSource {
  @ApiProperty({ enum: [HOOK_SOURCE_TYPE], description: 'Media type of the resource.' })
  @OneOf([HOOK_SOURCE_TYPE])
  type: typeof HOOK_SOURCE_TYPE;

  @ApiProperty({ enum: HOOK_SOURCE_VERSIONS, description: 'Version of the resource.' })
  @OneOf(HOOK_SOURCE_VERSIONS)
  version: HookSourceVersion;

  @ApiPropertyOptional({ format: 'uuid', description: "Must be the path's id." })
  @Optional()
  @IsIdentifier()
  id?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the hook source, unique in the account.',
    example: 'payroll-script',
  })
  @Optional()
  @Text(1, 63)
  name?: string;

  @ApiPropertyOptional({ enum: SOURCE_TYPES, enumName: 'SourceType', description: 'What the source is.' })
  @Optional()
  @OneOf(SOURCE_TYPES)
  sourceType?: SourceType;

  @ApiPropertyOptional({
    format: 'byte',
    maxLength: MAX_SOURCE_LENGTH,
    description: 'The script in base64: UTF-8 without NUL bytes and carriage returns.',
    example: 'IyEvYmluL3NoCmVjaG8gaGk=',
  })
  @Optional()
  @Text(0, MAX_SOURCE_LENGTH)
  source?: string;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  private?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  preloaded?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  sourceMD5Checksum?: unknown;

  @ApiPropertyOptional({ maxLength: 511, description: 'Free text.', example: 'Freezes and thaws the payroll database' })
  @Optional()
  @Text(0, 511)
  description?: string;

  @ApiPropertyOptional({ type: MetadataUpdate, description: 'Only labels can be set.' })
  @Optional()
  @Nested(() => MetadataUpdate)
  metadata?: MetadataUpdate;
}
