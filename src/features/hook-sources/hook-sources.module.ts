import { Module } from '@nestjs/common';
import { HookSourcesController } from './hook-sources.controller.js';
import { HookSourceRules } from './hook-sources.rules.js';

/** The scripts that hooks run. */
@Module({ controllers: [HookSourcesController], providers: [HookSourceRules] })
export class HookSourcesModule {}
