import { Injectable, Logger } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorFunction } from '@nestjs/terminus';
import { Database } from '../../database/database.js';
import { errorMessage } from '../../database/error-code.js';
import { Shutdown } from '../../operations/shutdown.js';

/** The longest that a probe waits for the database, in milliseconds. */
const DEADLINE_MS = 2_000;

/** However many ask, the database is asked this seldom, in milliseconds: probes need no token. */
const ASK_AGAIN_MS = 250;

/** What has to hold for a replica to get requests; the log says why it does not, and when it does again. */
@Injectable()
export class Readiness {
  private readonly logger = new Logger(Readiness.name);
  private isDatabaseUp = true;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly database: Database,
    private readonly shutdown: Shutdown,
  ) {}

  /** For terminus: not shutting down, and a database with the schema of this build within the deadline. */
  checks(): HealthIndicatorFunction[] {
    return [
      () => {
        const service = this.indicators.check('service');
        return this.shutdown.isStopping ? service.down() : service.up();
      },
      () =>
        this.indicators
          .check('database')
          .attempt(() => this.askDatabase())
          .withTimeout(DEADLINE_MS)
          .cacheFor(ASK_AGAIN_MS),
    ];
  }

  private async askDatabase(): Promise<void> {
    try {
      await this.database.probe.requireReady();
    } catch (error) {
      if (this.isDatabaseUp) this.logger.warn(`The database is not ready: ${errorMessage(error)}`);
      this.isDatabaseUp = false;
      throw error;
    }
    if (!this.isDatabaseUp) this.logger.warn('The database is ready again.');
    this.isDatabaseUp = true;
  }
}
