import { Module } from '@nestjs/common';
import { AccountsController } from './accounts.controller.js';
import { AccountRules } from './accounts.rules.js';

/** Accounts: what everything else belongs to. */
@Module({ controllers: [AccountsController], providers: [AccountRules] })
export class AccountsModule {}
