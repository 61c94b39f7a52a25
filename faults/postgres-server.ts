import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ServerAccount } from '../src/embedded-postgres/server-account.js';
import { freePort } from './free-port.js';
import { until } from './patience.js';

/** How a server goes: in good order, at once without a checkpoint, or not at all by its own doing. */
export type Ending = 'fast' | 'immediate' | 'kill -9';

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', 'kill -9': 'SIGKILL' } as const;

const START_LIMIT_MS = 60_000;

interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

/** A durable PostgreSQL server that is stopped and killed, and starts again on the same port and data. */
export class PostgresServer {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly programs: Programs,
    private readonly account: ServerAccount,
    private readonly directory: string,
    private readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /**
   * Makes a cluster in `directory`, starts it and makes the service's role and database.
   *
   * @param logDirectory where the write-ahead log is, when not with the data
   * @param settings what differs from Postgres' own defaults
   */
  static async start(
    directory: string,
    settings: Readonly<Record<string, string>> = {},
    logDirectory?: string,
  ): Promise<PostgresServer> {
    const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const programs = (await import(name)) as Programs;
    mkdirSync(directory, { recursive: true });
    const owner = ServerAccount.ownerFor(directory);
    for (const each of [directory, ...(logDirectory === undefined ? [] : [logDirectory])]) {
      if (owner !== undefined) chownSync(each, owner.uid, owner.gid);
    }
    const { account } = await ServerAccount.find(owner, directory, programs.postgres);
    const data = join(directory, 'cluster');
    await account.run(programs.initdb, [
      `--pgdata=${data}`,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ]);
    if (logDirectory !== undefined) {
      await account.run('/bin/mv', [join(data, 'pg_wal'), join(logDirectory, 'pg_wal')]);
      symlinkSync(join(logDirectory, 'pg_wal'), join(data, 'pg_wal'));
    }
    const server = new PostgresServer(programs, account, directory, await freePort(), settings);
    await server.start();
    await server.execute('CREATE ROLE execution_hooks LOGIN', 'postgres');
    await server.execute('CREATE DATABASE execution_hooks OWNER execution_hooks', 'postgres');
    return server;
  }

  /** Of the service's database, as the service's role. */
  get url(): string {
    return `postgresql://execution_hooks@127.0.0.1:${this.port}/execution_hooks`;
  }

  /** Starts it (again), and waits until it takes connections, whatever it has to recover before. */
  async start(): Promise<void> {
    await until('the database server takes connections', START_LIMIT_MS, async () => {
      // What a killed server has left must have ended before the next one can start; until then that one gives up.
      if (this.child === undefined || hasEnded(this.child)) this.child = this.spawn();
      await this.execute('SELECT 1', 'postgres');
      return true;
    });
  }

  /** Ends it and waits for its end. */
  async end(ending: Ending): Promise<void> {
    const { child } = this;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(SIGNALS[ending]);
    await ended;
  }

  /** Runs one statement as the superuser, on a connection of its own. */
  async execute(sql: string, database = 'execution_hooks'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      connectionString: `postgresql://postgres@127.0.0.1:${this.port}/${database}`,
      application_name: 'fault test',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** How many sessions the service has that are in the middle of something: at rest there is none, and so no cursor. */
  async busySessions(): Promise<number> {
    const [row] = await this.execute(
      `SELECT count(*)::int AS busy FROM pg_stat_activity
       WHERE application_name = 'execution-hooks' AND state IS DISTINCT FROM 'idle'`,
    );
    return Number(row?.busy);
  }

  private spawn(): ChildProcess {
    const log = openSync(join(this.directory, '..', 'postgres.log'), 'a');
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      ...this.settings,
    };
    const child = this.account.spawn(
      this.programs.postgres,
      [
        '-D',
        join(this.directory, 'cluster'),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { detached: true, stdio: ['ignore', log, log], env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } },
    );
    closeSync(log);
    const endWithTest = (): void => {
      child.kill('SIGQUIT');
    };
    process.once('exit', endWithTest);
    child.once('exit', () => process.off('exit', endWithTest));
    return child;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
