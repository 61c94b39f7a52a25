import { type IncomingMessage, METHODS } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { auditWrites } from '../access/audit-log.js';
import { callerOf } from '../access/caller.js';
import { withholdContentType } from '../rest/content-type.js';
import { CORRELATION_HEADER } from '../rest/correlation-id.js';
import { answerConnect } from '../rest/client-error.js';
import { allowOrigins } from '../rest/cross-origin.js';
import { waitForBodies } from '../rest/early-answer.js';
import { RouteTable } from '../rest/route-table.js';
import { sendSecurityHeaders } from '../rest/security-headers.js';
import { serveDocument } from '../rest/openapi/document.js';
import { Metrics } from '../operations/metrics.js';
import { Shutdown } from '../operations/shutdown.js';
import { traceIdOf } from '../operations/traceparent.js';
import { InvalidHeaders } from '../problems/catalogue.js';
import { Settings } from '../settings/settings.js';

/** Routes of the platform that runs the service; they keep their place whatever the base path. */
const OPERATIONS = ['healthz', 'readyz', 'metrics'];

/** What the service, the tests and the OpenAPI writer do alike to a Nest application before it starts. */
export function configureApp(app: NestFastifyApplication): void {
  const settings = app.get(Settings);
  const server = app.getHttpAdapter().getInstance();
  if (settings.basePath !== '') app.setGlobalPrefix(settings.basePath, { exclude: OPERATIONS });
  app.get(RouteTable).watch(server);
  routeEveryRequest(server);
  leaveBodiesToTheirReaders(server);
  server.addHook('onRequest', (request, reply, done) => {
    const traceID = traceIdOf(request.headers.traceparent);
    if (traceID !== undefined) request.log = reply.log = request.log.child({ traceID });
    void reply.header(CORRELATION_HEADER, request.id);
    done();
  });
  sendSecurityHeaders(server, `${settings.basePath}/docs`);
  if (settings.corsOrigins !== undefined) allowOrigins(server, settings.corsOrigins);
  auditWrites(server);
  endConnections(server, app.get(Shutdown));
  waitForBodies(server, settings.bodyLimitBytes);
  server.addHook('onRequest', (request, _reply, done) => {
    done(hasAmbiguousHeaders(request.raw) ? new InvalidHeaders() : undefined);
  });
  accountForEachRequest(server, app.get(Metrics));
  serveDocument(app);
}

/**
 * Has every request reach a route, be it the one for unmatched paths: with methods that Fastify does not know by
 * itself, and with an `Expect` that nobody can meet, which RFC 9110 (section 10.1.1) allows to ignore.
 */
function routeEveryRequest(server: FastifyInstance): void {
  for (const method of METHODS) {
    // A tunnel is no request: Node hands CONNECT to a listener of its own.
    if (method === 'CONNECT' || (method !== 'QUERY' && server.supportedMethods.includes(method))) continue;
    // Of a QUERY, Fastify would demand a content type before anything else.
    server.addHttpMethod(method, { overrideExisting: true });
  }
  const { server: listener } = server;
  listener.on('connect', (_request, socket) => {
    answerConnect(socket as Socket, server.log);
  });
  listener.on('checkExpectation', (request, response) => {
    listener.emit('request', request, response);
  });
}

/**
 * Keeps Fastify from parsing bodies: the API has token, path, headers and query checked before a body is looked
 * at (section 6), and GET and DELETE bodies ignored whatever they hold (section 3).
 */
function leaveBodiesToTheirReaders(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
  server.addHook('onRequest', (request, _reply, done) => {
    withholdContentType(request.raw);
    done();
  });
}

/**
 * Has connections end once the service is stopping: each with its answer, so that its client sends no other request on
 * it, and one whose answer had begun before as soon as that is complete.
 */
function endConnections(server: FastifyInstance, shutdown: Shutdown): void {
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (shutdown.isStopping) void reply.header('connection', 'close');
    done(null, payload);
  });
  server.addHook('onResponse', (_request, _reply, done) => {
    // Not before Node has taken note that the connection is idle now.
    if (shutdown.isClosing)
      setImmediate(() => {
        server.server.closeIdleConnections();
      });
    done();
  });
}

/**
 * Whether a request has no Host although its version of HTTP demands one, or more than one (RFC 9112, section 3.2), or
 * more than one Authorization: Node would take the first, and a proxy before it perhaps another.
 */
function hasAmbiguousHeaders({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  if (httpVersion === '1.1' && headers.host === undefined) return true;
  let hosts = 0;
  let authorizations = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase();
    if (name === 'host') hosts += 1;
    else if (name === 'authorization') authorizations += 1;
  }
  return hosts > 1 || authorizations > 1;
}

/** Logs and counts each request when its connection is done with it; Fastify's own hook does not hear of aborted ones. */
function accountForEachRequest(server: FastifyInstance, metrics: Metrics): void {
  server.addHook('onRequest', (request, reply, done) => {
    metrics.requestBegan();
    reply.raw.once('close', () => {
      const isAborted = !reply.raw.writableFinished;
      metrics.requestEnded(...routeOf(request), isAborted ? 'aborted' : reply.statusCode, reply.elapsedTime / 1000);
      logRequest(request, reply, isAborted);
    });
    done();
  });
}

/** The method and template of a request's route; of a path without a route both are the client's invention. */
function routeOf(request: FastifyRequest): [method: string, route: string] {
  const { url = '*' } = request.routeOptions;
  return url.includes('*') ? ['any', 'other'] : [request.method, url];
}

function logRequest(request: FastifyRequest, reply: FastifyReply, isAborted: boolean): void {
  const caller = callerOf(request)?.caller;
  request.log.info(
    {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      ...(isAborted ? { aborted: true } : {}),
      ...(caller === undefined ? {} : { accountID: caller.accountId, userID: caller.userId }),
    },
    'request',
  );
}
