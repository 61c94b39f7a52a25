import { Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, type CreatedAnswer, type JsonAnswer, type ResourceAnswer } from '../http/answer.js';
import {
  type Incoming,
  type IncomingList,
  type IncomingWithoutBody,
  ReadsBody,
  ReadsHeaders,
  ReadsList,
} from '../http/incoming.js';
import { Requires } from './access.guard.js';
import { AccountsService } from './accounts.service.js';
import { type Caller, RequestCaller } from './caller.js';
import { ACCOUNT_TYPE, ACCOUNTS_TYPE } from './dto/account-fields.js';
import { CreateAccount } from './dto/create-account.js';
import { UpdateAccount } from './dto/update-account.js';

/** Accounts (contract, sections 1 and 7). */
@ApiTags('Accounts')
@Controller('accounts')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post()
  @Requires('owner')
  @Answers(ACCOUNT_TYPE)
  create(
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateAccount) incoming: Incoming<CreateAccount>,
  ): Promise<CreatedAnswer> {
    return this.accounts.create(caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(ACCOUNTS_TYPE)
  list(@RequestCaller() caller: Caller, @ReadsList() incoming: IncomingList): Promise<JsonAnswer> {
    return this.accounts.list(caller, incoming);
  }

  @Get(':account_id')
  @Requires('viewer')
  @Answers(ACCOUNT_TYPE)
  get(@Param('account_id') id: string, @ReadsHeaders() incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    return this.accounts.get(id, incoming);
  }

  @Put(':account_id')
  @HttpCode(204)
  @Requires('owner')
  replace(
    @Param('account_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateAccount) incoming: Incoming<UpdateAccount>,
  ): Promise<void> {
    return this.accounts.replace(id, caller, incoming);
  }

  @Delete(':account_id')
  @HttpCode(204)
  @Requires('owner')
  delete(@Param('account_id') id: string, @ReadsHeaders() incoming: IncomingWithoutBody): Promise<void> {
    return this.accounts.delete(id, incoming);
  }
}
