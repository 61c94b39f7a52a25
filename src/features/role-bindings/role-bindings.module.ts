import { Module } from '@nestjs/common';
import { RoleBindingsController } from './role-bindings.controller.js';
import { RoleBindingsRepository } from './role-bindings.repository.js';
import { RoleBindingsService } from './role-bindings.service.js';

/** Who has which role in an account. */
@Module({
  controllers: [RoleBindingsController],
  providers: [RoleBindingsService, RoleBindingsRepository],
})
export class RoleBindingsModule {}
