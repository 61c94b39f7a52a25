import { ApiSchema } from '@nestjs/swagger';
import { Container } from '../../../rest/container.js';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, objectsField, ReturnedField, ReturnedWhenSet, textsField } from '../../../rest/resource-field.js';
import {
  type Enabled,
  type EXECUTION_HOOK_TYPE,
  HOOK_FIELDS,
  type HookAction,
  type HookStage,
  type HookType,
  type HookVersion,
} from './hook-fields.js';
import type { MatchingCriterion } from './matching-criterion.js';

/** Most images of `matchingImages` (contract, section 4). */
const MAX_MATCHING_IMAGES = 4095;

/** An execution hook as every response shows it (contract, section 2). */
@ApiSchema({ description: 'An execution hook.' })
export class ExecutionHook {
  @ReturnedField(HOOK_FIELDS.type)
  type: typeof EXECUTION_HOOK_TYPE;

  @ReturnedField(HOOK_FIELDS.version)
  version: HookVersion;

  @ReturnedField(HOOK_FIELDS.id)
  id: string;

  @ReturnedField(HOOK_FIELDS.name)
  name: string;

  @ReturnedField(HOOK_FIELDS.hookType)
  hookType: HookType;

  @ReturnedField(HOOK_FIELDS.matchingCriteria)
  matchingCriteria: MatchingCriterion[];

  @ReturnedWhenSet(
    objectsField(() => Container, Infinity, {
      description:
        "The containers of the app's inventory that the hook matches now, ordered by namespace, pod and container. Left out where the hook has no app.",
    }),
  )
  matchingContainers?: Container[];

  @ReturnedWhenSet(
    textsField(MAX_MATCHING_IMAGES, 1, Infinity, {
      description: 'The distinct images of these containers, sorted. Left out where the hook has no app.',
      example: ['docker.io/bitnami/payroll:3.7.8'],
    }),
  )
  matchingImages?: string[];

  @ReturnedField(HOOK_FIELDS.action)
  action: HookAction;

  @ReturnedField(HOOK_FIELDS.stage)
  stage: HookStage;

  @ReturnedField(HOOK_FIELDS.hookSourceID)
  hookSourceID: string;

  @ReturnedField(HOOK_FIELDS.arguments)
  arguments: string[];

  @ReturnedWhenSet(HOOK_FIELDS.appID)
  appID?: string;

  @ReturnedField(HOOK_FIELDS.enabled)
  enabled: Enabled;

  @ReturnedWhenSet(HOOK_FIELDS.description)
  description?: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
