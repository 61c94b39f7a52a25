import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '../../http/identifier.js';
import { MetadataUpdate } from '../../http/metadata.js';
import { Nested, NestedItems, OneOf, Optional } from '../../http/resource-body.js';
import { APP_TYPE, APP_VERSIONS, type AppVersion, DnsLabel } from './app-fields.js';
import { NamespaceScopedResource } from './namespace-scoped-resource.js';

/** The body of a POST (contract, section 8). */
export class CreateApp {
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

  @ApiProperty({
    minLength: 1,
    maxLength: 63,
    description: 'Name of the app, a DNS-1123 label, unique in the account.',
    example: 'payroll-east',
  })
  @DnsLabel()
  name: string;

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

  @ApiPropertyOptional({ type: MetadataUpdate, description: 'Only labels can be set.' })
  @Optional()
  @Nested(() => MetadataUpdate)
  metadata?: MetadataUpdate;
}
