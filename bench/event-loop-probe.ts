import type { BenchContext } from './bench-context.js';
import { ProcessProbe } from './process-probe.js';

/** How long the event loop of a process was blocked at the longest, in milliseconds. */
export interface LongestBlock {
  /** By work of the process itself: the shorter of the time that passed and the CPU time that the process took in it. */
  readonly longestMs: number;
  /** On the wall clock, which also counts the wait for a processor. */
  readonly wallMs: number;
}

/** Watches the event loop of a service, which it is started with. */
export class EventLoopProbe {
  private readonly probe: ProcessProbe<LongestBlock>;

  constructor(context: BenchContext) {
    this.probe = new ProcessProbe(context, 'event-loop-probe.js');
  }

  /** For the start of the service. */
  get env(): Readonly<Record<string, string>> {
    return this.probe.env;
  }

  /** The longest blocks since the last call. */
  longestBlock(pid: number): Promise<LongestBlock> {
    return this.probe.ask(pid);
  }
}
