import { Module } from '@nestjs/common';
import { AppsController } from './apps.controller.js';
import { AppsRepository } from './apps.repository.js';
import { AppsService } from './apps.service.js';
import { InventoryController } from './inventory.controller.js';
import { InventoryService } from './inventory.service.js';

/** Apps and the inventory of their containers. */
@Module({
  controllers: [AppsController, InventoryController],
  providers: [AppsService, AppsRepository, InventoryService],
  exports: [AppsService, InventoryService],
})
export class AppsModule {}
