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
import { CreateHookSource } from './dto/create-hook-source.js';
import { HOOK_SOURCE_TYPE, HOOK_SOURCES_TYPE } from './dto/hook-source-fields.js';
import { UpdateHookSource } from './dto/update-hook-source.js';
import { HookSourcesService } from './hook-sources.service.js';

/** Hook sources (contract, sections 1 and 10). */
@ApiTags('Hook sources')
@Controller('accounts/:account_id/core/v1/hookSources')
export class HookSourcesController {
  constructor(private readonly hookSources: HookSourcesService) {}

  @Post()
  @Requires('member')
  @Answers(HOOK_SOURCE_TYPE)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateHookSource) incoming: Incoming<CreateHookSource>,
  ): Promise<CreatedAnswer> {
    return this.hookSources.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(HOOK_SOURCES_TYPE)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.hookSources.list(accountId, caller, incoming);
  }

  @Get(':hookSource_id')
  @Requires('viewer')
  @Answers(HOOK_SOURCE_TYPE)
  get(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.hookSources.get(accountId, id, incoming);
  }

  @Put(':hookSource_id')
  @HttpCode(204)
  @Requires('member')
  replace(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateHookSource) incoming: Incoming<UpdateHookSource>,
  ): Promise<void> {
    return this.hookSources.replace(accountId, id, caller, incoming);
  }

  @Delete(':hookSource_id')
  @HttpCode(204)
  @Requires('member')
  delete(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.hookSources.delete(accountId, id, incoming);
  }
}
