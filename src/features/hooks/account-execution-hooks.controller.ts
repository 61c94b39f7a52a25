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
import { CreateExecutionHook } from './dto/create-execution-hook.js';
import { UpdateExecutionHook } from './dto/update-execution-hook.js';
import { ExecutionHooksService } from './execution-hooks.service.js';
import { EXECUTION_HOOK_DOCS } from './execution-hook.docs.js';

/** Execution hooks of a whole account (contract, section 1). */
@ApiTags('Execution hooks')
@Controller('accounts/:account_id/core/v1/executionHooks')
export class AccountExecutionHooksController {
  constructor(private readonly hooks: ExecutionHooksService) {}

  @Post()
  @Requires('member')
  @Creates(EXECUTION_HOOK_DOCS)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateExecutionHook) incoming: Incoming<CreateExecutionHook>,
  ): Promise<CreatedAnswer> {
    return this.hooks.create({ accountId }, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(EXECUTION_HOOK_DOCS)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.hooks.list({ accountId }, caller, incoming);
  }

  @Get(':executionHook_id')
  @Requires('viewer')
  @Gets(EXECUTION_HOOK_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('executionHook_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.hooks.get({ accountId }, id, caller, incoming);
  }

  @Put(':executionHook_id')
  @Requires('member')
  @Replaces(EXECUTION_HOOK_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('executionHook_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateExecutionHook) incoming: Incoming<UpdateExecutionHook>,
  ): Promise<void> {
    return this.hooks.replace({ accountId }, id, caller, incoming);
  }

  @Delete(':executionHook_id')
  @Requires('member')
  @Deletes(EXECUTION_HOOK_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('executionHook_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.hooks.delete({ accountId }, id, caller, incoming);
  }
}
