import { Module } from '@nestjs/common';
import { AppsController } from './apps.controller.js';
import { AppRules } from './apps.rules.js';

/** Apps: what hooks belong to. */
@Module({ controllers: [AppsController], providers: [AppRules] })
export class AppsModule {}
