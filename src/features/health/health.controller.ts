import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService } from '@nestjs/terminus';
import { Public } from '../../access/access.guard.js';
import { ServiceNotReady } from '../../problems/catalogue.js';
import { Readiness } from './readiness.js';

const OK = '{"status":"ok"}';

/** Liveness and readiness, for probes: no token, no detail. */
@ApiExcludeController()
@Public()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: Readiness,
  ) {}

  /** The process lives and its event loop turns; nothing else, or a database that is away would get replicas killed. */
  @Get('healthz')
  @Header('content-type', 'application/json')
  healthz(): string {
    return OK;
  }

  /** The service can serve: see {@link Readiness}. @throws ServiceNotReady */
  @Get('readyz')
  @Header('content-type', 'application/json')
  async readyz(): Promise<string> {
    try {
      await this.health.check(this.readiness.checks());
    } catch (error) {
      throw new ServiceNotReady({ cause: error });
    }
    return OK;
  }
}
