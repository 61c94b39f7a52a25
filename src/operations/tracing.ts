import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Database } from '../database/database.js';

/** Traces what the service does, and sends the traces away. */
export interface Tracing {
  /** Has each request and each statement from now on be a span; to be called before the application starts. */
  watch(server: FastifyInstance, database: Database): void;
  /** Sends what there is, within a few seconds. */
  stop(): Promise<void>;
}

/**
 * Starts to trace where the settings name a collector. OpenTelemetry is loaded only then: without it a request costs one
 * look for a `traceparent` header.
 *
 * @param url of the collector, `/v1/traces` included
 */
export async function startTracing(url: string | undefined, logger: Logger): Promise<Tracing | undefined> {
  if (url === undefined) return undefined;
  const { OtlpTracing } = await import('./otlp-tracing.js');
  return new OtlpTracing(url, logger);
}
