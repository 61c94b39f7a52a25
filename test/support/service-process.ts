import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('./register-typescript.js', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The service as a process of its own, as `npm start` runs it, but for the compiler. */
export class ServiceProcess {
  private printed = '';
  private complained = '';
  /** Called with every piece of standard output, and at the end. */
  private onNews: () => void = () => undefined;
  private readonly ended: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text;
      this.onNews();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complained += text;
    });
    this.ended = once(child, 'close').then(([status]) => {
      this.onNews();
      return status as number | null;
    });
  }

  /** @param env the whole environment but for PATH */
  static start(args: readonly string[], env: Readonly<Record<string, string>>): ServiceProcess {
    const child = spawn(process.execPath, ['--import', REGISTER, MAIN, ...args], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(child);
  }

  /** Standard output so far. */
  get output(): string {
    return this.printed;
  }

  /** Standard error so far. */
  get errors(): string {
    return this.complained;
  }

  /** Waits until standard output matches, and returns the first group. @throws Error when it ends without that. */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.printed);
      if (found !== null) return found[1] ?? '';
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The service ended before it said ${String(pattern)}:\n${this.printed}${this.complained}`);
      }
      await new Promise<void>((resolve) => {
        this.onNews = resolve;
      });
    }
  }

  /** Waits until it listens. @returns its URL */
  listens(): Promise<string> {
    return this.says(/"url":"([^"]+)","msg":"Listening\."/);
  }

  signal(signal: 'SIGTERM' | 'SIGINT'): void {
    this.child.kill(signal);
  }

  /** Asks it to stop, if need be, and waits for its end. @returns its exit status; null where a signal ended it */
  stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Waits for its end. @returns its exit status; null where a signal ended it */
  end(): Promise<number | null> {
    return this.ended;
  }
}
