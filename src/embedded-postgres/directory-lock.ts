import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorCode } from '../database/error-code.js';

/** How often the owner of a directory touches its lock, in milliseconds. */
const HEARTBEAT_MS = 1_000;
/** An owner that has not touched it for this long is gone, however it went. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

/** Another process works in the directory. */
export class DirectoryInUse extends Error {
  constructor(directory: string, pid: string) {
    super(`The directory ${directory} is in use by process ${pid}: stop that one first, or use another directory.`);
    this.name = 'DirectoryInUse';
  }
}

/**
 * Makes this process the owner of a directory, be the other processes in this container, in another one or on another
 * host that shares the directory. An owner is known by its heartbeat: one that is killed is waited for, three seconds.
 *
 * @param onLost called when another process has taken the directory over, because this one was silent for too long
 * @returns what gives the directory back; the end of the process does too, unless it is killed
 * @throws DirectoryInUse when the directory has another owner
 */
export async function lockDirectory(directory: string, onLost: (error: Error) => void): Promise<() => Promise<void>> {
  const lockfilePath = join(directory, 'lock');
  const owner = join(directory, 'owner.pid');
  const onCompromised = (cause: Error): void => {
    onLost(new Error(`Another process has taken over the directory ${directory}.`, { cause }));
  };
  for (let lastBeat: number | undefined; ;) {
    try {
      const release = await lock(directory, { lockfilePath, update: HEARTBEAT_MS, stale: SILENCE_MS, onCompromised });
      // For the message of the next one only. Removed first: it may be another account's.
      rmSync(owner, { force: true });
      writeFileSync(owner, `${process.pid}\n`);
      return release;
    } catch (error) {
      if (errorCode(error) !== 'ELOCKED') throw error;
    }
    const beat = statSync(lockfilePath, { throwIfNoEntry: false })?.mtimeMs;
    if (lastBeat !== undefined && beat !== undefined && beat !== lastBeat) {
      throw new DirectoryInUse(directory, readFileSync(owner, 'utf8').trim());
    }
    lastBeat = beat;
    await sleep(HEARTBEAT_MS / 2);
  }
}
