import { othersFirst } from '../../turns/others-first.js';

/** Runs work that yields every few milliseconds, giving others their turn in between. */
export async function inTurns<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await othersFirst();
  }
}
