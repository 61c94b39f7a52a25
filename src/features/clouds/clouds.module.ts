import { Module } from '@nestjs/common';
import { CloudsController } from './clouds.controller.js';

/** The clouds list that existing clients ask for. */
@Module({ controllers: [CloudsController] })
export class CloudsModule {}
