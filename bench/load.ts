import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { BenchContext, Listening } from './bench-context.js';
import { cpuSeconds } from './process-usage.js';
import { median, medianRatio } from './rounds.js';

const CLIENT = fileURLToPath(new URL('./load-client.ts', import.meta.url));
const REGISTER = fileURLToPath(new URL('../test/support/register-typescript.js', import.meta.url));

/** Longer than any work. */
const LONGEST_MS = 3_600_000;

/** One HTTP request, as it is sent again and again. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a load is made of. */
export interface Load {
  /** Taken in turn by all connections. */
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  /** How long, in milliseconds, requests are begun; left out: each request is sent once. */
  readonly durationMs?: number;
  /**
   * Requests begun a second, whether those before have been answered or not; one that finds every connection busy waits
   * for the first that is free, and is timed from when it was due. Left out: each connection begins its next request
   * when it has the answer to the last.
   */
  readonly perSecond?: number;
  /** The status that every answer must have. */
  readonly status: number;
}

/** What came of a load, seen by the client. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Of whole answers with their headers. */
  readonly bytes: number;
  /** Milliseconds from the first byte of a request to the last of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median of the milliseconds to the first byte of an answer. */
  readonly firstByteP50Ms: number;
  /** The `Location` of each answer that has one. */
  readonly locations: readonly string[];
}

/** What the load client is told: the server, and the requests as bytes in Base64. */
export interface LoadOrder extends Omit<Load, 'requests'> {
  readonly host: string;
  readonly port: number;
  readonly requests: readonly string[];
}

/** Tells the load client to begin no more requests. */
export const STOP = 'stop';

/** What the load client answers. */
export type LoadAnswer = { readonly result: LoadResult } | { readonly error: string };

/** A process that sends requests over keep-alive connections and measures how long the answers take. */
export class LoadClient {
  private constructor(private readonly child: ChildProcess) {}

  static start(context: BenchContext): LoadClient {
    const client = new LoadClient(fork(CLIENT, { execArgv: ['--import', REGISTER] }));
    context.onEnd(() => client.stop());
    return client;
  }

  /** @throws Error for an answer of another status, or a connection that breaks */
  async run(url: string, load: Load): Promise<LoadResult> {
    const { hostname: host, port } = new URL(url);
    const requests = load.requests.map((request) => bytesOf(request, `${host}:${port}`).toString('base64'));
    const order: LoadOrder = { ...load, host, port: Number(port), requests };
    this.child.send(order);
    const [answer] = (await once(this.child, 'message')) as [LoadAnswer];
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  }

  /** The same for as long as some work takes: requests are begun until it is done. @throws Error as the work does too */
  async runDuring(url: string, load: Omit<Load, 'durationMs'>, work: () => Promise<unknown>): Promise<LoadResult> {
    const running = this.run(url, { ...load, durationMs: LONGEST_MS });
    const [, result] = await Promise.all([work().finally(() => this.child.send(STOP)), running]);
    return result;
  }

  /** CPU seconds that the client itself has used so far. */
  cpuSeconds(): number {
    return cpuSeconds(this.child.pid ?? 0);
  }

  private async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill();
    await once(this.child, 'exit');
  }
}

/** One round of one side under load. */
export interface LoadRound extends LoadResult {
  /** CPU of the server process, in microseconds. */
  readonly cpuPerRequest: number;
  /** CPU of PostgreSQL meanwhile, in microseconds. */
  readonly postgresCpuPerRequest: number;
}

/** Puts a server under load and measures what that costs it. */
export async function loadRound(
  context: BenchContext,
  client: LoadClient,
  { url, process }: Listening,
  load: Load,
): Promise<LoadRound> {
  const [cpu, postgresCpu] = [process.cpuSeconds(), context.postgresCpuSeconds()];
  const result = await client.run(url, load);
  const perRequest = 1e6 / result.requests;
  return {
    ...result,
    cpuPerRequest: (process.cpuSeconds() - cpu) * perRequest,
    postgresCpuPerRequest: (context.postgresCpuSeconds() - postgresCpu) * perRequest,
  };
}

/** Enough for the compiler of V8 to have seen the whole of a request often. */
const WARM_UP_REQUESTS = 8_000;

/** Sends a server what it will be measured with until it is warm, but for no longer than the given milliseconds. */
export async function warmUp(client: LoadClient, { url }: Listening, load: Load, mostMs: number): Promise<void> {
  const end = performance.now() + mostMs;
  for (let sent = 0; sent < WARM_UP_REQUESTS && performance.now() < end;) {
    sent += (await client.run(url, { ...load, durationMs: 500 })).requests;
  }
}

/** The rounds of two sides, compared. */
export interface LoadComparison {
  /** Medians of the CPU of the server process a request, in microseconds. */
  readonly ours: number;
  readonly peer: number;
  /** Median over the rounds of our CPU a request in units of the peer's. */
  readonly cpuRatio: number;
  /** The 99th percentiles of the time that an answer takes, in milliseconds: medians of both, and their ratio. */
  readonly p99: { readonly ours: number; readonly peer: number; readonly ratio: number };
  /** Wall time and percentiles of both, for the table. */
  readonly details: string;
}

/** Compares the rounds of two sides. */
export function compareLoads(ours: readonly LoadRound[], peer: readonly LoadRound[]): LoadComparison {
  const cpu = (rounds: readonly LoadRound[]): number[] => rounds.map(({ cpuPerRequest }) => cpuPerRequest);
  const p99 = (rounds: readonly LoadRound[]): number[] => rounds.map(({ p99Ms }) => p99Ms);
  return {
    ours: median(cpu(ours)),
    peer: median(cpu(peer)),
    cpuRatio: medianRatio(cpu(ours), cpu(peer)),
    p99: { ours: median(p99(ours)), peer: median(p99(peer)), ratio: medianRatio(p99(ours), p99(peer)) },
    details: `${sideDetails(ours)}; beside it ${sideDetails(peer)}`,
  };
}

function sideDetails(rounds: readonly LoadRound[]): string {
  const of = (pick: (round: LoadRound) => number): number => median(rounds.map(pick));
  const rate = of(({ requests, seconds }) => requests / seconds).toFixed(0);
  const [p50, p99] = [of(({ p50Ms }) => p50Ms).toFixed(1), of(({ p99Ms }) => p99Ms).toFixed(1)];
  return `${rate}/s, p50 ${p50} ms, p99 ${p99} ms, PostgreSQL ${of(({ postgresCpuPerRequest }) => postgresCpuPerRequest).toFixed(0)} µs`;
}

function bytesOf({ method, path, headers, body }: LoadRequest, host: string): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
