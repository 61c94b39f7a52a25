import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './bench-context.js';

const PRELOADED = fileURLToPath(new URL('./event-loop-probe.js', import.meta.url));
const POLL_MS = 5;

/** How long the event loop of a process was blocked at the longest, in milliseconds. */
export interface LongestBlock {
  /** By work of the process itself: the shorter of the time that passed and the CPU time that the process took in it. */
  readonly longestMs: number;
  /** On the wall clock, which also counts the wait for a processor. */
  readonly wallMs: number;
}

/** Watches the event loop of a service, which it is started with. */
export class EventLoopProbe {
  /** For the start of the service. */
  readonly env: Readonly<Record<string, string>>;
  private readonly file: string;
  private questions = 0;

  constructor(context: BenchContext) {
    this.file = context.newLogFile();
    this.env = { NODE_OPTIONS: `--import=${PRELOADED}`, EVENT_LOOP_PROBE_FILE: this.file };
  }

  /** The longest blocks since the last call. */
  async longestBlock(pid: number): Promise<LongestBlock> {
    this.questions += 1;
    process.kill(pid, 'SIGUSR2');
    for (;;) {
      const answer = this.lastAnswer();
      if (answer?.answers === this.questions) return answer;
      await sleep(POLL_MS);
    }
  }

  private lastAnswer(): (LongestBlock & { readonly answers: number }) | undefined {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8')) as LongestBlock & { readonly answers: number };
    } catch {
      // It is being written.
      return undefined;
    }
  }
}
