import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ChildProgram } from '../../test/support/child-program.js';
import { DirectoryInUse, lockDirectory } from './directory-lock.js';

describe('lockDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'execution-hooks-lock-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const notLost = (error: Error): never => {
    throw error;
  };

  it('refuses a directory that is taken, and names it and the owner', async () => {
    const release = await lockDirectory(directory, notLost);
    const second = await lockDirectory(directory, notLost).catch((error: unknown) => error);
    expect(second).toBeInstanceOf(DirectoryInUse);
    expect(String(second)).toContain(directory);
    expect(String(second)).toContain(`process ${process.pid}`);
    await release();
  });

  it('gives a directory to the next one after its release', async () => {
    for (let round = 1; round <= 3; round++) await (await lockDirectory(directory, notLost))();
  });

  it('takes over from an owner whose heart does not beat any more, wherever that is', async () => {
    const lock = join(directory, 'lock');
    mkdirSync(lock);
    writeFileSync(join(directory, 'owner.pid'), `${process.pid}\n`);
    utimesSync(lock, 0, 0);
    await (
      await lockDirectory(directory, notLost)
    )();
  });

  it('keeps away while its heart beats', async () => {
    const lock = join(directory, 'lock');
    mkdirSync(lock);
    writeFileSync(join(directory, 'owner.pid'), '4711\n');
    const heart = setInterval(() => {
      utimesSync(lock, new Date(), new Date());
    }, 500);
    await expect(lockDirectory(directory, notLost)).rejects.toThrow('in use by process 4711');
    clearInterval(heart);
  });

  it('tells an owner that another one has taken over', async () => {
    let onLost: (error: Error) => void = () => undefined;
    const lost = new Promise<Error>((resolve) => (onLost = resolve));
    await lockDirectory(directory, onLost);
    utimesSync(join(directory, 'lock'), 0, 0);
    expect((await lost).message).toContain(directory);
  });

  it('lets one of many processes take over from one that was killed', async () => {
    const killed = await ChildProgram.start('hold-directory.ts', directory);
    expect(killed.said).toEqual({ held: true });
    await killed.end('SIGKILL');

    const rivals = await Promise.all([1, 2, 3, 4].map(() => ChildProgram.start('hold-directory.ts', directory)));
    await Promise.all(rivals.map((rival) => rival.end('SIGKILL')));
    expect(rivals.filter(({ said }) => said.held === true)).toHaveLength(1);
  });
});
