import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../src/database/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.js';
import { migrate } from '../src/database/migrate.js';
import { openDatabase } from '../src/database/open-database.js';
import { execute, withDatabase } from '../test/support/database-server.js';
import { treeCpuSeconds } from './process-usage.js';
import { median } from './rounds.js';
import { SideProcess } from './side-process.js';

const TEMPLATE = 'bench_template';

/** A migrated database of a scenario's own. */
export interface BenchDatabase {
  readonly url: string;
  /** For the scenario itself, to load and to look at; the sides connect by themselves. */
  readonly database: Database;
}

/** A side process that listens. */
export interface Listening {
  readonly url: string;
  readonly process: SideProcess;
}

/** What a scenario works with. Whatever it starts or makes through it is gone when the scenario ends. */
export class BenchContext {
  private readonly cleanUps: (() => Promise<unknown>)[] = [];
  private processes = 0;

  constructor(
    private readonly server: BenchServer,
    /** How many rounds of each side count. */
    readonly rounds: number,
    /** Of every random choice: the same data each time. */
    readonly seed: number,
    /** For scratch files. */
    readonly directory: string,
  ) {}

  /** Progress, on standard error. */
  log(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  /** A new migrated database without any row but the migrations'. */
  async newDatabase(): Promise<BenchDatabase> {
    const url = await this.server.newDatabase();
    const database = await openDatabase(
      {
        url,
        poolSize: 5,
        statementTimeoutMs: 0,
        lockTimeoutMs: 0,
        idleInTransactionTimeoutMs: 0,
        connectionTimeoutMs: 10_000,
        applicationName: 'execution-hooks bench',
      },
      () => undefined,
    );
    this.onEnd(() => database.onApplicationShutdown());
    return { url, database };
  }

  /**
   * Starts the built service on a database, with default settings but for its port, and waits until it listens.
   * @param env settings that differ
   */
  async startService(databaseUrl: string, env: Readonly<Record<string, string>> = {}): Promise<Listening> {
    return this.listening(
      SideProcess.service({
        name: 'the service',
        env: { DATABASE_URL: databaseUrl, PORT: '0', ...env },
        logFile: this.newLogFile(),
      }),
    );
  }

  /** Starts a program of `bench/` (`peers/x.ts`) and waits until it says that it listens. */
  async startProgram(
    path: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Listening> {
    return this.listening(SideProcess.program(path, args, { name: path, env, logFile: this.newLogFile() }));
  }

  /**
   * The CPU time, in milliseconds, that the start of an empty Nest application takes, the median of three: what is long for
   * the event loop on this machine is said in it.
   */
  async emptyNestCpuMs(): Promise<number> {
    const starts: number[] = [];
    while (starts.length < 3) {
      const options = { name: 'an empty Nest application', env: {}, logFile: this.newLogFile() };
      const { process } = await this.listening(SideProcess.emptyNest(options));
      starts.push(1_000 * process.cpuSeconds());
      await process.stop();
    }
    return median(starts);
  }

  /** A file for what a side process writes. */
  newLogFile(): string {
    this.processes += 1;
    return join(this.directory, `process-${this.processes}.log`);
  }

  /** CPU seconds that the whole of PostgreSQL has used so far, as far as its sessions are still open. */
  postgresCpuSeconds(): number {
    return treeCpuSeconds(this.server.pid);
  }

  /** Has something undone when the scenario ends, however it ends; the latest first. */
  onEnd(cleanUp: () => Promise<unknown>): void {
    this.cleanUps.push(cleanUp);
  }

  /** Undoes everything. */
  async end(): Promise<void> {
    for (const cleanUp of this.cleanUps.splice(0).reverse()) await cleanUp();
  }

  private async listening(process: SideProcess): Promise<Listening> {
    this.onEnd(() => process.stop());
    return { process, url: await process.listens() };
  }
}

/** The embedded PostgreSQL of a run, set up as the service sets up its own, with a migrated template database. */
export class BenchServer {
  private constructor(
    private readonly postgres: EmbeddedPostgres,
    private readonly directory: string,
  ) {}

  static async start(): Promise<BenchServer> {
    const directory = await mkdtemp(join(tmpdir(), 'execution-hooks-bench-'));
    const postgres = await startEmbeddedPostgres({
      dataDirectory: directory,
      notice: () => undefined,
      // After a checkpoint, the first change of a page logs all of it: which round that falls into is chance.
      settings: { max_wal_size: '32GB', checkpoint_timeout: '1h' },
    });
    const server = new BenchServer(postgres, directory);
    await execute(postgres.url, `CREATE DATABASE ${TEMPLATE}`);
    await migrate({
      url: withDatabase(postgres.url, TEMPLATE),
      connectionTimeoutMs: 10_000,
      notice: () => undefined,
    });
    return server;
  }

  get pid(): number {
    return this.postgres.pid;
  }

  /** @returns the URL of a new copy of the template */
  async newDatabase(): Promise<string> {
    const name = `bench_${randomBytes(6).toString('hex')}`;
    await execute(this.postgres.url, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    return withDatabase(this.postgres.url, name);
  }

  /** A context for one scenario, with a scratch folder of its own. */
  async context(
    id: string,
    { rounds, seed }: { readonly rounds: number; readonly seed: number },
  ): Promise<BenchContext> {
    const directory = join(this.directory, `scenario-${id}`);
    await mkdir(directory, { recursive: true });
    return new BenchContext(this, rounds, seed, directory);
  }

  async stop(): Promise<void> {
    await this.postgres.stop();
    await rm(this.directory, { recursive: true });
  }
}
