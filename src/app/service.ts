import type { Server } from 'node:https';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { createApp as createAppFunction } from './create-app.js';
import type { ConnectionSettings } from '../database/connection-settings.js';
import type { Database } from '../database/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres.js';
import type { migrate as migrateFunction } from '../database/migrate.js';
import type { openDatabase as openDatabaseFunction } from '../database/open-database.js';
import { waitForDatabase } from '../database/wait-for-database.js';
import { MetricsListener } from '../features/health/metrics-listener.js';
import { startTracing } from '../operations/tracing.js';
import type { Settings } from '../settings/settings.js';
import { CertificateReload } from '../operations/certificate-reload.js';

/** A service that serves. */
export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:8080`; with the base path. */
  readonly url: string;
  /** Where the metrics are, if they have a port of their own. */
  readonly metricsUrl: string | undefined;
  readonly app: NestFastifyApplication;
  readonly database: Database;
  /**
   * Is no longer ready, goes on serving for a while, then takes no new requests, finishes those in flight within the
   * deadline, and ends with the database.
   */
  stop(): Promise<void>;
}

/** A database that is migrated and open, and its server where that is embedded. */
export interface OpenDatabase {
  readonly database: Database;
  /** Stops the embedded server, where there is one, after `database` has been closed. */
  readonly stopServer: () => Promise<void>;
}

/**
 * Only a long list waits for its client in a transaction: one that idles this long (milliseconds) has a client that reads
 * next to nothing, or none.
 */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Starts (embedded) or waits for (`DATABASE_URL`) the database, migrates it and connects to it.
 *
 * @param onLost hears, once, that the embedded server ended by itself
 * @param signal ends the wait for the database; what had been started is stopped again
 */
export async function startDatabase(
  settings: Settings,
  logger: Logger,
  onLost: (error: Error) => void,
  signal?: AbortSignal,
): Promise<OpenDatabase> {
  const notice = (message: string): void => {
    logger.info(message);
  };
  const loading = whileWaiting(loadDatabase());
  let embedded: EmbeddedPostgres | undefined;
  if (settings.databaseUrl === undefined) {
    embedded = await startEmbeddedPostgres({
      dataDirectory: settings.dataDir,
      notice,
      log: (line) => {
        logger.debug(line);
      },
      onUnexpectedExit: onLost,
    });
    logger.info(
      { dataDir: settings.dataDir },
      'Using the embedded PostgreSQL: for one machine and one process. Set DATABASE_URL for anything else.',
    );
  }
  try {
    const url = settings.databaseUrl ?? embedded?.url ?? '';
    const connectionTimeoutMs = settings.databasePoolWaitMs;
    await waitForDatabase({
      url,
      connectionTimeoutMs,
      deadlineMs: settings.databaseStartTimeoutMs,
      notice,
      ...(signal === undefined ? {} : { signal }),
    });
    const { migrate, openDatabase } = await loading;
    await migrate({ url, connectionTimeoutMs, notice });
    const database = await openDatabase(connectionSettings(settings, url), (error) => {
      logger.warn({ err: error }, 'A database connection broke.');
    });
    return { database, stopServer: async () => embedded?.stop() };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

interface DatabaseModules {
  readonly migrate: typeof migrateFunction;
  readonly openDatabase: typeof openDatabaseFunction;
}

let databaseModules: Promise<DatabaseModules> | undefined;

/** What it takes to use a database; one module after the other, as Jest cannot load two that share a third at once. */
function loadDatabase(): Promise<DatabaseModules> {
  return (databaseModules ??= (async () => {
    const { migrate } = await import('../database/migrate.js');
    const { openDatabase } = await import('../database/open-database.js');
    return { migrate, openDatabase };
  })());
}

async function loadApp(): Promise<typeof createAppFunction> {
  await loadDatabase();
  return (await import('./create-app.js')).createApp;
}

/**
 * Modules that are loaded while something else is waited for: loading is most of a start, and an embedded server makes
 * its cluster, recovers and comes up in the meantime (ADR 0026). Should that fail, nobody asks for them any more.
 */
function whileWaiting<T>(loading: Promise<T>): Promise<T> {
  loading.catch(() => undefined);
  return loading;
}

function connectionSettings(settings: Settings, url: string): ConnectionSettings {
  return {
    url,
    poolSize: settings.databasePoolSize,
    statementTimeoutMs: settings.databaseStatementTimeoutMs,
    lockTimeoutMs: settings.databaseLockTimeoutMs,
    idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    connectionTimeoutMs: settings.databasePoolWaitMs,
    preparedStatements: settings.databasePreparedStatements,
    applicationName: 'execution-hooks',
  };
}

/**
 * Starts the whole service: database, application, listener.
 *
 * @param onLost hears, once, that the embedded database ended by itself; the service cannot go on
 * @param signal ends a start that is not yet complete; what had been started is stopped again
 */
export async function startService(
  settings: Settings,
  logger: Logger,
  onLost: (error: Error) => void,
  signal: AbortSignal,
): Promise<Service> {
  const tracing = await startTracing(settings.otlpTracesUrl, logger);
  const loading = whileWaiting(loadApp());
  const { database, stopServer } = await startDatabase(settings, logger, onLost, signal);
  let app: NestFastifyApplication | undefined;
  let metrics: MetricsListener | undefined;
  let certificate: CertificateReload | undefined;
  try {
    const createApp = await loading;
    signal.throwIfAborted();
    app = await createApp(settings, database, logger);
    tracing?.watch(app.getHttpAdapter().getInstance(), database);
    const { Metrics } = await import('../operations/metrics.js');
    const counted = app.get(Metrics);
    if (settings.metricsPort !== undefined) {
      metrics = await MetricsListener.start(counted, settings.host, settings.metricsPort);
    }
    await app.listen({ host: settings.host, port: settings.port });
    if (settings.tls !== undefined) {
      const reload = new CertificateReload(app.getHttpServer() as unknown as Server, settings.tls, logger);
      counted.servesCertificate(() => reload.endsAt);
      certificate = reload;
    }
  } catch (error) {
    metrics?.stop();
    await tracing?.stop();
    await (app === undefined ? database.onApplicationShutdown() : app.close());
    await stopServer();
    throw error;
  }
  const running = app;
  const listener = metrics;
  const url = (await running.getUrl()).replace('[::]', '127.0.0.1') + settings.basePath;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const deadline = setTimeout(() => {
      logger.warn('Requests were still in flight at the deadline; their connections are cut.');
      running.getHttpServer().closeAllConnections();
      // Nobody waits for their statements any more, which could go on for as long as one statement may.
      database.abandon();
    }, settings.shutdownDelayMs + settings.shutdownTimeoutMs);
    certificate?.stop();
    try {
      await running.close();
    } finally {
      clearTimeout(deadline);
      listener?.stop();
      await tracing?.stop();
      await stopServer();
    }
  };
  return { url, metricsUrl: listener?.url, app: running, database, stop: () => (stopping ??= stop()) };
}
