import { Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { AuthenticationService } from './authentication.service.js';
import { CredentialsRepository } from './credentials.repository.js';
import { IssuerUsersRepository } from './issuer-users.repository.js';
import { OidcService } from './oidc.service.js';

/** The guard that turns a token into a caller. */
@Module({
  providers: [AccessGuard, AuthenticationService, CredentialsRepository, OidcService, IssuerUsersRepository],
  exports: [AccessGuard, AuthenticationService],
})
export class AccessModule {}
