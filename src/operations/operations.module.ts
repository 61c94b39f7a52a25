import { Global, Module } from '@nestjs/common';
import { Admission } from './admission.js';
import { Metrics } from './metrics.js';
import { Shutdown } from './shutdown.js';

/** How much the service takes on, what it counts, and how it is stopped. */
@Global()
@Module({ providers: [Admission, Metrics, Shutdown], exports: [Admission, Metrics, Shutdown] })
export class OperationsModule {}
