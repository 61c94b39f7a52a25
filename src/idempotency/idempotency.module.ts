import { Global, Module } from '@nestjs/common';
import { ExpiredKeys } from './expired-keys.service.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { IdempotentWrites } from './idempotent-writes.service.js';

/** Writes that can be repeated, for every feature that creates resources. */
@Global()
@Module({
  providers: [IdempotentWrites, IdempotencyKeysRepository, ExpiredKeys],
  exports: [IdempotentWrites],
})
export class IdempotencyModule {}
