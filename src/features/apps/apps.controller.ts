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
import { CreateApp } from './dto/create-app.js';
import { UpdateApp } from './dto/update-app.js';
import { AppsService } from './apps.service.js';
import { APP_DOCS } from './app.docs.js';

/** Apps (contract, sections 1 and 8). */
@ApiTags('Apps')
@Controller('accounts/:account_id/k8s/v2/apps')
export class AppsController {
  constructor(private readonly apps: AppsService) {}

  @Post()
  @Requires('member')
  @Creates(APP_DOCS)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateApp) incoming: Incoming<CreateApp>,
  ): Promise<CreatedAnswer> {
    return this.apps.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(APP_DOCS)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.apps.list(accountId, caller, incoming);
  }

  @Get(':app_id')
  @Requires('viewer')
  @Gets(APP_DOCS)
  get(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.apps.get(accountId, id, caller, incoming);
  }

  @Put(':app_id')
  @Requires('member')
  @Replaces(APP_DOCS)
  replace(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateApp) incoming: Incoming<UpdateApp>,
  ): Promise<void> {
    return this.apps.replace(accountId, id, caller, incoming);
  }

  @Delete(':app_id')
  @Requires('member')
  @Deletes(APP_DOCS)
  delete(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.apps.delete(accountId, id, caller, incoming);
  }
}
