import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Label, Metadata } from '../../http/metadata.js';
import {
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

/** A container that a hook matches (seeds: `matchingContainers`). */
export class MatchingContainer {
  @ApiProperty({ example: 'payroll-east' })
  namespaceName: string;

  @ApiProperty({ example: 'payroll-release3-7' })
  podName: string;

  @ApiProperty({ type: [Label], example: [{ name: 'env', value: 'production' }] })
  podLabels: Label[];

  @ApiProperty({ example: 'payroll-master-0' })
  containerName: string;

  @ApiProperty({ example: 'docker.io/bitnami/payroll:3.7.8' })
  containerImage: string;
}

/** An execution hook as every response shows it (contract, section 2). */
export class ExecutionHook {
  @ApiProperty({ enum: [EXECUTION_HOOK_TYPE], description: 'Media type of the resource.' })
  type: typeof EXECUTION_HOOK_TYPE;

  @ApiProperty({
    enum: HOOK_VERSIONS,
    description: 'Version of the resource; stored and returned as sent.',
    example: '1.2',
  })
  version: HookVersion;

  @ApiProperty({ format: 'uuid', example: '946e60cb-980b-5374-9e6e-9fe1f6780352' })
  id: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 63,
    description:
      'Name of the hook, unique across all execution hooks of the account (of the app with HOOK_NAME_SCOPE=app).',
    example: 'Payroll',
  })
  name: string;

  @ApiProperty({
    enum: HOOK_TYPES,
    enumName: 'HookType',
    description:
      '`custom` hooks are tied to an app. `netapp` hooks are installed by the operator and read only. Cannot change.',
    example: 'custom',
  })
  hookType: HookType;

  @ApiProperty({
    type: [MatchingCriterion],
    maxItems: 10,
    description:
      'The containers that the hook runs in: all criteria must hold for the same container. None: every container of the app.',
    example: [
      { type: 'podLabel', value: '^env=production$' },
      { type: 'containerName', value: '^payroll-master' },
    ],
  })
  matchingCriteria: MatchingCriterion[];

  @ApiPropertyOptional({
    type: [MatchingContainer],
    description:
      'The containers that match now, ordered by namespace, pod and container. Absent where the hook has no app.',
  })
  matchingContainers?: MatchingContainer[];

  @ApiPropertyOptional({
    type: [String],
    maxItems: 4095,
    description: 'The distinct images of these containers, sorted.',
    example: ['docker.io/bitnami/payroll:3.7.8'],
  })
  matchingImages?: string[];

  @ApiProperty({
    enum: HOOK_ACTIONS,
    enumName: 'HookAction',
    description: 'The action that the hook runs at. `failover` needs version 1.3.',
    example: 'snapshot',
  })
  action: HookAction;

  @ApiProperty({
    enum: HOOK_STAGES,
    enumName: 'HookStage',
    description: 'Before or after the action; `restore` and `failover` allow `post` only.',
    example: 'pre',
  })
  stage: HookStage;

  @ApiProperty({
    format: 'uuid',
    description: 'The hook source (script) that runs.',
    example: '50e89023-ba84-435d-bb47-1833f4c250ff',
  })
  hookSourceID: string;

  @ApiProperty({
    type: [String],
    maxItems: 16,
    description: 'Arguments of the script, 0 to 127 characters each.',
    example: ['freeze'],
  })
  arguments: string[];

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The app whose containers the hook runs in. Absent on `netapp` hooks.',
    example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  })
  appID?: string;

  @ApiProperty({ enum: ENABLED_VALUES, enumName: 'Enabled', description: 'A string, not a boolean.' })
  enabled: Enabled;

  @ApiPropertyOptional({ maxLength: 511, description: 'Free text.', example: 'Payroll production hook' })
  description?: string;

  @ApiProperty({ type: Metadata })
  metadata: Metadata;
}
