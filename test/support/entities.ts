import { Account } from '../../src/features/accounts/account.entity.js';
import { RoleBinding } from '../../src/features/role-bindings/role-binding.entity.js';
import { Token } from '../../src/features/tokens/token.entity.js';
import { User } from '../../src/features/users/user.entity.js';
import { App } from '../../src/features/apps/app.entity.js';
import { InventoryCopy } from '../../src/features/inventory/inventory-copy.entity.js';
import { InventoryPod } from '../../src/features/inventory/inventory-pod.entity.js';
import { HookSource } from '../../src/features/hook-sources/hook-source.entity.js';
import { ExecutionHook } from '../../src/features/hooks/execution-hook.entity.js';
import { ExecutionHookOverride } from '../../src/features/hook-overrides/execution-hook-override.entity.js';
import { StoredIdempotencyKey } from '../../src/rest/idempotency/idempotency-key.entity.js';
import { HookNameScope } from '../../src/features/hooks/hook-name-scope.entity.js';

/** Every entity of the service, one a table: what the drift check compares the migrated schema with. */
export const entities = [
  Account,
  User,
  RoleBinding,
  Token,
  HookSource,
  App,
  InventoryPod,
  InventoryCopy,
  ExecutionHook,
  ExecutionHookOverride,
  HookNameScope,
  StoredIdempotencyKey,
] as const;
