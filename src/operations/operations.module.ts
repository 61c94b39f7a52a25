import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Admission } from './admission.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';
import { Shutdown } from './shutdown.js';

/** What the platform that runs the service asks it, and how it is stopped, and how much it takes on. */
@Global()
@Module({
  // Readiness says in the log what terminus would repeat at every probe.
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Admission, Readiness, Shutdown],
  exports: [Admission, Shutdown],
})
export class OperationsModule {}
