import { Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import { type Caller, RequestCaller } from '../../access/caller.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import {
  type Incoming,
  type IncomingList,
  type IncomingWithoutBody,
  ReadsBody,
  ReadsHeaders,
  ReadsList,
} from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { CreateRoleBinding } from './dto/create-role-binding.js';
import { UpdateRoleBinding } from './dto/update-role-binding.js';
import { RoleBindingsService } from './role-bindings.service.js';
import { ROLE_BINDING_DOCS } from './role-binding.docs.js';

/** Role bindings (contract, sections 1 and 7). */
@ApiTags('Role bindings')
@Controller('accounts/:account_id/core/v1/roleBindings')
export class RoleBindingsController {
  constructor(private readonly roleBindings: RoleBindingsService) {}

  @Post()
  @Requires('admin')
  @Creates(ROLE_BINDING_DOCS)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateRoleBinding) incoming: Incoming<CreateRoleBinding>,
  ): Promise<CreatedAnswer> {
    return this.roleBindings.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(ROLE_BINDING_DOCS)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.roleBindings.list(accountId, caller, incoming);
  }

  @Get(':roleBinding_id')
  @Requires('viewer')
  @Gets(ROLE_BINDING_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.roleBindings.get(accountId, id, incoming);
  }

  @Put(':roleBinding_id')
  @Requires('admin')
  @Replaces(ROLE_BINDING_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateRoleBinding) incoming: Incoming<UpdateRoleBinding>,
  ): Promise<void> {
    return this.roleBindings.replace(accountId, id, caller, incoming);
  }

  @Delete(':roleBinding_id')
  @Requires('admin')
  @Deletes(ROLE_BINDING_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('roleBinding_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.roleBindings.delete(accountId, id, caller, incoming);
  }
}
