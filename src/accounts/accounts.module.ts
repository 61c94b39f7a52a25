import { Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { TokensRepository } from './tokens.repository.js';
import { UnmatchedController } from './unmatched.controller.js';

/** Accounts, users, role bindings and tokens, and the guard that turns a token into a caller. */
@Module({ controllers: [UnmatchedController], providers: [AccessGuard, TokensRepository], exports: [AccessGuard] })
export class AccountsModule {}
