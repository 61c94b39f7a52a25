import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { HOOK_OVERRIDE_DOCS } from './hook-override.docs.js';
import { HookOverrideRules } from './hook-overrides.rules.js';

/** Overrides of an app (docs/api.md, section 7). */
@ApiTags('Execution hook overrides of an app')
@Controller('accounts/:account_id/k8s/v1/apps/:app_id/executionHookOverrides')
export class HookOverridesController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: HookOverrideRules,
  ) {}

  @Post()
  @Requires('member')
  @Creates(HOOK_OVERRIDE_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(HOOK_OVERRIDE_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':executionHookOverride_id')
  @Requires('viewer')
  @Gets(HOOK_OVERRIDE_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':executionHookOverride_id')
  @Requires('member')
  @Replaces(HOOK_OVERRIDE_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':executionHookOverride_id')
  @Requires('member')
  @Deletes(HOOK_OVERRIDE_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
