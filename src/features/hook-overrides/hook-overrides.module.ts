import { Module } from '@nestjs/common';
import { HookOverridesController } from './hook-overrides.controller.js';
import { HookOverrideRules } from './hook-overrides.rules.js';

/** What each app makes of the operator's hooks. */
@Module({ controllers: [HookOverridesController], providers: [HookOverrideRules] })
export class HookOverridesModule {}
