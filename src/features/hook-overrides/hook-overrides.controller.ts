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
import { CreateExecutionHookOverride } from './dto/create-hook-override.js';
import { UpdateExecutionHookOverride } from './dto/update-hook-override.js';
import { HOOK_OVERRIDE_DOCS } from './hook-override.docs.js';
import { HookOverridesService } from './hook-overrides.service.js';

/** Overrides of netapp hooks for one app (contract, section 7). */
@ApiTags('Execution hook overrides of an app')
@Controller('accounts/:account_id/k8s/v1/apps/:app_id/executionHookOverrides')
export class HookOverridesController {
  constructor(private readonly overrides: HookOverridesService) {}

  @Post()
  @Requires('member')
  @Creates(HOOK_OVERRIDE_DOCS)
  create(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateExecutionHookOverride) incoming: Incoming<CreateExecutionHookOverride>,
  ): Promise<CreatedAnswer> {
    return this.overrides.create({ accountId, appId }, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(HOOK_OVERRIDE_DOCS)
  list(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.overrides.list({ accountId, appId }, caller, incoming);
  }

  @Get(':executionHookOverride_id')
  @Requires('viewer')
  @Gets(HOOK_OVERRIDE_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHookOverride_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.overrides.get({ accountId, appId }, id, caller, incoming);
  }

  @Put(':executionHookOverride_id')
  @Requires('member')
  @Replaces(HOOK_OVERRIDE_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHookOverride_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateExecutionHookOverride) incoming: Incoming<UpdateExecutionHookOverride>,
  ): Promise<void> {
    return this.overrides.replace({ accountId, appId }, id, caller, incoming);
  }

  @Delete(':executionHookOverride_id')
  @Requires('member')
  @Deletes(HOOK_OVERRIDE_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @Param('executionHookOverride_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.overrides.delete({ accountId, appId }, id, caller, incoming);
  }
}
