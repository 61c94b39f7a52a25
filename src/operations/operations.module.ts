import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';

/** What the platform that runs the service asks it. */
@Module({ controllers: [HealthController] })
export class OperationsModule {}
