import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** How long, in milliseconds, an answer waits for the rest of a body that nobody wants: a client may take its time. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Has an answer that is ready before its request's body has arrived wait for the rest of that, where the connection ends
 * with the answer. Node closes such a connection at once; bytes that arrive afterwards are answered with a reset, and a
 * client that was still sending may never see why. A connection that goes on needs no such care: there the rest is read
 * after the answer.
 *
 * @param limit bytes of a body, of which no more than half are waited for: whoever sends much more is answered at once
 */
export function waitForBodies(server: FastifyInstance, limit: number): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.raw.complete || request.raw.destroyed || !endsConnection(request, reply)) {
      done(null, payload);
      return;
    }
    whenRead(request.raw, limit / 2, () => {
      done(null, payload);
    });
  });
}

function endsConnection({ raw }: FastifyRequest, reply: FastifyReply): boolean {
  const asked = raw.headers.connection?.toLowerCase();
  return (
    asked === 'close' || reply.getHeader('connection') === 'close' || (raw.httpVersion === '1.0' && asked === undefined)
  );
}

function whenRead(body: IncomingMessage, limit: number, done: () => void): void {
  let read = 0;
  const count = (chunk: Buffer): void => {
    read += chunk.length;
    if (read > limit) finish();
  };
  const finish = (): void => {
    clearTimeout(timer);
    body.off('data', count).off('end', finish).off('close', finish);
    done();
  };
  const timer = setTimeout(finish, LONGEST_WAIT_MS);
  // First of all who listen: another one may cut the connection (discard-rest.ts).
  body.prependListener('data', count).on('end', finish).on('close', finish);
  body.resume();
}
