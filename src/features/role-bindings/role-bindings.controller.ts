import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { ROLE_BINDING_DOCS } from './role-binding.docs.js';
import { RoleBindingRules } from './role-bindings.rules.js';

/** Role bindings (docs/api.md, sections 1 and 7). */
@ApiTags('Role bindings')
@Controller('accounts/:account_id/core/v1/roleBindings')
export class RoleBindingsController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: RoleBindingRules,
  ) {}

  @Post()
  @Requires('admin')
  @Creates(ROLE_BINDING_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(ROLE_BINDING_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':roleBinding_id')
  @Requires('viewer')
  @Gets(ROLE_BINDING_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':roleBinding_id')
  @Requires('admin')
  @Replaces(ROLE_BINDING_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':roleBinding_id')
  @Requires('admin')
  @Deletes(ROLE_BINDING_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
