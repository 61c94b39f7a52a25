import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/database/migrate.js';
import { SystemPostgres } from '../support/system-postgres.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let server: SystemPostgres;
let folder: string;
let url: string;
/** A folder with something that looks like the embedded database. */
let embedded: string;
beforeAll(async () => {
  server = await SystemPostgres.start();
  folder = await mkdtemp(join(tmpdir(), 'execution-hooks-backup-'));
  embedded = join(folder, 'data');
  await mkdir(join(embedded, 'postgres/cluster'), { recursive: true });
  url = await database('original');
  await migrate({ url, connectionTimeoutMs: 10_000, notice: () => undefined });
  await server.execute(
    'original',
    `INSERT INTO accounts (id, name, created_by) VALUES (gen_random_uuid(), 'kept', gen_random_uuid())`,
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function database(name: string): Promise<string> {
  await server.execute('postgres', `CREATE DATABASE "${name}"`);
  return server.url(name);
}

interface Outcome {
  readonly status: number;
  readonly said: string;
}

/** Runs one of the scripts beside an embedded database. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  const PATH = `${server.bin}${delimiter}${process.env.PATH ?? ''}`;
  return new Promise((resolve) => {
    const path = join(ROOT, 'scripts', script);
    execFile(path, args, { cwd: ROOT, env: { PATH, DATA_DIR: embedded, ...env } }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

async function secretFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

function accounts(name: string): Promise<{ name: string }[]> {
  return server.execute(name, 'SELECT name FROM accounts');
}

describe('a backup by the settings of the service', () => {
  it('is of the database that DATABASE_URL_FILE names, whatever else there is', async () => {
    const env = { DATABASE_URL_FILE: await secretFile('url', `${url}\n\n`) };
    const file = join(folder, 'by-file.dump');
    const outcome = await run('backup.sh', [file], env);
    expect(outcome).toEqual({ status: 0, said: `Wrote ${file}: the database original of ${new URL(url).host}.\n` });
    expect((await stat(file)).mode & 0o077).toBe(0);

    const copy = await database('copy');
    const restored = await run('restore.sh', [file], { DATABASE_URL_FILE: await secretFile('copy', copy) });
    expect(restored).toEqual({ status: 0, said: `Restored ${file}: the database copy of ${new URL(url).host}.\n` });
    expect(await accounts('copy')).toEqual([{ name: 'kept' }]);
    expect(await readdir(join(embedded, 'postgres'))).toEqual(['cluster']);
  });

  it.each(['backup.sh', 'restore.sh'])('%s refuses settings that the service would refuse', async (script) => {
    const file = script === 'backup.sh' ? join(folder, 'refused') : await secretFile('some-backup', 'PGDMP');
    const both = { DATABASE_URL: url, DATABASE_URL_FILE: await secretFile('both', url) };
    const said = (name: string, expected: string): Outcome => ({ status: 78, said: `${name}: expected ${expected}\n` });
    expect(await run(script, [file], both)).toEqual(
      said('DATABASE_URL_FILE', 'nothing, because DATABASE_URL is set too'),
    );
    expect(await run(script, [file], { DATABASE_URL_FILE: join(folder, 'none') })).toEqual(
      said('DATABASE_URL_FILE', 'the path of a file that can be read'),
    );
    const shape = 'a URL of PostgreSQL, postgresql://user:password@host:port/database';
    expect(await run(script, [file], { DATABASE_URL: 'mysql://secret@db/hooks' })).toEqual(said('DATABASE_URL', shape));
    expect(await run(script, [file], { DATABASE_URL_FILE: await secretFile('empty', '\n') })).toEqual(
      said('DATABASE_URL_FILE', shape),
    );
  });

  it('says which embedded database it was, where no other is set', async () => {
    const file = join(folder, 'embedded.tar.gz');
    const none = { DATABASE_URL: '', DATABASE_URL_FILE: '' };
    expect(await run('backup.sh', [file], none)).toEqual({
      status: 0,
      said: `Wrote ${file}: the embedded database in ${embedded}.\n`,
    });
    const missing = await run('backup.sh', [join(folder, 'other')], { DATA_DIR: join(folder, 'nothing') });
    expect(missing.status).toBe(1);
    expect(missing.said).toContain('neither DATABASE_URL nor DATABASE_URL_FILE is set');
  });

  it('gives the password to PostgreSQL as it is, and to nobody else', async () => {
    await server.execute('postgres', `CREATE ROLE "o'hooks" LOGIN SUPERUSER`);
    const programs = join(folder, 'programs');
    await mkdir(programs);
    const seen = join(folder, 'seen');
    const spy = `#!/bin/bash\nprintf '%s\\n' "$PGPASSWORD" "$*" >"${seen}"\nexec "${server.bin}/pg_dump" "$@"\n`;
    await writeFile(join(programs, 'pg_dump'), spy, { mode: 0o755 });
    const secret = new URL(url);
    secret.username = "o'hooks";
    secret.password = encodeURIComponent(String.raw`p@ss/w\n%&"$x`);
    const PATH = [programs, server.bin, process.env.PATH ?? ''].join(delimiter);
    const { status } = await run('backup.sh', [join(folder, 'secret.dump')], { DATABASE_URL: secret.href, PATH });
    expect(status).toBe(0);
    const [password, args] = (await readFile(seen, 'utf8')).split('\n');
    expect(password).toBe(String.raw`p@ss/w\n%&"$x`);
    expect(args).not.toContain('p@ss');
    expect(args).not.toContain(secret.password);
  });

  it('is restored into nothing that holds anything, and is what it is taken for', async () => {
    const dump = join(folder, 'by-file.dump');
    expect(await run('restore.sh', [dump], { DATABASE_URL: url })).toEqual({
      status: 1,
      said: `There are tables in the database original of ${new URL(url).host} already.\n`,
    });
    expect((await run('restore.sh', [dump], { DATA_DIR: join(folder, 'elsewhere') })).said).toContain(
      'set DATABASE_URL',
    );
    const tar = join(folder, 'embedded.tar.gz');
    const other = await database('other');
    expect((await run('restore.sh', [tar], { DATABASE_URL: other })).said).toContain('is no dump of a PostgreSQL');
    await server.execute('other', 'CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.kept ()');
    expect((await run('restore.sh', [dump], { DATABASE_URL: other })).said).toContain('There are tables');
  });

  it('keeps the newest of a directory, and touches nothing else there', async () => {
    const directory = join(folder, 'kept');
    await mkdir(directory);
    const old = ['execution-hooks-20200101T000000Z.dump', 'execution-hooks-20210101T000000Z.dump'];
    for (const name of [...old, 'notes.txt', 'execution-hooks.dump']) await writeFile(join(directory, name), '');
    const { status, said } = await run('backup.sh', ['--keep', '2', directory], { DATABASE_URL: url });
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining(`Deleted ${directory}/${old[0]}`) });
    const names = await readdir(directory);
    expect(names.sort()).toEqual([
      old[1],
      expect.stringMatching(/^execution-hooks-\d{8}T\d{6}Z\.dump$/),
      'execution-hooks.dump',
      'notes.txt',
    ]);
  });

  it('deletes nothing when it fails', async () => {
    const directory = join(folder, 'failed');
    await mkdir(directory);
    await writeFile(join(directory, 'execution-hooks-20200101T000000Z.dump'), '');
    await writeFile(join(directory, 'execution-hooks-20210101T000000Z.dump'), '');
    const { status } = await run('backup.sh', ['--keep', '1', directory], { DATABASE_URL: server.url('nowhere') });
    expect(status).not.toBe(0);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it.each([
    ['backup.sh', []],
    ['backup.sh', ['--keep', '0', '.']],
    ['backup.sh', ['--keep', '3']],
    ['backup.sh', ['--help']],
    ['restore.sh', []],
    ['restore.sh', ['a', 'b']],
  ])('%s %j says how it is called', async (script, args) => {
    const { status, said } = await run(script, args, { DATABASE_URL: url });
    expect({ status, said }).toEqual({ status: 64, said: expect.stringContaining(`usage: ${script}`) });
  });
});
