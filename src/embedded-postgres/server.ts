import { type ChildProcess, execFileSync, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROGRAM_ENVIRONMENT, type ServerAccount } from './server-account.js';

const POLL_MS = 20;
const STILL_STARTING_MS = 10_000;
/** Time for the orderly ends of a server, in milliseconds, before the next harder one. */
const FAST_SHUTDOWN_MS = 30_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;
const PORT_ATTEMPTS = 5;
/** How much of what the server says last is kept for an error, in characters. */
const LAST_WORDS = 2_000;

type Notice = (message: string) => void;

/** A server process of this process' own. */
export class Server {
  /** What it wrote last. */
  lastWords = '';
  /** Fulfilled when it has ended and has nothing more to say. */
  readonly ended: Promise<unknown>;
  private readonly isUp: Promise<boolean>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    log: Notice,
  ) {
    const hear = (line: string): void => {
      this.lastWords = `${this.lastWords}\n${line}`.trimStart().slice(-LAST_WORDS);
      log(line);
    };
    this.ended = once(child, 'close').catch((error: unknown) => {
      hear(String(error));
    });
    this.isUp = new Promise((resolve) => {
      const { stderr } = child;
      if (stderr === null) throw new Error('The server has no standard error.');
      createInterface(stderr).on('line', (line) => {
        hear(line);
        if (line.includes('database system is ready to accept connections')) resolve(true);
      });
      void this.ended.then(() => {
        resolve(false);
      });
    });
    const endWithService = (): void => {
      child.kill('SIGINT');
    };
    process.once('exit', endWithService);
    child.once('exit', () => process.off('exit', endWithService));
  }

  /**
   * Starts a server on a free port of the loopback interface and waits until it takes connections: recovery after a
   * crash takes as long as it takes.
   *
   * @param settings of PostgreSQL, by name
   * @param log hears what the server writes, line by line
   * @throws Error with what the server said when it does not come up
   */
  static async start(
    account: ServerAccount,
    program: string,
    directory: string,
    settings: Readonly<Record<string, string | number>>,
    { notice, log }: { readonly notice: Notice; readonly log: Notice },
  ): Promise<Server> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      // A session of its own: Ctrl-C in the terminal must reach the service only, which then stops the server.
      const options: SpawnOptions = { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: PROGRAM_ENVIRONMENT };
      const server = new Server(account.spawn(program, ['-D', directory, ...flags], options), port, log);
      const stillStarting = setInterval(() => {
        notice(`The embedded database is still starting; last it said: ${server.lastWords.split('\n').at(-1) ?? ''}`);
      }, STILL_STARTING_MS);
      const isUp = await server.isUp;
      clearInterval(stillStarting);
      if (isUp) return server;
      // Somebody else got the port between its choice and its use.
      if (attempt < PORT_ATTEMPTS && server.lastWords.includes('could not bind')) continue;
      throw new Error(`The embedded database did not start; it says: ${server.lastWords}`);
    }
  }

  /** Of its first process. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ends it in good order. */
  async stop(notice: Notice): Promise<void> {
    const { child } = this;
    await end(this.pid, () => child.exitCode === null && child.signalCode === null, notice);
  }
}

/** Ends the server that a killed service has left running, and removes the pid file that a killed server has left. */
export async function stopOrphan(directory: string, notice: Notice): Promise<void> {
  const pidFile = join(directory, 'postmaster.pid');
  const pid = Number.parseInt(attempt(() => readFileSync(pidFile, 'utf8')) ?? '', 10);
  if (!(pid > 0)) return;
  if (worksIn(pid, directory)) {
    notice(`A database server was left running by a service that was killed; stopping it (pid ${pid}).`);
    await end(pid, () => worksIn(pid, directory), notice);
  }
  // Postgres would take a stranger that has the pid by now for a running server, and refuse to start.
  rmSync(pidFile, { force: true });
}

/** Whether a process runs, is no zombie, and works in a directory, as a Postgres server does in its cluster's. */
export function worksIn(pid: number, directory: string): boolean {
  if (process.platform === 'linux') return attempt(() => readlinkSync(`/proc/${pid}/cwd`)) === directory;
  const command = attempt(() => execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }));
  return command?.includes(directory) ?? false;
}

/** Fast shutdown, then immediate (recovers at the next start), then the end of the process. */
async function end(pid: number, isRunning: () => boolean, notice: Notice): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
    ['SIGKILL', Infinity],
  ] as const) {
    if (!isRunning()) return;
    if (signal !== 'SIGINT') notice(`The database server does not end; sending it ${signal}.`);
    // It may have ended in between.
    attempt(() => process.kill(pid, signal));
    const deadline = Date.now() + patience;
    while (isRunning() && Date.now() < deadline) await sleep(POLL_MS);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
