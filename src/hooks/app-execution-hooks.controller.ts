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
import { CreateExecutionHook } from './dto/create-execution-hook.js';
import { EXECUTION_HOOK_TYPE, EXECUTION_HOOKS_TYPE } from './dto/hook-fields.js';
import { UpdateExecutionHook } from './dto/update-execution-hook.js';
import { ExecutionHooksService } from './execution-hooks.service.js';

/** Execution hooks of one app (contract, section 1). */
@ApiTags('Execution hooks of an app')
@Controller('accounts/:account_id/k8s/v1/apps/:app_id/executionHooks')
export class AppExecutionHooksController {
  constructor(private readonly hooks: ExecutionHooksService) {}

  @Post()
  @Requires('member')
  @Answers(EXECUTION_HOOK_TYPE)
  create(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateExecutionHook) incoming: Incoming<CreateExecutionHook>,
  ): Promise<CreatedAnswer> {
    return this.hooks.create({ accountId, appId }, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(EXECUTION_HOOKS_TYPE)
  list(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.hooks.list({ accountId, appId }, caller, incoming);
  }

  @Get(':executionHook_id')
  @Requires('viewer')
  @Answers(EXECUTION_HOOK_TYPE)
  get(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHook_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.hooks.get({ accountId, appId }, id, incoming);
  }

  @Put(':executionHook_id')
  @HttpCode(204)
  @Requires('member')
  replace(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHook_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateExecutionHook) incoming: Incoming<UpdateExecutionHook>,
  ): Promise<void> {
    return this.hooks.replace({ accountId, appId }, id, caller, incoming);
  }

  @Delete(':executionHook_id')
  @HttpCode(204)
  @Requires('member')
  delete(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHook_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.hooks.delete({ accountId, appId }, id, incoming);
  }
}
