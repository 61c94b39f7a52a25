import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, IgnoredField, OptionalField, RequiredField } from '../../../rest/resource-field.js';
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

/** The body of a PUT: what it leaves out is kept (contract, section 2). */
@ClosedSchema('What of the execution hook to replace. What is left out is kept.')
export class UpdateExecutionHook {
  @RequiredField(HOOK_FIELDS.type)
  type: typeof EXECUTION_HOOK_TYPE;

  @RequiredField(HOOK_FIELDS.version)
  version: HookVersion;

  @OptionalField(HOOK_FIELDS.id)
  id?: string;

  @OptionalField(HOOK_FIELDS.name)
  name?: string;

  @OptionalField(HOOK_FIELDS.hookType)
  hookType?: HookType;

  @OptionalField(HOOK_FIELDS.matchingCriteria)
  matchingCriteria?: MatchingCriterion[];

  @IgnoredField()
  matchingContainers?: unknown;

  @IgnoredField()
  matchingImages?: unknown;

  @OptionalField(HOOK_FIELDS.action)
  action?: HookAction;

  @OptionalField(HOOK_FIELDS.stage)
  stage?: HookStage;

  @OptionalField(HOOK_FIELDS.hookSourceID)
  hookSourceID?: string;

  @OptionalField(HOOK_FIELDS.arguments)
  arguments?: string[];

  @OptionalField(HOOK_FIELDS.appID)
  appID?: string;

  @OptionalField(HOOK_FIELDS.enabled)
  enabled?: Enabled;

  @OptionalField(HOOK_FIELDS.description)
  description?: string;

  @OptionalField(HOOK_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
