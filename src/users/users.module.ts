import { Module } from '@nestjs/common';
import { RoleBindingsModule } from '../role-bindings/role-bindings.module.js';
import { UsersController } from './users.controller.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

/** Who can have a role in an account. */
@Module({
  imports: [RoleBindingsModule],
  controllers: [UsersController],
  providers: [UsersService, UsersRepository],
  exports: [UsersService],
})
export class UsersModule {}
