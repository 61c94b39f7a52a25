import 'reflect-metadata';
import { maxHeaderSize } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { configureApp } from './configure-app.js';
import type { Database } from '../database/database.js';
import { correlationIdOf } from '../rest/correlation-id.js';
import { routableUrl } from '../rest/routable-url.js';
import { NestLogger } from '../operations/nest-logger.js';
import { answerClientError } from '../rest/client-error.js';
import type { Settings } from '../settings/settings.js';
import { OLDEST_TLS } from '../operations/certificate-reload.js';

/** A request without Host is refused as every other one is (configure-app.ts), where Node would not say why. */
const LISTENER = { requireHostHeader: false };

/**
 * The longest that a request may take to arrive, and that nothing may happen on a connection, in milliseconds: a client
 * that sends a byte now and then would hold a connection for ever. An inventory has an hour.
 */
const REQUEST_TIMEOUT_MS = 3_600_000;
const IDLE_TIMEOUT_MS = 120_000;

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
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_TIMEOUT_MS,
    // A request that comes on an open connection while the listener closes is served: its client cannot know.
    return503OnClosing: false,
    trustProxy: settings.trustProxy === false ? false : [...settings.trustProxy],
    // No path is longer than that, so that each one is found to have a route, or none, whatever the length of its parts.
    routerOptions: { maxParamLength: maxHeaderSize },
    rewriteUrl: ({ url = '/' }) => routableUrl(url, `${settings.basePath}/accounts`),
    clientErrorHandler: (error, socket) => {
      answerClientError(error, socket, logger);
    },
    ...(settings.tls === undefined
      ? { http: LISTENER }
      : { https: { ...LISTENER, cert: settings.tls.cert, key: settings.tls.key, minVersion: OLDEST_TLS } }),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings, database), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  configureApp(app);
  return app;
}
