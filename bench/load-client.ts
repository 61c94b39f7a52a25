import { type Socket, connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type LoadAnswer, type LoadOrder, type LoadResult, STOP } from './load.js';
import { percentile } from './rounds.js';

/**
 * The client of a load, as a process of its own (`load.ts` starts it and sends it orders). It works on raw sockets: on
 * a machine with few cores, what a client costs is time that the server does not get.
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** How often, in milliseconds, a load of a fixed rate looks for requests that are due. */
const TICK_MS = 1;

/** A request to be sent now. */
interface Due {
  readonly request: Buffer;
  /** When it was due. */
  readonly at: number;
}

/** What is under way. */
class Run {
  private next = 0;
  private isStopped = false;
  private readonly requests: readonly Buffer[];
  private readonly start = performance.now();
  private readonly latencies: number[] = [];
  private readonly firstBytes: number[] = [];
  private readonly locations: string[] = [];
  private bytes = 0;
  /** Of a load of a fixed rate: requests that wait for a connection, and connections that wait for a request. */
  private readonly due: Due[] = [];
  private readonly idle: (() => void)[] = [];

  constructor(private readonly order: LoadOrder) {
    this.requests = order.requests.map((request) => Buffer.from(request, 'base64'));
  }

  async result(): Promise<LoadResult> {
    const { connections, perSecond } = this.order;
    const pace = perSecond === undefined ? undefined : this.pace(perSecond);
    await Promise.all(Array.from({ length: connections }, () => this.connection()));
    clearInterval(pace);
    return {
      requests: this.latencies.length,
      seconds: (performance.now() - this.start) / 1000,
      bytes: this.bytes,
      p50Ms: percentile(this.latencies, 0.5),
      p99Ms: percentile(this.latencies, 0.99),
      firstByteP50Ms: percentile(this.firstBytes, 0.5),
      locations: this.locations,
    };
  }

  /** Begins no more requests. */
  stop(): void {
    this.isStopped = true;
  }

  /** Has requests fall due at a fixed rate. */
  private pace(perSecond: number): NodeJS.Timeout {
    return setInterval(() => {
      const begun = ((performance.now() - this.start) / 1000) * perSecond;
      while (this.next < begun && !this.isOver()) {
        this.due.push({ request: this.requestAt(this.next++), at: performance.now() });
      }
      const woken = this.isOver() ? this.idle.length : Math.min(this.due.length, this.idle.length);
      for (const wake of this.idle.splice(0, woken)) wake();
    }, TICK_MS);
  }

  private isOver(): boolean {
    return this.isStopped || performance.now() - this.start > (this.order.durationMs ?? Infinity);
  }

  private requestAt(index: number): Buffer {
    return this.requests[index % this.requests.length] ?? Buffer.alloc(0);
  }

  /** The next request; `later` when none is due yet, undefined when no more are to be begun. */
  private take(): Due | 'later' | undefined {
    const { durationMs, perSecond } = this.order;
    if (perSecond !== undefined) return this.due.shift() ?? (this.isOver() ? undefined : 'later');
    const index = this.next++;
    if (durationMs === undefined ? index >= this.requests.length : this.isOver()) return undefined;
    return { request: this.requestAt(index), at: performance.now() };
  }

  private connection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.order.port, this.order.host);
      socket.setNoDelay(true);
      let dueAt = 0;
      let answer = new Answer(this.order.status);
      const send = (): void => {
        const taken = this.take();
        if (taken === 'later') {
          this.idle.push(send);
        } else if (taken === undefined) {
          socket.end();
          resolve();
        } else {
          dueAt = taken.at;
          socket.write(taken.request);
        }
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('The server closed a connection.'));
      });
      socket.on('data', (chunk) => {
        if (answer.bytes === 0) this.firstBytes.push(performance.now() - dueAt);
        try {
          if (!answer.add(chunk)) return;
        } catch (error) {
          abandon(socket);
          reject(error instanceof Error ? error : new Error(String(error)));
          return;
        }
        this.latencies.push(performance.now() - dueAt);
        this.bytes += answer.bytes;
        if (answer.location !== undefined) this.locations.push(answer.location);
        answer = new Answer(this.order.status);
        send();
      });
    });
  }
}

function abandon(socket: Socket): void {
  socket.destroy();
}

/** One answer, as it comes in. */
class Answer {
  bytes = 0;
  location: string | undefined;
  /** Of the whole answer; undefined while its head is incomplete, and for a chunked one. */
  private length: number | undefined;
  private isChunked = false;
  private start: Buffer = Buffer.alloc(0);
  private tail: Buffer = Buffer.alloc(0);

  constructor(private readonly status: number) {}

  /** @returns whether the answer is complete @throws Error when its status is another one */
  add(chunk: Buffer): boolean {
    this.bytes += chunk.length;
    if (this.length === undefined && !this.isChunked) {
      this.start = this.start.length === 0 ? chunk : Buffer.concat([this.start, chunk]);
      if (!this.readHead()) return false;
    }
    if (!this.isChunked) return this.bytes >= (this.length ?? Infinity);
    // JSON holds no bare line ends, so that these bytes are the last chunk and nothing else.
    this.tail = chunk.length >= LAST_CHUNK.length ? chunk : Buffer.concat([this.tail, chunk]);
    this.tail = this.tail.subarray(-LAST_CHUNK.length);
    return this.tail.equals(LAST_CHUNK);
  }

  private readHead(): boolean {
    const end = this.start.indexOf(HEAD_END);
    if (end === -1) return false;
    const head = this.start.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    if (status !== this.status) throw new Error(`Status ${this.status} was expected: ${this.start.toString()}`);
    this.location = /\r\nlocation: *(.*)/i.exec(head)?.[1];
    const length = status === 204 ? 0 : /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) this.isChunked = true;
    else this.length = end + HEAD_END.length + Number(length);
    return true;
  }
}

let current: Run | undefined;

process.on('message', (order: LoadOrder | typeof STOP) => {
  if (order === STOP) {
    current?.stop();
    return;
  }
  current = new Run(order);
  current.result().then(
    (result) => process.send?.({ result } satisfies LoadAnswer),
    (error: unknown) => process.send?.({ error: String(error) } satisfies LoadAnswer),
  );
});
