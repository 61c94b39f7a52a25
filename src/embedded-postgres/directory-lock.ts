import {
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../database/error-code.js';
import { processIdentity, processWorld } from './process-identity.js';

/** How often the owner touches its file, for those who cannot see its process. */
const HEARTBEAT_MS = 1_000;
/** An owner of another container or host that has not touched its file for this long is gone. */
const SILENCE_MS = 3 * HEARTBEAT_MS;

const NAME = /^owner-(\d+)\.json$/;

interface Owner {
  readonly pid: number;
  readonly identity: string;
  readonly world: string;
}

/** A system account, by its numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** A directory that this process alone works in. */
export interface DirectoryLock {
  /** Gives the directory back; a second call does nothing. A process that dies gives it back as well. */
  release(): void;
}

/** Another process works in the directory. */
export class DirectoryInUse extends Error {
  constructor(
    readonly directory: string,
    readonly pid: number,
  ) {
    super(`The directory ${directory} is in use by process ${pid}: stop that one first, or use another directory.`);
    this.name = 'DirectoryInUse';
  }
}

/**
 * Makes this process the owner of a directory.
 *
 * Node has no file locks, so the owner is written down: `owner-<generation>.json`, put there by `link`, which only
 * one process can win. The newest generation counts. Whoever finds its owner dead makes the next one, and only then
 * removes those before it: the newest file is never removed, so two processes that find the same dead owner try for
 * the same generation. A killed owner leaves a file that names a process which no longer runs.
 *
 * @param account whom the file shall belong to, so that this account can take the directory over; for root only.
 * @throws DirectoryInUse at once when the owner runs here; an owner of another container or host is watched for three
 * seconds first, because only its heartbeat can be seen.
 */
export async function lockDirectory(directory: string, account?: Account): Promise<DirectoryLock> {
  for (;;) {
    const newest = Math.max(0, ...generations(directory));
    if (newest > 0) {
      const owner = readOwner(path(directory, newest));
      if (owner !== undefined && (await isAlive(owner, path(directory, newest)))) {
        throw new DirectoryInUse(directory, owner.pid);
      }
    }
    const lock = take(directory, newest + 1, account);
    if (lock !== undefined) return lock;
  }
}

function take(directory: string, generation: number, account?: Account): DirectoryLock | undefined {
  const own = path(directory, generation);
  const draft = join(directory, `owner-draft-${process.pid}-${Date.now()}-${Math.random()}`);
  const owner: Owner = {
    pid: process.pid,
    identity: processIdentity(process.pid) ?? '',
    world: processWorld(),
  };
  try {
    writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
    if (account !== undefined) chownSync(draft, account.uid, account.gid);
    linkSync(draft, own);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const all = generations(directory);
  if (Math.max(...all) > generation) {
    // Others came and went since the newest generation was read: this one is not the newest.
    rmSync(own, { force: true });
    return undefined;
  }
  for (const older of all.filter((each) => each < generation)) rmSync(path(directory, older), { force: true });

  const heartbeat = setInterval(() => {
    try {
      utimesSync(own, new Date(), new Date());
    } catch {
      // The directory was removed under the owner; there is nothing left to defend.
    }
  }, HEARTBEAT_MS).unref();
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      clearInterval(heartbeat);
      try {
        // Emptied, not removed: the newest generation has to stay.
        truncateSync(own);
      } catch {
        // As above.
      }
    },
  };
}

async function isAlive(owner: Owner, file: string): Promise<boolean> {
  if (owner.world === processWorld()) return processIdentity(owner.pid) === owner.identity;
  const seen = heartbeatOf(file);
  if (seen === undefined || Math.abs(Date.now() - seen) > SILENCE_MS) return false;
  await sleep(SILENCE_MS);
  const now = heartbeatOf(file);
  return now !== undefined && now !== seen;
}

function heartbeatOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/**
 * Undefined for a file that its owner has emptied, that a crash of the machine has left half written, or that a newer
 * generation has replaced. A file that may not be read says nothing about its owner: the error is handed on.
 */
function readOwner(file: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    const { pid, identity, world } = owner;
    return pid === undefined || identity === undefined || world === undefined ? undefined : { pid, identity, world };
  } catch {
    return undefined;
  }
}

function generations(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => {
    const generation = NAME.exec(name)?.[1];
    return generation === undefined ? [] : [Number(generation)];
  });
}

function path(directory: string, generation: number): string {
  return join(directory, `owner-${generation}.json`);
}
