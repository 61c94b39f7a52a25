import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessModule } from '../access/access.module.js';
import { AccessGuard } from '../access/access.guard.js';
import { AccountsModule } from '../features/accounts/accounts.module.js';
import { AppsModule } from '../features/apps/apps.module.js';
import { InventoryModule } from '../features/inventory/inventory.module.js';
import { HealthModule } from '../features/health/health.module.js';
import { CloudsModule } from '../features/clouds/clouds.module.js';
import { Database } from '../database/database.js';
import { DatabaseModule } from '../database/database.module.js';
import { HookOverridesModule } from '../features/hook-overrides/hook-overrides.module.js';
import { HookSourcesModule } from '../features/hook-sources/hook-sources.module.js';
import { HooksModule } from '../features/hooks/hooks.module.js';
import { AnswerInterceptor } from '../rest/answer.js';
import { RestModule } from '../rest/rest.module.js';
import { OperationsModule } from '../operations/operations.module.js';
import { ProblemFilter } from '../rest/problem.filter.js';
import { RoleBindingsModule } from '../features/role-bindings/role-bindings.module.js';
import { Settings } from '../settings/settings.js';
import { SettingsModule } from '../settings/settings.module.js';
import { TokensModule } from '../features/tokens/tokens.module.js';
import { UsersModule } from '../features/users/users.module.js';

/** The modules of the service, and what applies to every route: who may use it, how answers and problems are written. */
@Module({})
export class AppModule {
  /** @param database open and migrated; the application closes it when it shuts down */
  static forRoot(settings: Settings, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SettingsModule.for(settings),
        DatabaseModule.forRoot(database),
        RestModule,
        AccessModule,
        AccountsModule,
        UsersModule,
        RoleBindingsModule,
        TokensModule,
        AppsModule,
        InventoryModule,
        HookSourcesModule,
        HooksModule,
        HookOverridesModule,
        CloudsModule,
        OperationsModule,
        HealthModule,
      ],
      providers: [
        { provide: APP_GUARD, useExisting: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
