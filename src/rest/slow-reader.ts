import type { ServerResponse } from 'node:http';

/** How fast a client has to take an answer. */
export interface LeastRate {
  /** Milliseconds of waiting for the client before its rate counts. */
  readonly graceMs: number;
  /** On average, of the time in which the answer waited for the client. */
  readonly bytesPerSecond: number;
}

/** How often it is looked at, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * Ends the connection of a client that takes an answer more slowly than a least rate. Only the time counts in which the
 * answer waits for the client: one that is slow in being made is not the client's fault.
 */
export function cutSlowReader(response: ServerResponse, { graceMs, bytesPerSecond }: LeastRate): void {
  const { socket } = response;
  if (socket === null || response.destroyed) return;
  /** What the system has taken, on behalf of the client. */
  const taken = (): number => socket.bytesWritten - socket.writableLength;
  const before = taken();
  const lookEveryMs = Math.min(LOOK_MS, graceMs);
  let waitedMs = 0;
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) return;
    waitedMs += lookEveryMs;
    if (waitedMs > graceMs && taken() - before < (bytesPerSecond * waitedMs) / 1000) response.destroy();
  }, lookEveryMs).unref();
  response.once('close', () => {
    clearInterval(timer);
  });
}
