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
import { CreateHookSource } from './dto/create-hook-source.js';
import { UpdateHookSource } from './dto/update-hook-source.js';
import { HookSourcesService } from './hook-sources.service.js';
import { HOOK_SOURCE_DOCS } from './hook-source.docs.js';

/** Hook sources (contract, sections 1 and 10). */
@ApiTags('Hook sources')
@Controller('accounts/:account_id/core/v1/hookSources')
export class HookSourcesController {
  constructor(private readonly hookSources: HookSourcesService) {}

  @Post()
  @Requires('member')
  @Creates(HOOK_SOURCE_DOCS)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateHookSource) incoming: Incoming<CreateHookSource>,
  ): Promise<CreatedAnswer> {
    return this.hookSources.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(HOOK_SOURCE_DOCS)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.hookSources.list(accountId, caller, incoming);
  }

  @Get(':hookSource_id')
  @Requires('viewer')
  @Gets(HOOK_SOURCE_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.hookSources.get(accountId, id, incoming);
  }

  @Put(':hookSource_id')
  @Requires('member')
  @Replaces(HOOK_SOURCE_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateHookSource) incoming: Incoming<UpdateHookSource>,
  ): Promise<void> {
    return this.hookSources.replace(accountId, id, caller, incoming);
  }

  @Delete(':hookSource_id')
  @Requires('member')
  @Deletes(HOOK_SOURCE_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('hookSource_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.hookSources.delete(accountId, id, incoming);
  }
}
