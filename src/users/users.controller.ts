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
import { CreateUser } from './dto/create-user.js';
import { UpdateUser } from './dto/update-user.js';
import { USER_TYPE, USERS_TYPE } from './dto/user-fields.js';
import { UsersService } from './users.service.js';

/** Users (contract, sections 1 and 7). */
@ApiTags('Users')
@Controller('accounts/:account_id/core/v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @Requires('admin')
  @Answers(USER_TYPE)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateUser) incoming: Incoming<CreateUser>,
  ): Promise<CreatedAnswer> {
    return this.users.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(USERS_TYPE)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.users.list(accountId, caller, incoming);
  }

  @Get(':user_id')
  @Requires('viewer')
  @Answers(USER_TYPE)
  get(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.users.get(accountId, id, incoming);
  }

  @Put(':user_id')
  @HttpCode(204)
  @Requires('admin')
  replace(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateUser) incoming: Incoming<UpdateUser>,
  ): Promise<void> {
    return this.users.replace(accountId, id, caller, incoming);
  }

  @Delete(':user_id')
  @HttpCode(204)
  @Requires('admin')
  delete(
    @Param('account_id') accountId: string,
    @Param('user_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.users.delete(accountId, id, caller, incoming);
  }
}
