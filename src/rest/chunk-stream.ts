import { Readable } from 'node:stream';
import { othersFirst } from '../turns/others-first.js';

/** For how long, in milliseconds, chunks are written before others get their turn. */
const TURN_MS = 1;

/** How much, in bytes, is made ahead of the reader. */
const AHEAD_BYTES = 1024 ** 2;

/**
 * A stream of chunks that are made when they are asked for. A client that takes them as fast as they come does not hold
 * up the others: every few milliseconds the event loop gets its turn.
 */
export class ChunkStream extends Readable {
  private readonly chunks: Iterator<Buffer, void>;
  private turnEnds = performance.now() + TURN_MS;

  /** @param byteLength the length of all chunks together, where it is known before they are made */
  constructor(
    chunks: Iterable<Buffer, void>,
    readonly byteLength: number | undefined,
  ) {
    super({ highWaterMark: AHEAD_BYTES });
    this.chunks = chunks[Symbol.iterator]();
  }

  override _read(): void {
    if (performance.now() < this.turnEnds) {
      this.pushNext();
      return;
    }
    void othersFirst().then(() => {
      this.turnEnds = performance.now() + TURN_MS;
      if (!this.destroyed) this.pushNext();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.chunks.return?.();
    done(error);
  }

  /** Several chunks in a row where they are ready: what is pushed together is written together. */
  private pushNext(): void {
    try {
      for (;;) {
        const next = this.chunks.next();
        if (!this.push(next.done === true ? null : next.value)) return;
        if (performance.now() >= this.turnEnds) return;
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
