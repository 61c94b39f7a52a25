import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one of the scripts without a DATABASE_URL. @throws with its standard error, where it fails */
async function run(script: string, file: string, dataDirectory: string): Promise<void> {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDirectory };
  await promisify(execFile)(join(ROOT, 'scripts', script), [file], { cwd: ROOT, env });
}

/** Does something with the embedded database of a directory. */
async function withServer<T>(dataDirectory: string, use: (client: pg.Client, url: string) => Promise<T>): Promise<T> {
  const server = await startEmbeddedPostgres({ dataDirectory, notice: () => undefined });
  const client = new pg.Client({ connectionString: server.url });
  try {
    await client.connect();
    return await use(client, server.url);
  } finally {
    await client.end();
    await server.stop();
  }
}

describe('a backup of the embedded database', () => {
  let folder: string;
  let original: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'execution-hooks-backup-'));
    original = join(folder, 'original');
    file = join(folder, 'backup.tar.gz');
    await withServer(original, async (client, url) => {
      await migrate({ url, connectionTimeoutMs: 10_000, notice: () => undefined });
      await client.query(
        `INSERT INTO accounts (id, name, created_by) VALUES (gen_random_uuid(), 'kept', gen_random_uuid())`,
      );
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is refused while that runs', async () => {
    await withServer(original, async () => {
      await expect(run('backup.sh', file, original)).rejects.toThrow('The embedded database runs');
    });
  });

  it('is restored to where there is none, with all its rows and its password', async () => {
    await run('backup.sh', file, original);
    expect((await stat(file)).mode & 0o077).toBe(0);
    const copy = join(folder, 'copy');
    await run('restore.sh', file, copy);
    await withServer(copy, async (client) => {
      expect((await client.query('SELECT name FROM accounts')).rows).toEqual([{ name: 'kept' }]);
      await client.query('DELETE FROM accounts');
    });
    await withServer(original, async (client) => {
      expect((await client.query('SELECT name FROM accounts')).rows).toEqual([{ name: 'kept' }]);
    });
  });

  it('overwrites nothing', async () => {
    await expect(run('backup.sh', file, original)).rejects.toThrow(`${file} exists.`);
    await expect(run('restore.sh', file, original)).rejects.toThrow('There is the embedded database in');
  });
});
