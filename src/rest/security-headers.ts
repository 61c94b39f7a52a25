import type { FastifyInstance } from 'fastify';

/** A year, in seconds: how long browsers remember to come by HTTPS only. */
const HSTS_AGE = 31_536_000;

/** Answers are data for programs: a browser that is led to open one must neither guess its type nor run or frame it. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Swagger UI has scripts and images of its own, and styles in its page; it fetches from where it came from. */
const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Sends with every answer the headers that keep browsers from misusing it.
 *
 * @param pagesPath where Swagger UI is, e.g. `/docs`
 */
export function sendSecurityHeaders(server: FastifyInstance, pagesPath: string): void {
  server.addHook('onRequest', (request, reply, done) => {
    const [path = ''] = request.url.split('?', 1);
    const isPage = path === pagesPath || path.startsWith(`${pagesPath}/`);
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': isPage ? PAGE_POLICY : API_POLICY,
      // What one user may read is in no cache for another, and a token is in none at all.
      ...(isPage ? {} : { 'cache-control': 'no-store' }),
      ...(request.protocol === 'https' ? { 'strict-transport-security': `max-age=${HSTS_AGE}` } : {}),
    });
    done();
  });
}
