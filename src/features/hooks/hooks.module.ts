import { Module } from '@nestjs/common';
import { InventoryModule } from '../inventory/inventory.module.js';
import { AccountExecutionHooksController } from './account-execution-hooks.controller.js';
import { AppExecutionHooksController } from './app-execution-hooks.controller.js';
import { ExecutionHookRules } from './execution-hooks.rules.js';
import { HookLookups } from './hook-lookups.js';
import { HookNameScopeService } from './hook-name-scope.service.js';
import { MatchingFields } from './matching-fields.js';
import { SlowCriteria } from './slow-criteria.js';

/** Execution hooks, on both route families. */
@Module({
  imports: [InventoryModule],
  controllers: [AccountExecutionHooksController, AppExecutionHooksController],
  providers: [ExecutionHookRules, HookLookups, HookNameScopeService, MatchingFields, SlowCriteria],
})
export class HooksModule {}
