import { Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import { type Caller, RequestCaller } from '../../access/caller.js';
import type { JsonAnswer } from '../../rest/answer.js';
import { type IncomingList, type IncomingStream, ReadsList, ReadsStream } from '../../rest/incoming.js';
import { Lists } from '../../rest/openapi/operations.js';
import { CONTAINER_DOCS, ReplacesInventory } from './inventory.docs.js';
import { InventoryService } from './inventory.service.js';

/** The inventory of one app's containers (contract, section 8). */
@ApiTags('Inventory')
@Controller('accounts/:account_id/k8s/v1/apps/:app_id/inventory')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Put()
  @Requires('member')
  @ReplacesInventory()
  replace(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsStream() incoming: IncomingStream,
  ): Promise<JsonAnswer> {
    return this.inventory.replace(accountId, appId, caller, incoming);
  }

  @Get()
  @Requires('viewer')
  @Lists(CONTAINER_DOCS)
  list(
    @Param('account_id') accountId: string,
    @Param('app_id') appId: string,
    @RequestCaller() caller: Caller,
    @ReadsList() incoming: IncomingList,
  ): Promise<JsonAnswer> {
    return this.inventory.list(accountId, appId, caller, incoming);
  }
}
