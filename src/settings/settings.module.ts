import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Settings } from './settings.js';

/** Lets every module inject `Settings`; who starts the service reads the environment and passes the result in. */
@Global()
@Module({})
export class SettingsModule {
  static for(settings: Settings): DynamicModule {
    return {
      module: SettingsModule,
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    };
  }
}
