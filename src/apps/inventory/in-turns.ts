import { setImmediate } from 'node:timers/promises';

/** Runs work that yields every few milliseconds, giving others their turn in between. */
export async function inTurns<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}
