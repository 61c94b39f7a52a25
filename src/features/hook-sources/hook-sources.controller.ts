import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { HOOK_SOURCE_DOCS } from './hook-source.docs.js';
import { HookSourceRules } from './hook-sources.rules.js';

/** Hook sources (docs/api.md, sections 1 and 10). */
@ApiTags('Hook sources')
@Controller('accounts/:account_id/core/v1/hookSources')
export class HookSourcesController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: HookSourceRules,
  ) {}

  @Post()
  @Requires('member')
  @Creates(HOOK_SOURCE_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(HOOK_SOURCE_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':hookSource_id')
  @Requires('viewer')
  @Gets(HOOK_SOURCE_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':hookSource_id')
  @Requires('member')
  @Replaces(HOOK_SOURCE_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':hookSource_id')
  @Requires('member')
  @Deletes(HOOK_SOURCE_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
