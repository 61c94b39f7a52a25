import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until something holds; an error counts as not yet. @throws Error when `limitMs` milliseconds have passed */
export async function until(what: string, limitMs: number, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      if (await holds()) return;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`Within ${limitMs} ms it was not so: ${what}`, { cause: last });
    await sleep(POLL_MS);
  }
}
