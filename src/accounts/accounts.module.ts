import { Module } from '@nestjs/common';
import { RoleBindingsModule } from '../role-bindings/role-bindings.module.js';
import { AccessGuard } from './access.guard.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';
import { AuthenticationService } from './authentication.service.js';
import { CredentialsRepository } from './credentials.repository.js';
import { IssuerUsersRepository } from './issuer-users.repository.js';
import { OidcService } from './oidc.service.js';
import { UnmatchedController } from './unmatched.controller.js';

/** Accounts, and the guard that turns a token into a caller. */
@Module({
  imports: [RoleBindingsModule],
  controllers: [AccountsController, UnmatchedController],
  providers: [
    AccessGuard,
    AuthenticationService,
    CredentialsRepository,
    OidcService,
    IssuerUsersRepository,
    AccountsService,
    AccountsRepository,
  ],
  exports: [AccessGuard],
})
export class AccountsModule {}
