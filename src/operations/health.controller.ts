import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../accounts/access.guard.js';
import { Database } from '../database/database.js';
import { ServiceNotReady } from '../problems/catalogue.js';

const ALIVE = '{"status":"ok"}';

/** Liveness and readiness, for probes: no token, no detail. */
@ApiExcludeController()
@Public()
@Controller()
export class HealthController {
  constructor(private readonly database: Database) {}

  /** The process lives and its event loop turns. */
  @Get('healthz')
  @Header('content-type', 'application/json')
  healthz(): string {
    return ALIVE;
  }

  /** The database answers. @throws ServiceNotReady */
  @Get('readyz')
  @Header('content-type', 'application/json')
  async readyz(): Promise<string> {
    try {
      await this.database.query({ name: 'ready', text: 'SELECT FROM hook_name_scope' });
    } catch (error) {
      throw new ServiceNotReady({ cause: error });
    }
    return ALIVE;
  }
}
