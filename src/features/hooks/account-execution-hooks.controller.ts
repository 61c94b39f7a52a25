import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { EXECUTION_HOOK_DOCS } from './execution-hook.docs.js';
import { ExecutionHookRules } from './execution-hooks.rules.js';

/** Execution hooks of the whole account (docs/api.md, section 1). */
@ApiTags('Execution hooks')
@Controller('accounts/:account_id/core/v1/executionHooks')
export class AccountExecutionHooksController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: ExecutionHookRules,
  ) {}

  @Post()
  @Requires('member')
  @Creates(EXECUTION_HOOK_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(EXECUTION_HOOK_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':executionHook_id')
  @Requires('viewer')
  @Gets(EXECUTION_HOOK_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':executionHook_id')
  @Requires('member')
  @Replaces(EXECUTION_HOOK_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':executionHook_id')
  @Requires('member')
  @Deletes(EXECUTION_HOOK_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
