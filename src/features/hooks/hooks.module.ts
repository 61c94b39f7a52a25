import { Module } from '@nestjs/common';
import { AppsModule } from '../apps/apps.module.js';
import { InventoryModule } from '../inventory/inventory.module.js';
import { AccountExecutionHooksController } from './account-execution-hooks.controller.js';
import { AppExecutionHooksController } from './app-execution-hooks.controller.js';
import { ExecutionHooksRepository } from './execution-hooks.repository.js';
import { ExecutionHooksService } from './execution-hooks.service.js';
import { HookNameScopeService } from './hook-name-scope.service.js';
import { MatchingFields } from './matching-fields.js';

/** Execution hooks, on both route families. */
@Module({
  imports: [AppsModule, InventoryModule],
  controllers: [AccountExecutionHooksController, AppExecutionHooksController],
  providers: [ExecutionHooksService, ExecutionHooksRepository, HookNameScopeService, MatchingFields],
})
export class HooksModule {}
