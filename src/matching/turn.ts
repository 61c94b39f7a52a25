import { keepShapeOf } from './kept-shapes.js';

/** How long, in milliseconds, work goes on before it lets others have a turn. */
const TURN_MILLISECONDS = 1;

/** The clock is read about this often in a turn. */
const READS_OF_TURN = 16;

/** The most steps between two readings of the clock. */
const MOST_STEPS_BETWEEN_READS = 1_024;

/**
 * Tells a generator when it has worked long enough and should `yield`, so that its driver can give the event loop a turn.
 * Reading the clock costs a fraction of a usual step, so it is read the rarer, the faster the steps turn out to be.
 */
export class Turn {
  #start = performance.now();
  #lastRead = this.#start;
  #stepsBetweenReads = 1;
  #stepsToGo = 1;

  /** Whether steps take so long that each should be followed by {@link isOver}. */
  get isSlow(): boolean {
    return this.#stepsBetweenReads === 1;
  }

  /** Whether the turn is over, after `steps` more steps. */
  isOver(steps: number): boolean {
    this.#stepsToGo -= steps;
    if (this.#stepsToGo > 0) return false;
    const now = performance.now();
    const stepsTaken = this.#stepsBetweenReads - this.#stepsToGo;
    const stepsOfPeriod = ((TURN_MILLISECONDS / READS_OF_TURN) * stepsTaken) / Math.max(now - this.#lastRead, 1e-3);
    // No more than four times as many at once: the next steps may be slower.
    const most = Math.min(4 * this.#stepsBetweenReads, MOST_STEPS_BETWEEN_READS);
    this.#stepsBetweenReads = Math.max(1, Math.min(most, Math.floor(stepsOfPeriod)));
    this.#stepsToGo = this.#stepsBetweenReads;
    this.#lastRead = now;
    return now - this.#start >= TURN_MILLISECONDS;
  }

  /** Lets others have a turn. */
  *pass(): Generator<void, void> {
    yield;
    this.#start = performance.now();
    this.#lastRead = this.#start;
  }
}

keepShapeOf(new Turn());
