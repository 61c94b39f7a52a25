import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Metadata } from '../../http/metadata.js';
import {
  HOOK_SOURCE_TYPE,
  HOOK_SOURCE_VERSIONS,
  type HookSourceVersion,
  MAX_SOURCE_LENGTH,
  SOURCE_TYPES,
  type SourceType,
} from './hook-source-fields.js';

/** A hook source as every response shows it (contract, section 10). */
export class HookSource {
  @ApiProperty({ enum: [HOOK_SOURCE_TYPE], description: 'Media type of the resource.' })
  type: typeof HOOK_SOURCE_TYPE;

  @ApiProperty({ enum: HOOK_SOURCE_VERSIONS, description: 'Version of the resource.' })
  version: HookSourceVersion;

  @ApiProperty({ format: 'uuid', example: '50e89023-ba84-435d-bb47-1833f4c250ff' })
  id: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the hook source, unique in the account.',
    example: 'payroll-script',
  })
  name: string;

  @ApiProperty({ enum: SOURCE_TYPES, enumName: 'SourceType', description: 'What the source is.' })
  sourceType: SourceType;

  @ApiPropertyOptional({
    format: 'byte',
    maxLength: MAX_SOURCE_LENGTH,
    description: 'The script in base64: UTF-8 without NUL bytes and carriage returns. Absent when `private` is "true".',
    example: 'IyEvYmluL3NoCmVjaG8gaGk=',
  })
  source?: string;

  @ApiProperty({ enum: ['true', 'false'], description: 'Whether the source is left out of responses.' })
  private: 'true' | 'false';

  @ApiProperty({
    enum: ['true', 'false'],
    description: 'Whether the hook source came with the service and is read only.',
  })
  preloaded: 'true' | 'false';

  @ApiProperty({
    pattern: '^[0-9a-f]{32}$',
    description: 'Hexadecimal MD5 of the base64 text as sent.',
    example: '1a5b3b1ae0a3d7a4a4d0a1a5a2b6c7d8',
  })
  sourceMD5Checksum: string;

  @ApiPropertyOptional({ maxLength: 511, description: 'Free text.', example: 'Freezes and thaws the payroll database' })
  description?: string;

  @ApiProperty({ type: Metadata })
  metadata: Metadata;
}
