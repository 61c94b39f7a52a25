import { Module } from '@nestjs/common';
import { AccountsController } from './accounts.controller.js';
import { AccountsRepository } from './accounts.repository.js';
import { AccountsService } from './accounts.service.js';

/** Accounts: what everything else belongs to. */
@Module({ controllers: [AccountsController], providers: [AccountsService, AccountsRepository] })
export class AccountsModule {}
