import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ChildProgram } from '../../test/support/child-program.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { worksIn } from './server.js';

/** One data directory for all: each test starts the server anew on what the one before left there. */
describe('startEmbeddedPostgres', () => {
  let dataDirectory: string;
  let notices: string[];

  beforeAll(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'execution-hooks-embedded-'));
    const server = await start();
    await query(server.url, 'CREATE TABLE kept (value text)');
    await server.stop();
  });
  afterAll(() => {
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  /** What a test has started and, where it failed, not ended. */
  const servers: EmbeddedPostgres[] = [];
  const owners: ChildProgram[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    await Promise.all(owners.splice(0).map((owner) => owner.end('SIGTERM')));
  });

  async function start(options: { onUnexpectedExit?: (error: Error) => void } = {}): Promise<EmbeddedPostgres> {
    notices = [];
    const notice = (message: string): number => notices.push(message);
    const server = await startEmbeddedPostgres({ dataDirectory, notice, ...options });
    servers.push(server);
    return server;
  }

  async function startInOtherProcess(): Promise<ChildProgram> {
    const owner = await ChildProgram.start('run-embedded-postgres.ts', dataDirectory);
    owners.push(owner);
    return owner;
  }

  const inDirectory = (...names: string[]): string => join(dataDirectory, 'postgres', ...names);

  const runs = (pid: unknown): boolean => worksIn(Number(pid), realpathSync(inDirectory('cluster')));

  async function query(url: unknown, sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: String(url) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('runs a durable server in UTF-8 and by code point, on the loopback interface, for a role without privileges', async () => {
    const server = await start();
    const [row] = await query(
      server.url,
      `SELECT current_database() AS database, current_setting('fsync') AS fsync,
              current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages,
              current_setting('listen_addresses') AS addresses, current_setting('server_encoding') AS encoding,
              (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS collate,
              (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`,
    );
    expect(row).toEqual({
      database: 'execution_hooks',
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '127.0.0.1',
      encoding: 'UTF8',
      collate: 'C',
      super: false,
    });
  });

  it('lets nobody in without the password, which nobody else can read', async () => {
    const server = await start();
    const url = new URL(server.url);
    expect(url.password).toBe(readFileSync(inDirectory('password'), 'utf8').trim());
    expect(statSync(inDirectory('password')).mode & 0o077).toBe(0);
    expect(statSync(inDirectory()).mode & 0o077).toBe(0);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps data, password and silence from one start to the next', async () => {
    const first = await start();
    await query(first.url, `INSERT INTO kept VALUES ('restart')`);
    await Promise.all([first.stop(), first.stop()]);
    expect(runs(first.pid)).toBe(false);

    const second = await start();
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await query(second.url, `SELECT value FROM kept WHERE value = 'restart'`)).toHaveLength(1);
    expect(notices).toEqual([]);
  });

  it('keeps the server out of the process group that Ctrl-C reaches', async () => {
    const server = await start();
    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(server.pid)], { encoding: 'utf8' });
    expect(Number(group)).toBe(server.pid);
  });

  it('refuses a directory that another process works in, by name', async () => {
    const owner = await startInOtherProcess();
    await expect(start()).rejects.toThrow(`${inDirectory()} is in use by process ${owner.pid}`);
    expect(await query(owner.said.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await owner.end('SIGTERM');
    expect(runs(owner.said.pid)).toBe(false);
  });

  it('stops the server of a killed service and goes on with its data', async () => {
    const owner = await startInOtherProcess();
    const orphan = Number(owner.said.pid);
    await query(owner.said.url, `INSERT INTO kept VALUES ('killed service')`);
    await owner.end('SIGKILL');
    expect(runs(orphan)).toBe(true);

    const server = await start();
    expect(notices).toEqual([expect.stringContaining(`(pid ${orphan})`)]);
    expect(runs(orphan)).toBe(false);
    expect(await query(server.url, `SELECT value FROM kept WHERE value = 'killed service'`)).toHaveLength(1);
  });

  it('recovers the data of a server that was killed together with its service', async () => {
    const owner = await startInOtherProcess();
    await query(owner.said.url, `INSERT INTO kept VALUES ('killed server')`);
    await owner.end('SIGKILL');
    process.kill(Number(owner.said.pid), 'SIGKILL');

    const server = await start();
    expect(await query(server.url, `SELECT value FROM kept WHERE value = 'killed server'`)).toHaveLength(1);
  });

  it('is not misled by a stale pid file whose pid belongs to another process by now', async () => {
    writeFileSync(inDirectory('cluster', 'postmaster.pid'), `${process.pid}\n${inDirectory('cluster')}\n1\n5432\n`);
    await start();
  });

  it('reports a server that ends by itself, and gives the directory back on stop', async () => {
    let ended: (error: Error) => void = () => undefined;
    const end = new Promise<Error>((resolve) => (ended = resolve));
    const first = await start({ onUnexpectedExit: ended });
    process.kill(first.pid, 'SIGQUIT');
    expect((await end).message).toContain('received immediate shutdown request');
    expect(notices).toHaveLength(1);
    await first.stop();

    await start();
  });

  it('says what the server says when it cannot start, and leaves the directory free', async () => {
    const configuration = inDirectory('cluster', 'postgresql.auto.conf');
    const before = readFileSync(configuration, 'utf8');
    writeFileSync(configuration, 'no_such_setting = 1\n');
    await expect(start()).rejects.toThrow('unrecognized configuration parameter "no_such_setting"');
    writeFileSync(configuration, before);
    await start();
  });

  it('explains data of another major version instead of touching it', async () => {
    const file = inDirectory('cluster', 'PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '17\n');
    await expect(start()).rejects.toThrow(
      /is of PostgreSQL 17, this release of the service runs PostgreSQL \d+\. Dump/,
    );
    writeFileSync(file, version);
  });

  it('starts over after an initialisation that was cut off', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'execution-hooks-embedded-'));
    try {
      const unfinished = join(directory, 'postgres', 'cluster.unfinished');
      mkdirSync(unfinished, { recursive: true });
      writeFileSync(join(unfinished, 'PG_VERSION'), '18\n');
      const server = await startEmbeddedPostgres({
        dataDirectory: directory,
        durable: false,
        notice: () => undefined,
      });
      servers.push(server);
      expect(await query(server.url, `SELECT current_setting('fsync') AS fsync`)).toEqual([{ fsync: 'off' }]);
      await server.stop();
      expect(existsSync(unfinished)).toBe(false);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
