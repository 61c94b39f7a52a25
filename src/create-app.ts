import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';
import type { Database } from './database/database.js';
import { correlationIdOf } from './http/correlation-id.js';
import { NestLogger } from './operations/nest-logger.js';
import type { Settings } from './settings/settings.js';
import { OLDEST_TLS } from './tls/certificate-reload.js';

/** Longest path parameter that is matched at all; every identifier has 36 characters. */
const MAX_PARAM_LENGTH = 500;

/**
 * The Nest application of the service, configured and not yet listening.
 *
 * @param database open and migrated; the application closes it when it is closed
 */
export async function createApp(
  settings: Settings,
  database: Database,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    // One line a request is written when it is done, with what is known by then (configure-app.ts).
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'correlationID' }),
    genReqId: correlationIdOf,
    bodyLimit: settings.bodyLimitBytes,
    trustProxy: settings.trustProxy === false ? false : [...settings.trustProxy],
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    ...(settings.tls === undefined ? {} : { https: { cert: settings.tls.cert, key: settings.tls.key, minVersion: OLDEST_TLS } }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings, database), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  configureApp(app);
  return app;
}
