import { Global, Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { ExpiredKeys } from './idempotency/expired-keys.service.js';
import { IdempotencyKeysRepository } from './idempotency/idempotency-keys.repository.js';
import { IdempotentWrites } from './idempotency/idempotent-writes.service.js';
import { Lists } from './lists.js';
import { Protocol } from './protocol.js';
import { PublicUrl } from './public-url.js';
import { RouteTable } from './route-table.js';
import { UnmatchedController } from './unmatched.controller.js';

/** What every feature's requests are answered with. */
@Global()
@Module({
  imports: [AccessModule],
  controllers: [UnmatchedController],
  providers: [Protocol, Lists, PublicUrl, RouteTable, IdempotentWrites, IdempotencyKeysRepository, ExpiredKeys],
  exports: [Protocol, Lists, PublicUrl, RouteTable],
})
export class RestModule {}
