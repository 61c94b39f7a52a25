import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ServerAccount } from '../../src/embedded-postgres/server-account.js';

/** Where Debian has each major version of PostgreSQL. */
const VERSIONS = '/usr/lib/postgresql';

/** The folder of the programs of the newest PostgreSQL that is installed, its server among them. @throws Error without one */
function programs(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(VERSIONS, version, 'bin'));
  const found = folders.find((folder) =>
    ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(join(folder, name))),
  );
  if (found !== undefined) return found;
  throw new Error(
    'These tests need a PostgreSQL with pg_dump of its own version, which the embedded one has not: ' +
      'install it (on Debian: apt-get install postgresql).',
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}

/**
 * A server of the PostgreSQL that is installed on the machine, for a test of its own: with `pg_dump`, `pg_restore` and
 * `psql`, and with TLS if need be. Roles and databases are the test's to make.
 */
export class SystemPostgres {
  private constructor(
    /** The folder of its programs. */
    readonly bin: string,
    private readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** @param pair PEM texts; with them the server takes TCP connections by TLS only */
  static async start(pair?: { readonly cert: string; readonly key: string }): Promise<SystemPostgres> {
    const bin = programs();
    const folder = await mkdtemp(join(tmpdir(), 'execution-hooks-postgres-'));
    const owner = ServerAccount.ownerFor(folder);
    const give = (path: string): void => {
      if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
    };
    give(folder);
    const { account } = await ServerAccount.find(owner, folder, join(bin, 'postgres'));
    const cluster = join(folder, 'cluster');
    const init = [
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ];
    await account.run(join(bin, 'initdb'), [`--pgdata=${cluster}`, ...init]);
    const tls = pair === undefined ? [] : ['-c', 'ssl=on'];
    if (pair !== undefined) {
      for (const [name, text] of [
        ['server.crt', pair.cert],
        ['server.key', pair.key],
      ] as const) {
        writeFileSync(join(cluster, name), text, { mode: 0o600 });
        give(join(cluster, name));
      }
      writeFileSync(join(cluster, 'pg_hba.conf'), 'hostssl all all all trust\n');
    }
    const port = await freePort();
    const options = ['-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', `port=${port}`, ...tls];
    const child = account.spawn(join(bin, 'postgres'), ['-D', cluster, ...options], { stdio: 'ignore' });
    const server = new SystemPostgres(bin, port, folder, child);
    await server.comesUp();
    return server;
  }

  /** The URL of a database. */
  url(database: string, user = 'postgres', rest = ''): string {
    return `postgresql://${user}@localhost:${this.port}/${database}${rest}`;
  }

  /** Runs statements, as the superuser unless another user is named. @returns the rows of the one statement, where it is one */
  async execute<Row extends pg.QueryResultRow>(database: string, sql: string, user = 'postgres'): Promise<Row[]> {
    const connectionString = this.url(database, user).replace('localhost', '127.0.0.1');
    const client = new pg.Client({ connectionString, ssl: existsSync(this.keyFile) && { rejectUnauthorized: false } });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Stops it and removes its files. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGINT');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private get keyFile(): string {
    return join(this.folder, 'cluster/server.key');
  }

  private async comesUp(): Promise<void> {
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`The server ended with status ${this.child.exitCode}.`);
      try {
        await this.execute('postgres', 'SELECT 1');
        return;
      } catch {
        await sleep(50);
      }
    }
  }
}
