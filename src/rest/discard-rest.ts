import type { Readable } from 'node:stream';

/**
 * Lets the rest of a body that is not wanted any more run off, so that a client which reads no answer before it has
 * sent everything gets its answer and can go on using the connection; at most `limit` bytes, then it is cut.
 */
export function discardRest(body: Readable, limit: number): void {
  if (body.readableEnded || body.destroyed) return;
  let discarded = 0;
  body.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > limit) body.destroy();
  });
  body.resume();
}
