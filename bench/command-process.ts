import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const REGISTER = fileURLToPath(new URL('../test/support/register-typescript.js', import.meta.url));

/** A side of a comparison that does one command after the other: a line to it, a line of JSON back. */
export class CommandProcess {
  private readonly answers: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: string,
  ) {
    if (child.stdout === null) throw new Error(`${name} has no standard output.`);
    this.answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Any program; its standard error is that of the bench. */
  static start(command: string, args: readonly string[]): CommandProcess {
    return new CommandProcess(spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] }), command);
  }

  /** A TypeScript program of `bench/`, by its path below it. */
  static program(path: string, args: readonly string[]): CommandProcess {
    const program = fileURLToPath(new URL(path, import.meta.url));
    return CommandProcess.start(process.execPath, ['--expose-gc', '--import', REGISTER, program, ...args]);
  }

  /** The next line that it writes: its answer to the command before, or that it is ready. */
  async answer<Answer extends object>(): Promise<Answer> {
    const line = await this.answers.next();
    if (line.done === true) throw new Error(`${this.name} ended.`);
    return JSON.parse(line.value) as Answer;
  }

  ask<Answer extends object>(command: string): Promise<Answer> {
    this.child.stdin?.write(`${command}\n`);
    return this.answer<Answer>();
  }

  /** Closes its standard input, upon which it ends. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.end();
    await ended;
  }
}
