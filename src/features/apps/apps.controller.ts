import { Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Creates, Deletes, Gets, Lists, Replaces } from '../../rest/openapi/operations.js';
import { Protocol } from '../../rest/protocol.js';
import { APP_DOCS } from './app.docs.js';
import { AppRules } from './apps.rules.js';

/** Apps (docs/api.md, sections 1 and 8). */
@ApiTags('Apps')
@Controller('accounts/:account_id/k8s/v2/apps')
export class AppsController {
  constructor(
    private readonly protocol: Protocol,
    private readonly rules: AppRules,
  ) {}

  @Post()
  @Requires('member')
  @Creates(APP_DOCS)
  create(@Incoming() request: IncomingRequest): Promise<CreatedAnswer> {
    return this.protocol.create(this.rules, request);
  }

  @Get()
  @Requires('viewer')
  @Lists(APP_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.protocol.list(this.rules, request);
  }

  @Get(':app_id')
  @Requires('viewer')
  @Gets(APP_DOCS)
  get(@Incoming() request: IncomingRequest): Promise<ResourceAnswer> {
    return this.protocol.get(this.rules, request);
  }

  @Put(':app_id')
  @Requires('member')
  @Replaces(APP_DOCS)
  replace(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.replace(this.rules, request);
  }

  @Delete(':app_id')
  @Requires('member')
  @Deletes(APP_DOCS)
  delete(@Incoming() request: IncomingRequest): Promise<void> {
    return this.protocol.delete(this.rules, request);
  }
}
