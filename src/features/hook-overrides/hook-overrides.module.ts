import { Module } from '@nestjs/common';
import { AppsModule } from '../apps/apps.module.js';
import { HookOverridesController } from './hook-overrides.controller.js';
import { HookOverridesRepository } from './hook-overrides.repository.js';
import { HookOverridesService } from './hook-overrides.service.js';

/** Whether netapp hooks are enabled for single apps. */
@Module({
  imports: [AppsModule],
  controllers: [HookOverridesController],
  providers: [HookOverridesService, HookOverridesRepository],
})
export class HookOverridesModule {}
