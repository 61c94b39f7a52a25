import type { ACCOUNT } from '../../src/features/accounts/account.resource.js';
import type { APP } from '../../src/features/apps/app.resource.js';
import type { HOOK_OVERRIDE } from '../../src/features/hook-overrides/hook-override.resource.js';
import type { HOOK_SOURCE } from '../../src/features/hook-sources/hook-source.resource.js';
import type { EXECUTION_HOOK } from '../../src/features/hooks/execution-hook.resource.js';
import type { ROLE_BINDING } from '../../src/features/role-bindings/role-binding.resource.js';
import type { TOKEN } from '../../src/features/tokens/token.resource.js';
import type { USER } from '../../src/features/users/user.resource.js';
import type { ShownBody } from '../../src/rest/resource.js';

/** Each resource as answers show it. */
export type Account = ShownBody<typeof ACCOUNT.fields>;
export type CreatedAccount = Account & { token?: string };
export type App = ShownBody<typeof APP.fields>;
export type ExecutionHookOverride = ShownBody<typeof HOOK_OVERRIDE.fields>;
export type HookSource = ShownBody<typeof HOOK_SOURCE.fields>;
export type ExecutionHook = ShownBody<typeof EXECUTION_HOOK.fields>;
export type RoleBinding = ShownBody<typeof ROLE_BINDING.fields>;
export type Token = ShownBody<typeof TOKEN.fields>;
export type CreatedToken = Token & { token?: string };
export type User = ShownBody<typeof USER.fields>;
