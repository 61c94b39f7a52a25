import { MetadataUpdate } from '../../../rest/metadata.js';
import { rule } from '../../../rest/resource-body.js';
import {
  identifierField,
  objectField,
  objectsField,
  oneOfField,
  type ResourceField,
  textField,
  textsField,
} from '../../../rest/resource-field.js';
import { MatchingCriterion } from './matching-criterion.js';

/** The values that the enumerated fields of an execution hook may take (contract, section 2). */
export const EXECUTION_HOOK_TYPE = 'application/astra-executionHook';
export const HOOK_VERSIONS = ['1.0', '1.1', '1.2', '1.3'] as const;
export const HOOK_TYPES = ['netapp', 'custom'] as const;
export const HOOK_ACTIONS = ['snapshot', 'backup', 'restore', 'failover'] as const;
export const HOOK_STAGES = ['pre', 'post'] as const;
export const ENABLED_VALUES = ['true', 'false'] as const;

export type HookVersion = (typeof HOOK_VERSIONS)[number];
export type HookType = (typeof HOOK_TYPES)[number];
export type HookAction = (typeof HOOK_ACTIONS)[number];
export type HookStage = (typeof HOOK_STAGES)[number];
export type Enabled = (typeof ENABLED_VALUES)[number];

/** The version that knows the action `failover`. */
export const FAILOVER_VERSION = '1.3';

/** The version's own list of actions holds the action: a body that names an older version knows no `failover`. */
export function ActionOfVersion(): PropertyDecorator {
  return rule(
    'actionOfVersion',
    `must be one of "snapshot", "backup", "restore"; with version ${FAILOVER_VERSION} also "failover"`,
    (action, hook) =>
      HOOK_ACTIONS.some((known) => known === action) &&
      (action !== 'failover' || ('version' in hook && hook.version === FAILOVER_VERSION)),
  );
}

/** The fields of an execution hook (contract, section 2), as its classes for create, update and response share them. */
export const HOOK_FIELDS = {
  type: oneOfField([EXECUTION_HOOK_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField(HOOK_VERSIONS, {
    description: 'Version of the resource, stored and returned as it was sent.',
    example: '1.2',
  }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '946e60cb-980b-4374-9e6e-9fe1f6780352',
  }),
  name: textField(1, 63, {
    description:
      'Name of the hook. It must be unique across all execution hooks of the account (of the app, when the service is set up with `HOOK_NAME_SCOPE=app`).',
    example: 'Payroll',
  }),
  hookType: oneOfField(HOOK_TYPES, {
    enumName: 'HookType',
    description:
      '`custom`: tied to a specific app. `netapp`: provided with the service and read only. It cannot be changed.',
    example: 'custom',
  }),
  matchingCriteria: objectsField(() => MatchingCriterion, 10, {
    description:
      'Which containers of the app the hook runs in: those that meet all criteria. Without criteria, every container.',
    example: [
      { type: 'podLabel', value: '^env=production$' },
      { type: 'containerName', value: '^payroll-master' },
    ],
  }),
  action: {
    ...oneOfField(HOOK_ACTIONS, {
      enumName: 'HookAction',
      description: `The action that the hook runs at. \`failover\` needs version ${FAILOVER_VERSION}.`,
      example: 'snapshot',
    }),
    rules: [ActionOfVersion()],
  },
  stage: oneOfField(HOOK_STAGES, {
    enumName: 'HookStage',
    description:
      '`pre`: before the action. `post`: after the action. The actions `restore` and `failover` take `post` only.',
    example: 'pre',
  }),
  hookSourceID: identifierField({
    description: 'ID of the hook source that the hook runs. It must exist in the account.',
    example: '50e89023-ba84-435d-bb47-1833f4c250ff',
  }),
  arguments: textsField(16, 0, 127, {
    description: 'Arguments that the hook source is run with.',
    example: ['freeze'],
  }),
  appID: identifierField({
    description: 'ID of the app whose containers the hook runs in. It must exist in the account.',
    example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  }),
  enabled: oneOfField(ENABLED_VALUES, {
    enumName: 'Enabled',
    description: '`"true"`: the hook runs as specified. `"false"`: it never runs. A string, not a boolean.',
    example: 'true',
  }),
  description: textField(0, 511, { description: 'Free text.', example: 'Payroll production hook' }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
