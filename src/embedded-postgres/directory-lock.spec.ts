import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChildProgram } from '../../test/support/child-program.js';
import { DirectoryInUse, lockDirectory } from './directory-lock.js';
import { processIdentity, processWorld } from './process-identity.js';

describe('lockDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'execution-hooks-lock-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const ownerFile = (owner: object): string => {
    const file = join(directory, 'owner-7.json');
    writeFileSync(file, JSON.stringify(owner));
    return file;
  };

  it('refuses a directory that is taken, and names it and the owner', async () => {
    const lock = await lockDirectory(directory);
    const second = await lockDirectory(directory).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(DirectoryInUse);
    expect(String(second)).toContain(directory);
    expect(String(second)).toContain(`process ${process.pid}`);
    lock.release();
  });

  it('gives a directory to the next one after its release, and keeps one file only', async () => {
    for (let round = 1; round <= 3; round++) (await lockDirectory(directory)).release();
    (await lockDirectory(directory)).release();
    expect(readdirSync(directory)).toEqual(['owner-4.json']);
  });

  it('does not mistake a later process with the same pid for the owner', async () => {
    ownerFile({ pid: process.pid, identity: 'started long ago', world: processWorld() });
    await expect(lockDirectory(directory)).resolves.toBeDefined();
  });

  it('takes over from an owner that left half a file behind', async () => {
    writeFileSync(join(directory, 'owner-7.json'), '{"pid": 1');
    await expect(lockDirectory(directory)).resolves.toBeDefined();
    expect(readdirSync(directory)).toEqual(['owner-8.json']);
  });

  it('lets one of many processes take over from one that was killed', async () => {
    const killed = await ChildProgram.start('hold-directory.ts', directory);
    expect(killed.said).toEqual({ held: true });
    await killed.end('SIGKILL');

    const rivals = await Promise.all([1, 2, 3, 4].map(() => ChildProgram.start('hold-directory.ts', directory)));
    await Promise.all(rivals.map((rival) => rival.end('SIGKILL')));
    expect(rivals.filter(({ said }) => said.held === true)).toHaveLength(1);
  });

  describe('from an owner in another container', () => {
    const elsewhere = { pid: process.pid, identity: processIdentity(process.pid), world: 'another container' };

    it('takes over when its heartbeat stopped', async () => {
      utimesSync(ownerFile(elsewhere), 0, 0);
      await expect(lockDirectory(directory)).resolves.toBeDefined();
    });

    it('takes over when its heartbeat stops', async () => {
      ownerFile(elsewhere);
      await expect(lockDirectory(directory)).resolves.toBeDefined();
    });

    it('keeps away while its heart beats', async () => {
      const file = ownerFile(elsewhere);
      const heart = setInterval(() => {
        utimesSync(file, new Date(), new Date());
      }, 500);
      const outcome = await lockDirectory(directory).catch((error: unknown) => error);
      clearInterval(heart);
      expect(outcome).toBeInstanceOf(DirectoryInUse);
    });
  });
});
