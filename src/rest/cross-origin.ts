import type { FastifyInstance } from 'fastify';

/** How long, in seconds, a browser may remember what it was told before it asked. */
const PREFLIGHT_AGE = 600;

const METHODS = 'GET, HEAD, POST, PUT, DELETE';
const REQUEST_HEADERS =
  'Authorization, Content-Type, Content-Encoding, Accept, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, Idempotency-Key, X-Correlation-ID';
const ANSWER_HEADERS =
  'ETag, Last-Modified, Location, Idempotent-Replayed, X-Correlation-ID, Retry-After, WWW-Authenticate, Allow';

/**
 * Lets web pages of other origins use the API (CORS), as far as the settings say. There are no cookies: a page has to
 * have a token, and its user gave it one.
 *
 * @param origins `*` for any
 */
export function allowOrigins(server: FastifyInstance, origins: readonly string[] | '*'): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origins !== '*') void reply.header('vary', 'Origin');
    if (origin === undefined || (origins !== '*' && !origins.includes(origin))) {
      done();
      return;
    }
    void reply.headers({
      'access-control-allow-origin': origins === '*' ? '*' : origin,
      'access-control-expose-headers': ANSWER_HEADERS,
    });
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
      done();
      return;
    }
    void reply
      .headers({
        'access-control-allow-methods': METHODS,
        'access-control-allow-headers': REQUEST_HEADERS,
        'access-control-max-age': String(PREFLIGHT_AGE),
      })
      .status(204)
      .send();
  });
}
