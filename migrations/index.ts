import { InitialSchema1763700000000 } from './1763700000000-initial-schema.js';
import { IdempotencyKeys1763760000000 } from './1763760000000-idempotency-keys.js';
import { HookExtensions1764500000000 } from './1764500000000-hook-extensions.js';
import { InventoryCopies1763820000000 } from './1763820000000-inventory-copies.js';

/** Every migration, oldest first. Once landed a migration never changes; a new one is added below it. */
export const migrations = [
  InitialSchema1763700000000,
  IdempotencyKeys1763760000000,
  InventoryCopies1763820000000,
  HookExtensions1764500000000,
];
