import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerAccount } from './server-account.js';

/** Who owns the cluster; the service itself is another role. */
export const SUPERUSER = 'postgres';

/** What is kept in the embedded server's directory. */
export interface Cluster {
  /** The server's data directory. */
  readonly directory: string;
  /** Of every role. */
  readonly password: string;
}

export interface ClusterOptions {
  /** The path of the program `initdb`. */
  readonly initdb: string;
  /** What `postgres --version` says. */
  readonly version: string;
  /** False when nothing has to be forced to the disk. */
  readonly durable: boolean;
  readonly notice: (message: string) => void;
}

/**
 * Makes the cluster in `home` on the first start, checks it on later ones.
 *
 * @param home closed to everyone but the server's account
 * @throws Error that says what to do when the password is missing or the data is another major version's
 */
export async function prepareCluster(home: string, account: ServerAccount, options: ClusterOptions): Promise<Cluster> {
  const directory = join(home, 'cluster');
  const passwordFile = join(home, 'password');
  if (existsSync(directory)) {
    checkVersion(home, directory, options.version);
    if (!existsSync(passwordFile)) {
      throw new Error(`The password of the embedded database is missing: restore the file ${passwordFile}.`);
    }
    return { directory, password: readFileSync(passwordFile, 'utf8').trim() };
  }
  options.notice(`Creating the database in ${home} (${options.version}).`);
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flush: true });
  // initdb has to read it.
  account.give(passwordFile);
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await account.run(options.initdb, [
    `--pgdata=${unfinished}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(options.durable ? [] : ['--no-sync']),
  ]);
  // Only a whole cluster ever gets the name, whenever the process is killed.
  renameSync(unfinished, directory);
  syncDirectory(home);
  return { directory, password };
}

function checkVersion(home: string, directory: string, version: string): void {
  const theirs = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  const ours = /(\d+)\./.exec(version)?.[1] ?? '';
  if (theirs === ours) return;
  throw new Error(
    `The data in ${home} is of PostgreSQL ${theirs}, this release of the service runs PostgreSQL ${ours}. ` +
      'Dump the data with the release that made it and restore it into an empty DATA_DIR, or set DATABASE_URL.',
  );
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
