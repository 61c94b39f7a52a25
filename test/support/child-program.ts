import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('./register-typescript.js', import.meta.url).href;

/** A TypeScript program of this folder, running as a process of its own. */
export class ChildProgram {
  private readonly ended: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    /** The first line that it printed, parsed as JSON. */
    readonly said: Readonly<Record<string, unknown>>,
  ) {
    this.ended = hasEnded(child) ? Promise.resolve() : once(child, 'exit');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Starts `test/support/<name>` and waits for its first line. @throws Error when it ends without one. */
  static async start(name: string, ...args: readonly string[]): Promise<ChildProgram> {
    const path = fileURLToPath(new URL(`./${name}`, import.meta.url));
    const child = spawn(process.execPath, ['--import', REGISTER, path, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      return new ChildProgram(child, JSON.parse(line) as Readonly<Record<string, unknown>>);
    }
    throw new Error(`${name} ended without a word.`);
  }

  /** Sends it a signal and waits for its end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
