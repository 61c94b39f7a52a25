import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

/**
 * The scripts that come with the service, run against clients that write down what they are asked. The database behind
 * `mysql` is a file: it is there while the database is frozen, by session 7. A line is written at once: the session that
 * freezes goes on beside the others.
 */
const CLIENT = `#!/bin/sh
for last; do :; done
line=$(echo "$MYSQL_PWD$PGPASSWORD $last" | tr '\\n' ' ')
printf '%s\\n' "$line" >> "$LOG"
case "$last" in
  *"FLUSH TABLES"*) touch "$STATE" ;;
  *"SELECT id"*) if [ -e "$STATE" ]; then echo 7; fi ;;
  *KILL*) rm "$STATE" ;;
esac
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scripts-spec-'));
  for (const name of ['mysql', 'psql']) {
    await writeFile(join(folder, name), CLIENT);
    await chmod(join(folder, name), 0o755);
  }
});
afterEach(() => rm(folder, { recursive: true }));

async function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const path = fileURLToPath(new URL(`../../../netapp-hooks/${script}`, import.meta.url));
  const { stdout } = await promisify(execFile)('/bin/sh', [path, ...args], {
    env: { PATH: `${folder}:/usr/bin:/bin`, LOG: join(folder, 'log'), STATE: join(folder, 'frozen'), ...env },
  });
  return stdout;
}

async function asked(): Promise<string> {
  return readFile(join(folder, 'log'), 'utf8');
}

describe('mysql.sh', () => {
  it('freezes by a session that holds the lock, and thaws by ending it', async () => {
    const env = { MYSQL_ROOT_PASSWORD: 'secret' };
    expect(await run('mysql.sh', ['freeze', '30'], env)).toBe('the database is frozen for at most 30 seconds\n');
    expect(await asked()).toMatch(
      /^secret .*FLUSH TABLES WITH READ LOCK; SELECT 'execution-hooks-freeze', SLEEP\(30\) $/m,
    );
    expect(await run('mysql.sh', ['freeze'], env)).toBe('the database is frozen already\n');
    expect(await run('mysql.sh', ['thaw'], env)).toBe('the database is thawed\n');
    expect(await asked()).toMatch(/^secret .*KILL 7 $/m);
    expect(await run('mysql.sh', ['thaw'], env)).toBe('the database is thawed\n');
  });

  it('reads the password from the file that the image has it in', async () => {
    await writeFile(join(folder, 'password'), 'from a file\n');
    await run('mysql.sh', ['freeze'], { MARIADB_ROOT_PASSWORD_FILE: join(folder, 'password') });
    expect(await asked()).toMatch(/^from a file /m);
  });
});

describe('postgresql.sh', () => {
  it('writes a checkpoint, and has nothing to thaw', async () => {
    expect(await run('postgresql.sh', ['freeze'], { POSTGRES_PASSWORD: 'secret' })).toBe(
      'the database has written a checkpoint\n',
    );
    expect(await asked()).toBe('secret --command=CHECKPOINT \n');
    expect(await run('postgresql.sh', ['thaw'])).toBe('the database needs no thawing\n');
  });
});

describe.each(['mysql.sh', 'postgresql.sh'])('%s', (script) => {
  it.each([[[]], [['melt']]])('called with %j says how it is used', async (args: readonly string[]) => {
    await expect(run(script, args)).rejects.toMatchObject({ code: 64, stderr: expect.stringContaining('usage:') });
  });
});
