import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './error-code.js';

/** SQLSTATEs by which Postgres has rolled back what would succeed if it were done again: serialization failure, deadlock. */
const CONFLICTS = new Set(['40001', '40P01']);

/** How often something is done at most until it has no conflict. */
export const MOST_RUNS = 5;

/** The longest pause after the first run, in milliseconds; it doubles with each further one. */
const FIRST_PAUSE_MS = 8;

/** Whether Postgres has undone work that had nothing wrong with it but its neighbours. */
export function isConflict(error: unknown): boolean {
  const code = errorCode(error);
  return code !== undefined && CONFLICTS.has(code);
}

/** Waits a random while, so that those who have met do not meet again. @param runs how many there were; from 1 on */
export async function conflictPause(runs: number): Promise<void> {
  await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (runs - 1));
}
