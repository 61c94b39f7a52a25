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
import { CreateApp } from './dto/create-app.js';
import { APP_TYPE, APPS_TYPE } from './dto/app-fields.js';
import { UpdateApp } from './dto/update-app.js';
import { AppsService } from './apps.service.js';

/** Apps (contract, sections 1 and 8). */
@ApiTags('Apps')
@Controller('accounts/:account_id/k8s/v2/apps')
export class AppsController {
  constructor(private readonly apps: AppsService) {}

  @Post()
  @Requires('member')
  @Answers(APP_TYPE)
  create(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(CreateApp) incoming: Incoming<CreateApp>,
  ): Promise<CreatedAnswer> {
    return this.apps.create(accountId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Answers(APPS_TYPE)
  list(
    @Param('account_id') accountId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.apps.list(accountId, caller, incoming);
  }

  @Get(':app_id')
  @Requires('viewer')
  @Answers(APP_TYPE)
  get(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<ResourceAnswer> {
    return this.apps.get(accountId, id, incoming);
  }

  @Put(':app_id')
  @HttpCode(204)
  @Requires('member')
  replace(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @RequestCaller() caller: Caller,
    @ReadsBody(UpdateApp) incoming: Incoming<UpdateApp>,
  ): Promise<void> {
    return this.apps.replace(accountId, id, caller, incoming);
  }

  @Delete(':app_id')
  @HttpCode(204)
  @Requires('member')
  delete(
    @Param('account_id') accountId: string,
    @Param('app_id') id: string,
    @ReadsHeaders() incoming: IncomingWithoutBody,
  ): Promise<void> {
    return this.apps.delete(accountId, id, incoming);
  }
}
