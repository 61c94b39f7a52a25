import { type ChildProcess, execFile, spawn, type SpawnOptions } from 'node:child_process';
import { chownSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { errorMessage } from '../database/error-code.js';

/** What of the service's environment the server gets to see: no PG… variables, no settings of the service. */
export const PROGRAM_ENVIRONMENT: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

interface User {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/**
 * The system account that the embedded server runs under: the service's own, except that Postgres refuses to run as
 * root. For root it is the owner of the data directory, or `nobody` where root owns that too; never a new one.
 */
export class ServerAccount {
  private constructor(
    /** Whom the server's files must belong to; undefined when that is the service's own account. */
    private readonly owner: User | undefined,
    /** A program and its arguments that switches to the account and runs what follows; empty where Node can. */
    private readonly wrapper: readonly string[],
  ) {}

  /** The account for a server's directory, without yet knowing how programs are started under it. */
  static ownerFor(...directories: string[]): User | undefined {
    if (process.getuid?.() !== 0) return undefined;
    const users = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
    for (const directory of directories) {
      const uid = statSync(directory, { throwIfNoEntry: false })?.uid;
      // initdb wants its user to have a name.
      const user = users.find((each) => each.uid === uid && each.uid !== 0);
      if (user !== undefined) return user;
    }
    const nobody = users.find((each) => each.name === 'nobody');
    if (nobody === undefined) {
      throw new Error(
        'The embedded database does not run as root, and there is no user "nobody" to run it as: ' +
          'start the service as an ordinary user, or set DATABASE_URL.',
      );
    }
    return nobody;
  }

  /**
   * Finds a way to run a program as `owner` such that it reaches itself and the directory, by trying: plainly, then
   * (root, Linux) with the one capability that lets it walk through directories closed to others, as the home
   * directory of root usually is, then with the stronger one that containers are usually granted.
   *
   * @returns the account, and what the program answers to `--version`.
   * @throws Error that says what to do when there is no such way.
   */
  static async find(
    owner: User | undefined,
    directory: string,
    program: string,
  ): Promise<{ account: ServerAccount; version: string }> {
    const wrappers = [[], ...(owner === undefined ? [] : CAPABILITIES.map((each) => setpriv(owner, each)))];
    const failures: string[] = [];
    for (const wrapper of wrappers) {
      const account = new ServerAccount(owner, wrapper);
      try {
        const version = await account.run('/bin/sh', [
          '-c',
          'test -w "$0" && test -x "$0" || { echo "$0 cannot be reached" >&2; exit 1; }; exec "$1" --version',
          directory,
          program,
        ]);
        return { account, version: version.trim() };
      } catch (error) {
        failures.push(errorMessage(error).trim());
      }
    }
    const who = owner === undefined ? 'this user' : `the user "${owner.name}" (Postgres refuses to run as root)`;
    throw new Error(
      `The embedded database cannot be run as ${who} with its programs in ${program} and its data in ${directory}. ` +
        'Set DATA_DIR to a directory, and install the service in one, that this user can reach; or start the service ' +
        `as an ordinary user; or set DATABASE_URL. What was tried: ${failures.join(' | ')}`,
    );
  }

  /** Runs a program to its end and returns what it printed. @throws Error with what it printed on stderr. */
  async run(program: string, args: readonly string[]): Promise<string> {
    const [command, commandArgs] = this.command(program, args);
    try {
      const options = { ...this.identity(), env: PROGRAM_ENVIRONMENT };
      const { stdout } = await promisify(execFile)(command, commandArgs, options);
      return stdout;
    } catch (error) {
      // What the program said is the reason; Node's own message is the whole command line.
      const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
      throw said === '' ? error : new Error(said, { cause: error });
    }
  }

  /** Makes a file the account's. */
  give(path: string): void {
    if (this.owner !== undefined) chownSync(path, this.owner.uid, this.owner.gid);
  }

  /** Starts a program; options as for `child_process.spawn`. */
  spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const [command, commandArgs] = this.command(program, args);
    return spawn(command, commandArgs, { ...options, ...this.identity() });
  }

  private command(program: string, args: readonly string[]): [string, string[]] {
    const [command = program, ...rest] = [...this.wrapper, program, ...args];
    return [command, rest];
  }

  /** Node drops root's supplementary groups together with the user id. */
  private identity(): { uid?: number; gid?: number } {
    return this.owner === undefined || this.wrapper.length > 0 ? {} : { uid: this.owner.uid, gid: this.owner.gid };
  }
}

const CAPABILITIES = ['dac_read_search', 'dac_override'];

/**
 * util-linux's switch of user that leaves one capability. `no_setuid_fixup` lets it count in access(2) too, with
 * which Postgres looks for its own program.
 */
function setpriv(user: User, capability: string): string[] {
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--securebits=+no_setuid_fixup',
    `--bounding-set=-all,+${capability}`,
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
    '--',
  ];
}
