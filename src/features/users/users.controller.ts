import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { USER_DOCS } from './user.docs.js';
import { UserRules } from './users.rules.js';

/** Users (docs/api.md, sections 1 and 7). */
@ApiTags('Users')
@Controller('accounts/:account_id/core/v1/users')
export class UsersController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: UserRules,
  ) {}

  @Post()
  @Requires('admin')
  @Creates(USER_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(USER_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':user_id')
  @Requires('viewer')
  @Gets(USER_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':user_id')
  @Requires('admin')
  @Replaces(USER_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':user_id')
  @Requires('admin')
  @Deletes(USER_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
