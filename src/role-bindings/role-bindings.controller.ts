import { Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../accounts/access.guard.js';
import { type Caller, RequestCaller } from '../accounts/caller.js';
import { Answers, type CreatedAnswer, type JsonAnswer, type ResourceAnswer } from '../http/answer.js';
import {
  type Incoming,
  type IncomingList,
  type IncomingWithoutBody,
  ReadsBody,
  ReadsHeaders,
  ReadsList,
} from '../http/incoming.js';
import { CreateRoleBinding } from './dto/create-role-binding.js';
import { UpdateRoleBinding } from './dto/update-role-binding.js';
import { ROLE_BINDING_TYPE, ROLE_BINDINGS_TYPE } from './dto/role-binding-fields.js';
import { RoleBindingsService } from './role-bindings.service.js';

/** Role bindings (contract, sections 1 and 7). */
@ApiTags('Role bindings')
@Controller('accounts/:account_id/core/v1/roleBindings')
export class RoleBindingsController {
  constructor(private readonly roleBindings: RoleBindingsService) {}

  @Post()
  @Requires('admin')
  @Answers(ROLE_BINDING_TYPE)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateRoleBinding) incoming: Incoming<CreateRoleBinding>,
  ): Promise<CreatedAnswer> {
    return this.roleBindings.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(ROLE_BINDINGS_TYPE)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.roleBindings.list(accountId, caller, incoming);
  }

  @Get(':roleBinding_id')
  @Requires('viewer')
  @Answers(ROLE_BINDING_TYPE)
  get(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.roleBindings.get(accountId, id, incoming);
  }

  @Put(':roleBinding_id')
  @HttpCode(204)
  @Requires('admin')
  replace(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateRoleBinding) incoming: Incoming<UpdateRoleBinding>,
  ): Promise<void> {
    return this.roleBindings.replace(accountId, id, caller, incoming);
  }

  @Delete(':roleBinding_id')
  @HttpCode(204)
  @Requires('admin')
  delete(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.roleBindings.delete(accountId, id, caller, incoming);
  }
}
