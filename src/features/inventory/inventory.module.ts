import { Module } from '@nestjs/common';
import { AppsModule } from '../apps/apps.module.js';
import { InventoryController } from './inventory.controller.js';
import { InventoryService } from './inventory.service.js';

/** The containers of each app, as its cluster last reported them. */
@Module({
  imports: [AppsModule],
  controllers: [InventoryController],
  providers: [InventoryService],
  exports: [InventoryService],
})
export class InventoryModule {}
