import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIdentifier } from '../../http/identifier.js';
import { MetadataUpdate } from '../../http/metadata.js';
import {
  EachItem,
  Ignored,
  isTextOf,
  Items,
  Nested,
  NestedItems,
  OneOf,
  Optional,
  Text,
} from '../../http/resource-body.js';
import {
  ActionOfVersion,
  type Enabled,
  ENABLED_VALUES,
  EXECUTION_HOOK_TYPE,
  HOOK_ACTIONS,
  HOOK_STAGES,
  HOOK_TYPES,
  HOOK_VERSIONS,
  type HookAction,
  type HookStage,
  type HookType,
  type HookVersion,
} from './hook-fields.js';
import { MatchingCriterion } from './matching-criterion.js';

/** The body of a PUT: what it leaves out is kept (contract, section 2). */
export class UpdateExecutionHook {
  @ApiProperty({ enum: [EXECUTION_HOOK_TYPE], description: 'Media type of the resource.' })
  @OneOf([EXECUTION_HOOK_TYPE])
  type: typeof EXECUTION_HOOK_TYPE;

  @ApiProperty({
    enum: HOOK_VERSIONS,
    description: 'Version of the resource; stored and returned as sent.',
    example: '1.2',
  })
  @OneOf(HOOK_VERSIONS)
  version: HookVersion;

  @ApiPropertyOptional({ format: 'uuid', description: "Must be the path's id." })
  @Optional()
  @IsIdentifier()
  id?: string;

  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 63,
    description:
      'Name of the hook, unique across all execution hooks of the account (of the app with HOOK_NAME_SCOPE=app).',
    example: 'Payroll',
  })
  @Optional()
  @Text(1, 63)
  name?: string;

  @ApiPropertyOptional({
    enum: HOOK_TYPES,
    enumName: 'HookType',
    description:
      '`custom` hooks are tied to an app. `netapp` hooks are installed by the operator and read only. Cannot change.',
    example: 'custom',
  })
  @Optional()
  @OneOf(HOOK_TYPES)
  hookType?: HookType;

  @ApiPropertyOptional({
    type: [MatchingCriterion],
    maxItems: 10,
    description:
      'The containers that the hook runs in: all criteria must hold for the same container. None: every container of the app.',
    example: [
      { type: 'podLabel', value: '^env=production$' },
      { type: 'containerName', value: '^payroll-master' },
    ],
  })
  @Optional()
  @NestedItems(() => MatchingCriterion, 0, 10)
  matchingCriteria?: MatchingCriterion[];

  @ApiPropertyOptional({ type: 'array', items: { type: 'object' }, description: 'Computed; accepted and ignored.' })
  @Ignored()
  matchingContainers?: unknown;

  @ApiPropertyOptional({ type: 'array', items: { type: 'string' }, description: 'Computed; accepted and ignored.' })
  @Ignored()
  matchingImages?: unknown;

  @ApiPropertyOptional({
    enum: HOOK_ACTIONS,
    enumName: 'HookAction',
    description: 'The action that the hook runs at. `failover` needs version 1.3.',
    example: 'snapshot',
  })
  @Optional()
  @ActionOfVersion()
  action?: HookAction;

  @ApiPropertyOptional({
    enum: HOOK_STAGES,
    enumName: 'HookStage',
    description: 'Before or after the action; `restore` and `failover` allow `post` only.',
    example: 'pre',
  })
  @Optional()
  @OneOf(HOOK_STAGES)
  stage?: HookStage;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The hook source (script) that runs; it must exist in the account.',
    example: '50e89023-ba84-435d-bb47-1833f4c250ff',
  })
  @Optional()
  @IsIdentifier()
  hookSourceID?: string;

  @ApiPropertyOptional({
    type: [String],
    maxItems: 16,
    description: 'Arguments of the script, 0 to 127 characters each.',
    example: ['freeze'],
  })
  @Optional()
  @Items(0, 16)
  @EachItem('must be a string of 0 to 127 characters', isTextOf(0, 127))
  arguments?: string[];

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The app whose containers the hook runs in; it must exist in the account.',
    example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  })
  @Optional()
  @IsIdentifier()
  appID?: string;

  @ApiPropertyOptional({ enum: ENABLED_VALUES, enumName: 'Enabled', description: 'A string, not a boolean.' })
  @Optional()
  @OneOf(ENABLED_VALUES)
  enabled?: Enabled;

  @ApiPropertyOptional({ maxLength: 511, description: 'Free text.', example: 'Payroll production hook' })
  @Optional()
  @Text(0, 511)
  description?: string;

  @ApiPropertyOptional({ type: MetadataUpdate, description: 'Only labels can be set.' })
  @Optional()
  @Nested(() => MetadataUpdate)
  metadata?: MetadataUpdate;
}
