import { Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Requires } from '../../access/access.guard.js';
import type { JsonAnswer } from '../../rest/answer.js';
import { Incoming, type IncomingRequest } from '../../rest/incoming.js';
import { Lists } from '../../rest/openapi/operations.js';
import { CONTAINER_DOCS, ReplacesInventory } from './inventory.docs.js';
import { InventoryService } from './inventory.service.js';

/** The inventory of one app's containers (docs/api.md, section 8). */
@ApiTags('Inventory')
@Controller('accounts/:account_id/k8s/v1/apps/:app_id/inventory')
export class InventoryController {
  constructor(private readonly inventory: InventoryService) {}

  @Put()
  @Requires('member')
  @ReplacesInventory()
  replace(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.inventory.replace(request);
  }

  @Get()
  @Requires('viewer')
  @Lists(CONTAINER_DOCS)
  list(@Incoming() request: IncomingRequest): Promise<JsonAnswer> {
    return this.inventory.list(request);
  }
}
