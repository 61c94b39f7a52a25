import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

/** The environment variable by which Jest's workers hear of the run's template database: its URL. */
export const TEMPLATE_URL = 'EXECUTION_HOOKS_TEST_TEMPLATE_URL';

/**
 * Likewise the URL of another database of the server, from which copies of the template are made: Postgres copies a
 * database only while nobody is connected to it.
 */
export const SERVER_URL = 'EXECUTION_HOOKS_TEST_SERVER_URL';

/**
 * Set by `npm run test:upgrade`, which runs the tests of a release on the schema of a later one: the folder of the later
 * tree, whose migrations are run too.
 */
const NEWER_TREE = 'EXECUTION_HOOKS_TEST_NEWER';

let stop: () => Promise<void> = () => Promise.resolve();

/**
 * Provides the database server of a test run, with one migrated template database: the server of `DATABASE_URL` if
 * that is set (its user must be allowed to create databases), otherwise an embedded one in a temporary directory.
 */
export async function startDatabaseServer(): Promise<void> {
  const given = process.env.DATABASE_URL ?? '';
  const serverUrl = given === '' ? await startTemporaryServer() : given;
  const template = `execution_hooks_test_${randomBytes(6).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${template}`);
  if (given !== '') stop = () => execute(serverUrl, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);

  const url = withDatabase(serverUrl, template);
  await migrate({ url, connectionTimeoutMs: 10_000, notice: () => undefined });
  const newer = process.env[NEWER_TREE] ?? '';
  if (newer !== '') await migrateFurther(newer, url);
  process.env[SERVER_URL] = serverUrl;
  process.env[TEMPLATE_URL] = url;
}

/** Runs the migrations that a later tree has beyond those of this one. */
async function migrateFurther(tree: string, url: string): Promise<void> {
  await promisify(execFile)('npm', ['run', 'migration:run'], { cwd: tree, env: { ...process.env, DATABASE_URL: url } });
}

/** Stops the server, or removes what was made on somebody else's. */
export async function stopDatabaseServer(): Promise<void> {
  await stop();
}

async function startTemporaryServer(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'execution-hooks-test-'));
  const server = await startEmbeddedPostgres({ dataDirectory: directory, durable: false, notice: () => undefined });
  const watch = outliveNot(server.pid, directory);
  stop = async () => {
    watch.kill();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return server.url;
}

/**
 * Ends the server and removes its directory when this process is killed (Ctrl-C included: Jest then runs no teardown).
 * Unlike a service's, a test run's directory has no next start that would find the server left behind in it.
 */
function outliveNot(serverPid: number, directory: string): ChildProcess {
  const script =
    'while kill -0 "$1"; do sleep 1; done; kill -QUIT "$2"; while kill -0 "$2"; do sleep 1; done; rm -rf "$3"';
  const args = ['-c', script, 'sh', process.pid, serverPid, directory].map(String);
  const watch = spawn('/bin/sh', args, { detached: true, stdio: 'ignore' });
  watch.unref();
  return watch;
}

/** The URL of another database of the same server. */
export function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs one statement on a connection of its own. */
export async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
