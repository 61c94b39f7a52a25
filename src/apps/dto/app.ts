import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Metadata } from '../../http/metadata.js';
import { APP_TYPE, APP_VERSIONS, type AppVersion } from './app-fields.js';
import { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** An app as every response shows it (contract, section 8). */
export class App {
  @ApiProperty({ enum: [APP_TYPE], description: 'Media type of the resource.' })
  type: typeof APP_TYPE;

  @ApiProperty({
    enum: APP_VERSIONS,
    description: 'Version of the resource; stored and returned as sent.',
    example: '2.2',
  })
  version: AppVersion;

  @ApiProperty({ format: 'uuid', example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9' })
  id: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the app, a DNS-1123 label, unique in the account.',
    example: 'payroll-east',
  })
  name: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The cluster that the app runs in.',
    example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  })
  clusterID?: string;

  @ApiPropertyOptional({ description: 'Name of the cluster, when known.', example: 'payroll-cluster' })
  clusterName?: string;

  @ApiPropertyOptional({ description: 'Type of the cluster, when known.', example: 'kubernetes' })
  clusterType?: string;

  @ApiProperty({
    type: [NamespaceScopedResource],
    description: 'The namespaces of the app. None: its inventory holds every pod that is sent.',
  })
  namespaceScopedResources: NamespaceScopedResource[];

  @ApiProperty({
    type: [String],
    description: 'The namespaces of namespaceScopedResources, or of the inventory when none are declared.',
    example: ['payroll-east'],
  })
  namespaces: string[];

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'Always empty.', example: [] })
  links: object[];

  @ApiProperty({ enum: ['ready'] })
  state: 'ready';

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'Always empty.', example: [] })
  stateDetails: object[];

  @ApiProperty({ enum: ['none'] })
  protectionState: 'none';

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'Always empty.', example: [] })
  protectionStateDetails: object[];

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When the inventory last changed.',
    example: '2022-10-06T20:58:16.305662Z',
  })
  lastResourceCollectionTimestamp?: string;

  @ApiProperty({ type: Metadata })
  metadata: Metadata;
}
