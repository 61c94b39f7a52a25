import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Requires } from '../../access/access.guard.js';
import { notFound } from '../../problems/not-found.js';
import { Settings } from '../../settings/settings.js';
import { Metrics } from '../../operations/metrics.js';

/**
 * The metrics on the port of the API, for whoever has a token: that port is what an ingress publishes, and how busy the
 * service is concerns nobody outside. With `METRICS_PORT` they are there alone.
 */
@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  /** @throws CollectionNotFound when they have a port of their own */
  @Get()
  @Requires('viewer')
  async read(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    if (this.settings.metricsPort !== undefined) throw notFound(request.method);
    void reply.header('content-type', this.metrics.contentType);
    return this.metrics.text();
  }
}
