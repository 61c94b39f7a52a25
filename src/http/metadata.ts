import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { Ignored, NestedItems, Optional } from './resource-body.js';

/** A label that a client attaches to a resource (seeds: `type_astra_label`). */
export class Label {
  @ApiProperty({ example: 'team' })
  @IsString({ message: 'must be a string' })
  name: string;

  @ApiProperty({ example: 'payments' })
  @IsString({ message: 'must be a string' })
  value: string;
}

/** The `metadata` of a request: only `labels` is the client's to set (seeds: `type_astra_metadata_update`). */
export class MetadataUpdate {
  @ApiPropertyOptional({
    type: [Label],
    description: 'Replaces all labels of the resource; left out, they are kept.',
  })
  @Optional()
  @NestedItems(() => Label, 0, Infinity)
  labels?: Label[];

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Accepted and ignored.' })
  @Ignored()
  creationTimestamp?: unknown;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Accepted and ignored.' })
  @Ignored()
  modificationTimestamp?: unknown;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Accepted and ignored.' })
  @Ignored()
  createdBy?: unknown;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Accepted and ignored.' })
  @Ignored()
  modifiedBy?: unknown;
}

/** The `metadata` of a response (contract, section 3). */
export class Metadata {
  @ApiProperty({ type: [Label], example: [] })
  labels: Label[];

  @ApiProperty({
    format: 'date-time',
    description: 'UTC, with six fractional digits.',
    example: '2022-10-06T20:58:16.305662Z',
  })
  creationTimestamp: string;

  @ApiProperty({
    format: 'date-time',
    description: 'UTC, with six fractional digits.',
    example: '2022-10-06T20:58:16.305662Z',
  })
  modificationTimestamp: string;

  @ApiProperty({
    format: 'uuid',
    description: 'The user who made the resource; the null UUID for the service itself.',
    example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  })
  createdBy: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'The user who changed the resource last.' })
  modifiedBy?: string;
}
