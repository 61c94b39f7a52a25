import { othersFirst } from '../../turns/others-first.js';

/** Runs work that yields every few milliseconds, giving the event loop to others in between. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await othersFirst();
  }
}
