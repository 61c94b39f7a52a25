import { Account } from '../accounts/account.entity.js';
import { RoleBinding } from '../role-bindings/role-binding.entity.js';
import { Token } from '../tokens/token.entity.js';
import { User } from '../users/user.entity.js';
import { App } from '../apps/app.entity.js';
import { InventoryCopy } from '../apps/inventory-copy.entity.js';
import { InventoryPod } from '../apps/inventory-pod.entity.js';
import { HookSource } from '../hook-sources/hook-source.entity.js';
import { ExecutionHook } from '../hooks/execution-hook.entity.js';
import { ExecutionHookOverride } from '../hook-overrides/execution-hook-override.entity.js';
import { StoredIdempotencyKey } from '../idempotency/idempotency-key.entity.js';
import { HookNameScope } from '../hooks/hook-name-scope.entity.js';

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
