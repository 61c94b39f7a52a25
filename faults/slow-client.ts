import { connect, type Socket } from 'node:net';

const PACE_MS = 1_000;

/** What a slow client does: sends a body, or reads an answer, byte by byte. */
export interface SlowRequest {
  /** Request line and headers, with the empty line. */
  readonly head: string;
  /** Sent a byte a second; when left out the answer is read a byte a second. */
  readonly body?: string;
}

/** A client that does one thing at a byte a second, and begins anew whenever the service has had enough of it. */
export class SlowClient {
  /** How often the service has ended its connection. */
  ended = 0;
  private socket: Socket | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly port: number,
    private readonly request: SlowRequest,
  ) {}

  /** Begins, and goes on until it is stopped. */
  start(): void {
    const { head, body } = this.request;
    const socket = connect({ host: '127.0.0.1', port: this.port });
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.write(head);
    let at = 0;
    this.timer = setInterval(() => {
      if (body === undefined) socket.read(1);
      else {
        socket.write(body.charAt(at));
        at = Math.min(at + 1, body.length - 1);
      }
    }, PACE_MS);
    // A client that sends reads the answer as it comes; one that reads must have something to read once.
    if (body === undefined) socket.once('readable', () => undefined);
    else socket.resume();
    socket.once('close', () => {
      clearInterval(this.timer);
      if (this.stopped) return;
      this.ended += 1;
      setTimeout(() => {
        if (!this.stopped) this.start();
      }, PACE_MS);
    });
  }

  /** Breaks the connection off, whatever is under way. */
  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.socket?.destroy();
  }
}
