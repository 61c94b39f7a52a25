import { Module } from '@nestjs/common';
import { RoleBindingsController } from './role-bindings.controller.js';
import { RoleBindingRules } from './role-bindings.rules.js';

/** Who has which role in an account. */
@Module({ controllers: [RoleBindingsController], providers: [RoleBindingRules] })
export class RoleBindingsModule {}
