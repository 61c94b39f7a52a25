import { Module } from '@nestjs/common';
import { HookSourcesController } from './hook-sources.controller.js';
import { HookSourcesRepository } from './hook-sources.repository.js';
import { HookSourcesService } from './hook-sources.service.js';

/** The scripts that hooks run. */
@Module({ controllers: [HookSourcesController], providers: [HookSourcesService, HookSourcesRepository] })
export class HookSourcesModule {}
