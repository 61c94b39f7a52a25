import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from './random.js';

/** A promise of the service, and what breaks things to see whether it is kept. */
export interface Proof {
  /** What `--only` calls it. */
  readonly name: string;
  /** What the service promises, as one sentence. */
  readonly promise: string;
  /** How often the faults are repeated where `--rounds` says nothing, and of what that is the number. */
  readonly rounds: number;
  readonly unit: string;
  /** Takes long and little of the machine, so that it goes on beside the other proofs; on what is its own, like any. */
  readonly isLasting?: true;
  /** @throws Error when the promise is broken, NotHere when this machine lacks what it takes */
  run(trial: Trial): Promise<void>;
}

/** A proof that cannot be run on this machine. */
export class NotHere extends Error {}

/** One run of a proof. */
export class Trial {
  /** What was seen, for the table of results. */
  readonly figures: string[] = [];
  private readonly broken: string[] = [];
  private readonly cleanups: (() => Promise<unknown>)[] = [];

  constructor(
    readonly random: Random,
    readonly rounds: number,
    /** A folder of the trial's own. */
    readonly directory: string,
    /** Prints a line of progress. */
    readonly say: (line: string) => void,
  ) {}

  /** Makes a folder in that of the trial. */
  async folder(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Adds a figure to the table of results. */
  saw(figure: string): void {
    this.figures.push(figure);
    this.say(figure);
  }

  /** Notes that the promise is broken unless something holds; goes on all the same, to see what else is. */
  expect(holds: boolean, claim: string): void {
    if (holds) return;
    this.broken.push(claim);
    this.say(`BROKEN: ${claim}`);
  }

  /** In what the promise was broken so far; nothing while it is kept. */
  get violations(): readonly string[] {
    return this.broken;
  }

  /** Does something when the trial is over; what was added last is done first. */
  atEnd(cleanup: () => Promise<unknown>): void {
    this.cleanups.push(cleanup);
  }

  /** Does what is to be done at the end. */
  async end(): Promise<void> {
    for (const cleanup of this.cleanups.reverse()) await cleanup();
  }
}
