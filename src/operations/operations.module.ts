import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Admission } from './admission.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';
import { Shutdown } from './shutdown.js';

/** What the platform that runs the service asks it, and how it is stopped, how much it takes on, and what it counts. */
@Global()
@Module({
  // Readiness says in the log what terminus would repeat at every probe.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController, MetricsController],
  providers: [Admission, Metrics, Readiness, Shutdown],
  exports: [Admission, Metrics, Shutdown],
})
export class OperationsModule {}
