import { Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
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
import { Requires } from '../../access/access.guard.js';
import { AccountsService } from './accounts.service.js';
import { type Caller, RequestCaller } from '../../access/caller.js';
import { CreateAccount } from './dto/create-account.js';
import { UpdateAccount } from './dto/update-account.js';
import { ACCOUNT_DOCS } from './account.docs.js';

/** Accounts (contract, sections 1 and 7). */
@ApiTags('Accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post()
  @Requires('owner')
  @Creates(ACCOUNT_DOCS)
  create(
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateAccount) incoming: Incoming<CreateAccount>,
  ): Promise<CreatedAnswer> {
    return this.accounts.create(caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(ACCOUNT_DOCS)
  list(@RequestCaller() caller: Caller, @ReadsList() incoming: IncomingList): Promise<JsonAnswer> {
    return this.accounts.list(caller, incoming);
  }

  @Get(':account_id')
  @Requires('viewer')
  @Gets(ACCOUNT_DOCS)
  get(@Param('account_id') id: string, @ReadsHeaders() incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    return this.accounts.get(id, incoming);
  }

  @Put(':account_id')
  @Requires('owner')
  @Replaces(ACCOUNT_DOCS)
  replace(
    @Param('account_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateAccount) incoming: Incoming<UpdateAccount>,
  ): Promise<void> {
    return this.accounts.replace(id, caller, incoming);
  }

  @Delete(':account_id')
  @Requires('owner')
  @Deletes(ACCOUNT_DOCS)
  delete(@Param('account_id') id: string, @ReadsHeaders() incoming: IncomingWithoutBody): Promise<void> {
    return this.accounts.delete(id, incoming);
  }
}
