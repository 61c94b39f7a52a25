import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HttpClient } from './http-client.js';
import { until } from './patience.js';

const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const START_LIMIT_MS = 60_000;

/** A replica of the service as it is built and deployed: a process of its own, that keeps its port over restarts. */
export class Replica {
  private child: ChildProcess | undefined;
  private readonly probe: HttpClient;

  /**
   * @param env its whole environment but for PATH, HOST and PORT
   * @param logFile where its output goes; appended to
   */
  constructor(
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
    private readonly logFile: string,
  ) {
    this.probe = new HttpClient(this.url, false);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of the process, while there is one. */
  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it (again) and waits until it is ready. */
  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...this.env, HOST: '127.0.0.1', PORT: String(this.port) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    const endWithTest = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', endWithTest);
    child.once('exit', () => process.off('exit', endWithTest));
    await this.ready();
  }

  /** Waits until it says that it is ready. @throws Error when the process ends instead */
  async ready(): Promise<void> {
    await until('the replica is ready', START_LIMIT_MS, async () => {
      // Nothing to wait for any more.
      if (!this.isRunning) return true;
      return (await this.probe.send('GET', '/readyz')).status === 200;
    });
    if (!this.isRunning) throw new Error(`The replica ended; ${this.logFile} says why.`);
  }

  /** Sends the process a signal and waits for its end. @returns its exit status; null where the signal ended it */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [status] = (await ended) as [number | null];
    return status;
  }

  /**
   * Processor time that the thread of the event loop has had, in milliseconds, where the system tells: unlike a clock's,
   * what else the machine does makes it no longer.
   */
  async eventLoopMs(): Promise<number> {
    const pid = String(this.pid);
    const [nanoseconds] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8')).split(' ');
    return Number(nanoseconds) / 1e6;
  }

  /** Resident memory of the process, in MiB. */
  async residentMiB(): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(this.pid)]);
    return Number(stdout) / 1024;
  }
}
