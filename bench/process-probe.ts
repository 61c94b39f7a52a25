import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './bench-context.js';

const POLL_MS = 5;

/**
 * Looks into a service that a script of `bench/` is loaded into: every SIGUSR2 has the script write what it has measured
 * since the last one, and how many it has answered, to the file PROBE_FILE.
 */
export class ProcessProbe<Answer extends object> {
  /** For the start of the service. */
  readonly env: Readonly<Record<string, string>>;
  private readonly file: string;
  private questions = 0;

  /** @param script by its path below `bench/` */
  constructor(context: BenchContext, script: string) {
    this.file = context.newLogFile();
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.env = { NODE_OPTIONS: `--import=${path}`, PROBE_FILE: this.file };
  }

  /** What was measured since the last call. */
  async ask(pid: number): Promise<Answer> {
    this.questions += 1;
    process.kill(pid, 'SIGUSR2');
    for (;;) {
      const answer = this.lastAnswer();
      if (answer?.answers === this.questions) return answer;
      await sleep(POLL_MS);
    }
  }

  private lastAnswer(): (Answer & { readonly answers: number }) | undefined {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as Answer & { readonly answers: number };
    } catch {
      // It is being written.
      return undefined;
    }
  }
}
