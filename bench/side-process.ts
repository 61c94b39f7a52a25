import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, residentBytes } from './process-usage.js';

const REGISTER = fileURLToPath(new URL('../test/support/register-typescript.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const EMPTY_NEST = fileURLToPath(new URL('peers/empty-nest.js', import.meta.url));
const POLL_MS = 5;

/** What a side process is started with. */
export interface SideProcessOptions {
  /** Names it in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Receives standard output and standard error: nobody has to be awake to read what the process writes. */
  readonly logFile: string;
}

/** A process that is measured, or measured against, from its start to its end. */
export class SideProcess {
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: SideProcessOptions,
  ) {
    this.ended = once(child, 'exit');
  }

  static start(options: SideProcessOptions): SideProcess {
    const log = openSync(options.logFile, 'w');
    const child = spawn(options.command, options.args, {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...options.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return new SideProcess(child, options);
  }

  /** A TypeScript program of `bench/`, by its path below it. */
  static program(
    path: string,
    args: readonly string[],
    options: Omit<SideProcessOptions, 'command' | 'args'>,
  ): SideProcess {
    const program = fileURLToPath(new URL(path, import.meta.url));
    return SideProcess.start({ ...options, command: process.execPath, args: ['--import', REGISTER, program, ...args] });
  }

  /** The service as it is deployed: what `npm run build` has made. */
  static service(options: Omit<SideProcessOptions, 'command' | 'args'>, nodeArgs: readonly string[] = []): SideProcess {
    return SideProcess.start({ ...options, command: process.execPath, args: [...nodeArgs, MAIN] });
  }

  /** An empty application of Nest: what the machine takes for its start, other figures can be held against. */
  static emptyNest(options: Omit<SideProcessOptions, 'command' | 'args'>): SideProcess {
    return SideProcess.start({ ...options, command: process.execPath, args: [EMPTY_NEST] });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** CPU seconds used so far, all threads. */
  cpuSeconds(): number {
    return cpuSeconds(this.pid);
  }

  residentBytes(when: 'now' | 'peak' = 'now'): number {
    return residentBytes(this.pid, when);
  }

  /** Everything that it has written so far. */
  output(): string {
    return readFileSync(this.options.logFile, 'utf8');
  }

  /** Waits until its output matches. @returns the first group @throws Error when it ends without that */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.output());
      if (found !== null) return found[1] ?? '';
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`${this.options.name} ended before it said ${String(pattern)}:\n${this.output()}`);
      }
      await sleep(POLL_MS);
    }
  }

  /** Waits until it listens, as the service and the peers of the bench say it. @returns its URL */
  listens(): Promise<string> {
    return this.says(/"url":"([^"]+)","msg":"Listening\."/);
  }

  /** Asks it to stop and waits for its end; one that has ended already is no error. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await this.ended;
  }
}
