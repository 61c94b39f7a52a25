import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorCode } from '../src/database/error-code.js';

/** Handed out by this process, perhaps not listened on yet, or not at the moment. */
const taken = new Set<number>();

/**
 * A port of the loopback interface that is free at the moment: below those that Linux takes for outgoing
 * connections, one of which could have it while its owner is restarted.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if (taken.has(port)) continue;
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if (errorCode(error) === 'EADDRINUSE') continue;
      throw error;
    }
    server.close();
    await once(server, 'close');
    taken.add(port);
    return port;
  }
}
