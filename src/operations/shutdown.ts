import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Settings } from '../settings/settings.js';

/**
 * The order of a stop: readiness fails, the service goes on for `SHUTDOWN_DELAY_MS` while whatever routes requests
 * takes note, then the listener closes. Nest calls the hooks in this order, and closes the listener after the last.
 */
@Injectable()
export class Shutdown implements OnModuleDestroy, BeforeApplicationShutdown {
  private stopping = false;
  private closing = false;

  constructor(private readonly settings: Settings) {}

  /** The service has been asked to stop: it answers requests, and each answer ends its connection. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** No new connection is taken any more. */
  get isClosing(): boolean {
    return this.closing;
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await sleep(this.settings.shutdownDelayMs);
    this.closing = true;
  }
}
