import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { errorMessage } from '../../database/error-code.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

/** How often expired keys are looked for, in milliseconds. */
const INTERVAL_MS = 10 * 60_000;

/** Removes idempotency keys that have expired, in small batches. Each replica does; none waits for another. */
@Injectable()
export class ExpiredKeys implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ExpiredKeys.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopping = false;

  constructor(private readonly repository: IdempotencyKeysRepository) {}

  onApplicationBootstrap(): void {
    this.removeEvery(INTERVAL_MS);
  }

  /** Removes what has expired now, and again each `intervalMs` milliseconds after that was done. */
  removeEvery(intervalMs: number): void {
    this.running = this.remove().then(() => {
      if (!this.isStopping)
        this.timer = setTimeout(() => {
          this.removeEvery(intervalMs);
        }, intervalMs).unref();
    });
  }

  /** Ends after the batch that is under way. */
  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async remove(): Promise<void> {
    try {
      while (!this.isStopping && (await this.repository.removeExpired())) continue;
    } catch (error) {
      // Nobody waits for it, and the next time is soon enough.
      this.logger.warn(`Expired idempotency keys were not removed: ${errorMessage(error)}`);
    }
  }
}
