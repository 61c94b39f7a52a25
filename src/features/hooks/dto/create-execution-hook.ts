import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField, withDefault } from '../../../rest/resource-field.js';
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

/** The body of a POST (contract, section 2). */
@ClosedSchema('The execution hook to create.')
export class CreateExecutionHook {
  @RequiredField(HOOK_FIELDS.type)
  type: typeof EXECUTION_HOOK_TYPE;

  @RequiredField(HOOK_FIELDS.version)
  version: HookVersion;

  @RequiredField(HOOK_FIELDS.name)
  name: string;

  @RequiredField(HOOK_FIELDS.hookType)
  hookType: HookType;

  @OptionalField(HOOK_FIELDS.matchingCriteria)
  matchingCriteria?: MatchingCriterion[];

  @RequiredField(HOOK_FIELDS.action)
  action: HookAction;

  @RequiredField(HOOK_FIELDS.stage)
  stage: HookStage;

  @RequiredField(HOOK_FIELDS.hookSourceID)
  hookSourceID: string;

  @OptionalField(HOOK_FIELDS.arguments)
  arguments?: string[];

  @RequiredField(HOOK_FIELDS.appID)
  appID: string;

  @OptionalField(withDefault(HOOK_FIELDS.enabled, 'true'))
  enabled?: Enabled;

  @OptionalField(HOOK_FIELDS.description)
  description?: string;

  @OptionalField(HOOK_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
