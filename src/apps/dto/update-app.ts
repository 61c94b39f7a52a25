import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '../../http/identifier.js';
import { MetadataUpdate } from '../../http/metadata.js';
import { Ignored, Nested, NestedItems, OneOf, Optional } from '../../http/resource-body.js';
import { APP_TYPE, APP_VERSIONS, type AppVersion, DnsLabel } from './app-fields.js';
import { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** The body of a PUT: what it leaves out is kept (contract, section 8). */
export class UpdateApp {
  @ApiProperty({ enum: [APP_TYPE], description: 'Media type of the resource.' })
  @OneOf([APP_TYPE])
  type: typeof APP_TYPE;

  @ApiProperty({
    enum: APP_VERSIONS,
    description: 'Version of the resource; stored and returned as sent.',
    example: '2.2',
  })
  @OneOf(APP_VERSIONS)
  version: AppVersion;

  @ApiPropertyOptional({ format: 'uuid', description: "Must be the path's id." })
  @Optional()
  @IsIdentifier()
  id?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the app, a DNS-1123 label, unique in the account.',
    example: 'payroll-east',
  })
  @Optional()
  @DnsLabel()
  name?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The cluster that the app runs in.',
    example: 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  })
  @Optional()
  @IsIdentifier()
  clusterID?: string;

  @ApiPropertyOptional({
    type: [NamespaceScopedResource],
    description: 'The namespaces of the app. None: its inventory holds every pod that is sent.',
  })
  @Optional()
  @NestedItems(() => NamespaceScopedResource, 0, Infinity)
  namespaceScopedResources?: NamespaceScopedResource[];

  @ApiPropertyOptional({ type: 'array', items: {}, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  namespaces?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  clusterName?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  clusterType?: unknown;

  @ApiPropertyOptional({ type: 'array', items: {}, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  links?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  state?: unknown;

  @ApiPropertyOptional({ type: 'array', items: {}, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  stateDetails?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  protectionState?: unknown;

  @ApiPropertyOptional({ type: 'array', items: {}, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  protectionStateDetails?: unknown;

  @ApiPropertyOptional({ type: String, description: 'Set by the service; accepted and ignored.' })
  @Ignored()
  lastResourceCollectionTimestamp?: unknown;

  @ApiPropertyOptional({ type: MetadataUpdate, description: 'Only labels can be set.' })
  @Optional()
  @Nested(() => MetadataUpdate)
  metadata?: MetadataUpdate;
}
