import { Module } from '@nestjs/common';
import { UsersController } from './users.controller.js';
import { UserRules } from './users.rules.js';

/** Who can have a role in an account. */
@Module({ controllers: [UsersController], providers: [UserRules] })
export class UsersModule {}
