import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from './caller.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Logs one line for each write: who asked for what, from where, and what became of it, under the correlation id of the
 * request. It is logged whatever the level of the log is (unless that is `silent`), when the answer is ready, and
 * whether or not the client is still there to get it.
 */
export function auditWrites(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (!READS.includes(request.method)) audit(request, reply);
    done();
  });
}

function audit(request: FastifyRequest, reply: FastifyReply): void {
  if (request.log.level === 'silent') return;
  const bearer = bearerOf(request);
  const created = reply.getHeader('location');
  request.log.child({}, { level: 'info' }).info(
    {
      audit: {
        // Nobody whom the service knows, where there is no good token.
        userID: bearer?.userId ?? null,
        tokenID: bearer?.tokenId ?? null,
        address: request.ip,
        method: request.method,
        path: request.url.split('?', 1)[0],
        ...(created === undefined ? {} : { created }),
        ...outcomeOf(request, reply.statusCode),
      },
    },
    'audit',
  );
}

/** What was cut off before its body had arrived, by the client or at the deadline of a stop, was not answered at all. */
function outcomeOf({ raw }: FastifyRequest, status: number): object {
  if (raw.destroyed && !raw.complete) return { outcome: 'aborted' };
  return { outcome: status < 400 ? 'done' : status < 500 ? 'refused' : 'failed', status };
}
