import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { ACCOUNT_DOCS } from './account.docs.js';
import { AccountRules } from './accounts.rules.js';

/** Accounts (docs/api.md, sections 1 and 7). */
@ApiTags('Accounts')
@Controller('accounts')
export class AccountsController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: AccountRules,
  ) {}

  @Post()
  @Requires('owner')
  @Creates(ACCOUNT_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(ACCOUNT_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':account_id')
  @Requires('viewer')
  @Gets(ACCOUNT_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':account_id')
  @Requires('owner')
  @Replaces(ACCOUNT_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':account_id')
  @Requires('owner')
  @Deletes(ACCOUNT_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
