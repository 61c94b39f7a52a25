import { Readable } from 'node:stream';

/**
 * Writes one chunk and resolves when the reader wants more.
 *
 * @throws ReaderGone when the reader has left
 */
export type Write = (chunk: string) => Promise<void>;

/** The reader of a stream went away before its end. Nobody needs to hear of it. */
export class ReaderGone extends Error {
  constructor() {
    super('The reader of the stream went away.');
  }
}

/**
 * Runs `produce`, which writes a text in chunks and returns its last one. A text that is one chunk resolves to that
 * string; otherwise the stream is handed out once its first chunk is there, so that whatever fails before then is an
 * ordinary rejection. What fails later destroys the stream with that error: the reader must not take what it got for
 * the whole. The text ends only when `produce` has resolved, with everything it cleans up.
 *
 * @param leave called once when the reader goes away early
 */
export function deferredStream(
  produce: (write: Write) => Promise<string>,
  leave: () => void,
): Promise<string | Readable> {
  return new Promise((resolve, reject) => {
    let stream: TextStream | undefined;
    const write: Write = (chunk) => {
      if (stream === undefined) {
        stream = new TextStream(leave);
        resolve(stream);
      }
      return stream.write(chunk);
    };
    produce(write).then(
      (last) => {
        if (stream === undefined) resolve(last);
        else stream.end(last);
      },
      (error: unknown) => {
        if (stream === undefined) reject(error instanceof Error ? error : new Error(String(error)));
        else stream.fail(error);
      },
    );
  });
}

class TextStream extends Readable {
  private ended = false;
  private wake: (() => void) | undefined;

  constructor(private readonly leave: () => void) {
    super({ highWaterMark: 1 });
  }

  async write(chunk: string): Promise<void> {
    if (this.destroyed) throw new ReaderGone();
    // Before the push, which may read on at once.
    const wanted = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.push(chunk);
    await wanted;
    // TypeScript does not see that the reader may have left meanwhile.
    if (this.destroyed as boolean) throw new ReaderGone();
  }

  end(last: string): void {
    this.ended = true;
    this.push(last);
    this.push(null);
  }

  fail(error: unknown): void {
    this.ended = true;
    this.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  override _read(): void {
    this.wakeUp();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.ended) {
      this.ended = true;
      this.leave();
    }
    this.wakeUp();
    done(error);
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = undefined;
  }
}
