import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** The longest, in milliseconds, that long work waits for the brief work of others before it has its next turn. */
export const MOST_WAIT_MS = 2;

/** How often, in milliseconds, long work looks whether that is done; meanwhile the event loop is free for every answer. */
const LOOK_EVERY_MS = 1;

/** How much brief work is under way in this process; all work shares its event loop. */
let underWay = 0;

/** Runs brief work that waits for something outside the process, such as a statement. Long work waits until it is done. */
export async function briefly<Result>(work: () => Promise<Result>): Promise<Result> {
  underWay += 1;
  try {
    return await work();
  } finally {
    underWay -= 1;
  }
}

/**
 * To be awaited by long work after each turn of a millisecond or two: gives the event loop to others, and waits while they
 * wait for the database. A small request needs the event loop again and again, after each answer of PostgreSQL too; if it
 * met a turn of long work each time, it would take several of them. Long work never waits longer than
 * {@link MOST_WAIT_MS}: it goes on, if slower, however many others there are.
 */
export async function othersFirst(): Promise<void> {
  await setImmediate();
  // What arrived in that pass of the event loop has asked the database by the end of the next one.
  await setImmediate();
  const end = performance.now() + MOST_WAIT_MS;
  while (underWay > 0 && performance.now() < end) await sleep(LOOK_EVERY_MS);
}
