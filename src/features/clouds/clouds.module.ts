import { Module } from '@nestjs/common';
import { CloudsController } from './clouds.controller.js';
import { TopologyService } from './topology.service.js';

/** The clouds, clusters and namespaces that existing clients ask for. */
@Module({ controllers: [CloudsController], providers: [TopologyService] })
export class CloudsModule {}
