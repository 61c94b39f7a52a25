import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EachItem, isTextOf, Items, Optional } from '../../http/resource-body.js';
import { DnsLabel } from './app-fields.js';

/** A namespace that belongs to an app, as a whole or as far as the label selectors reach (contract, section 8). */
export class NamespaceScopedResource {
  @ApiProperty({ description: 'A namespace of the app.', example: 'payroll-east' })
  @DnsLabel()
  namespace: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'Kubernetes label selectors; a pod belongs to the app when it meets all of them. None: every pod.',
    example: ['app.kubernetes.io/instance=payroll'],
  })
  @Optional()
  @Items(0, Infinity)
  @EachItem('must be a string of at least 1 characters', isTextOf(1, Infinity))
  labelSelectors?: string[];
}
