import { rule } from '../../http/resource-body.js';

/** The values that the enumerated fields of an execution hook may take (contract, section 2). */
export const EXECUTION_HOOK_TYPE = 'application/astra-executionHook';
export const EXECUTION_HOOKS_TYPE = 'application/astra-executionHooks';
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
