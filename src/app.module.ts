import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessGuard } from './accounts/access.guard.js';
import { AccountsModule } from './accounts/accounts.module.js';
import { GoneAccountInterceptor } from './accounts/gone-account.interceptor.js';
import { AppsModule } from './apps/apps.module.js';
import { CloudsModule } from './clouds/clouds.module.js';
import { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { HookOverridesModule } from './hook-overrides/hook-overrides.module.js';
import { HookSourcesModule } from './hook-sources/hook-sources.module.js';
import { HooksModule } from './hooks/hooks.module.js';
import { AnswerInterceptor } from './http/answer.js';
import { HttpModule } from './http/http.module.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { RoleBindingsModule } from './role-bindings/role-bindings.module.js';
import { Settings } from './settings/settings.js';
import { SettingsModule } from './settings/settings.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { UsersModule } from './users/users.module.js';

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
        HttpModule,
        IdempotencyModule,
        AccountsModule,
        UsersModule,
        RoleBindingsModule,
        TokensModule,
        AppsModule,
        HookSourcesModule,
        HooksModule,
        HookOverridesModule,
        CloudsModule,
        OperationsModule,
      ],
      providers: [
        { provide: APP_GUARD, useExisting: AccessGuard },
        { provide: APP_INTERCEPTOR, useClass: AnswerInterceptor },
        { provide: APP_INTERCEPTOR, useClass: GoneAccountInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
