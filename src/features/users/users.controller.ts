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
import { CreateUser } from './dto/create-user.js';
import { UpdateUser } from './dto/update-user.js';
import { UsersService } from './users.service.js';
import { USER_DOCS } from './user.docs.js';

/** Users (contract, sections 1 and 7). */
@ApiTags('Users')
@Controller('accounts/:account_id/core/v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @Requires('admin')
  @Creates(USER_DOCS)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateUser) incoming: Incoming<CreateUser>,
  ): Promise<CreatedAnswer> {
    return this.users.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(USER_DOCS)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.users.list(accountId, caller, incoming);
  }

  @Get(':user_id')
  @Requires('viewer')
  @Gets(USER_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.users.get(accountId, id, incoming);
  }

  @Put(':user_id')
  @Requires('admin')
  @Replaces(USER_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateUser) incoming: Incoming<UpdateUser>,
  ): Promise<void> {
    return this.users.replace(accountId, id, caller, incoming);
  }

  @Delete(':user_id')
  @Requires('admin')
  @Deletes(USER_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.users.delete(accountId, id, caller, incoming);
  }
}
