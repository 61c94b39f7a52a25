import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Database, Statement } from '../database/database.js';

const SERVICE = 'execution-hooks';

/** A collector that does not answer holds up a stop no longer, in milliseconds. */
const LAST_EXPORT_MS = 5_000;

/**
 * Spans of requests and of the SQL statements below them, sent by OTLP over HTTP. Sampling, batches, headers and resource
 * are what the standard variables of OpenTelemetry say, which its SDK reads by itself. No span holds a header, a query
 * string, a body, or a value that is bound to a statement.
 */
export class OtlpTracing {
  private readonly contexts = new AsyncLocalStorageContextManager().enable();
  private readonly propagator = new W3CTraceContextPropagator();
  private readonly provider: BasicTracerProvider;
  private readonly tracer: Tracer;

  constructor(url: string, logger: Logger) {
    this.provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ 'service.name': SERVICE }))
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(exporterTo(url, logger))],
    });
    this.tracer = this.provider.getTracer(SERVICE);
  }

  /** See `Tracing`. */
  watch(server: FastifyInstance, database: Database): void {
    server.addHook('onRequest', (request, reply, done) => {
      this.contexts.with(this.beginRequest(request, reply), done);
    });
    database.traceWith((statement, run) => this.traceStatement(statement, run));
  }

  /** See `Tracing`. */
  async stop(): Promise<void> {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    await Promise.race([
      this.provider.shutdown().catch(() => undefined),
      sleep(LAST_EXPORT_MS, undefined, { signal, ref: false }).catch(() => undefined),
    ]);
    giveUp.abort();
    this.contexts.disable();
  }

  private beginRequest(request: FastifyRequest, reply: FastifyReply): Context {
    const parent = this.propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter);
    const { url = '*' } = request.routeOptions;
    const route = url.includes('*') ? undefined : url;
    const span = this.tracer.startSpan(
      route === undefined ? request.method : `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          'url.scheme': request.protocol,
          'url.path': request.url.split('?', 1)[0],
          'http.route': route,
          'execution_hooks.correlation_id': request.id,
        },
      },
      parent,
    );
    // With a parent, the line of the log has its trace id already.
    if (trace.getSpanContext(parent) === undefined) {
      const { traceId } = span.spanContext();
      request.log = reply.log = request.log.child({ traceID: traceId });
    }
    reply.raw.once('close', () => {
      endRequest(span, reply);
    });
    return trace.setSpan(parent, span);
  }

  private async traceStatement<T>({ name, text }: Statement, run: () => Promise<T>): Promise<T> {
    const context = this.contexts.active();
    const span = this.tracer.startSpan(
      name ?? operationOf(text),
      { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operationOf(text) } },
      context,
    );
    try {
      return await this.contexts.with(trace.setSpan(context, span), run);
    } catch (error) {
      // Not its message, which may repeat a value.
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Says in the log when spans begin to be lost, and when they no longer are. */
function exporterTo(url: string, logger: Logger): SpanExporter {
  const exporter = new OTLPTraceExporter({ url });
  let isLosing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const isLost = result.code !== ExportResultCode.SUCCESS;
        if (isLost && !isLosing) logger.warn({ err: result.error }, 'Traces cannot be sent.');
        if (!isLost && isLosing) logger.warn('Traces are sent again.');
        isLosing = isLost;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  };
}

function endRequest(span: Span, reply: FastifyReply): void {
  span.setAttribute('http.response.status_code', reply.statusCode);
  if (!reply.raw.writableFinished) span.setAttribute('error.type', 'aborted');
  if (reply.statusCode >= 500 || !reply.raw.writableFinished) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The first word of a statement, which says what it does. */
function operationOf(text: string): string {
  return /[A-Za-z]+/.exec(text.replace(/^\s*\/\*.*?\*\//, ''))?.[0].toUpperCase() ?? 'SQL';
}
