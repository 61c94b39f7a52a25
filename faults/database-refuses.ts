import { execFile } from 'node:child_process';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Answer } from '../test/support/conformance.js';
import { errorMessage } from '../src/database/error-code.js';
import { Deployment } from './deployment.js';
import { NotHere, type Proof, type Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const WRITES = 40;
const DISK = '192m';
const MIB = 1024 ** 2;

/** A database that is there and cannot be written to. */
export const databaseRefuses: Proof = {
  name: 'database-refuses',
  promise: 'a full disk and a read-only database are answered 503, reads go on, and it recovers without a restart',
  rounds: 3,
  unit: 'rounds',
  async run(trial) {
    const disk = await smallDisk(trial, 'disk');
    const service = await Deployment.start(trial, {
      dataDirectory: disk,
      logDirectory: await trial.folder('log'),
      postgres: { max_wal_size: '128MB', shared_buffers: '16MB' },
    });
    const id = await service.create(HOOKS, service.hook({ name: 'kept' }));
    const pids = service.replicas.map(({ pid }) => pid);
    for (let round = 1; round <= trial.rounds; round++) {
      await readOnly(trial, service, id, round);
      await fullDisk(trial, service, id, round, disk);
    }
    trial.saw(`${trial.rounds} × read-only, ${trial.rounds} × data disk full, no replica restarted`);
    const same = service.replicas.every(({ pid }, index) => pid !== undefined && pid === pids[index]);
    trial.expect(same, 'a replica ended');
    await fullLogDisk(trial);
  },
};

/** A file system in memory, of a size at which it is soon full. Mounting takes root. */
async function smallDisk(trial: Trial, name: string): Promise<string> {
  const directory = await trial.folder(name);
  try {
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0755`, 'tmpfs', directory]);
  } catch (error) {
    throw new NotHere(
      `it takes root (and CAP_SYS_ADMIN) to mount a small disk: ${errorMessage(error).split('\n')[0] ?? ''}`,
    );
  }
  trial.atEnd(async () => {
    // What ran on it has been told to end, and may take a moment.
    await promisify(execFile)('umount', ['--lazy', directory]);
  });
  return directory;
}

/** Takes all that is left of a file system. @returns what gives it back */
async function fill(directory: string): Promise<() => Promise<void>> {
  const ballast = join(directory, 'ballast');
  for (let piece = 0; ; piece++) {
    const { bavail, bsize } = await statfs(directory);
    const left = bavail * bsize;
    if (left === 0) {
      return async () => {
        for (let each = 0; each <= piece; each++) await rm(`${ballast}-${each}`, { force: true });
      };
    }
    await writeFile(`${ballast}-${piece}`, Buffer.alloc(Math.min(left, 16 * MIB))).catch(() => undefined);
  }
}

interface Tally {
  readonly made: string[];
  readonly refused: number;
}

/** Makes hooks at both replicas; what is not made is to be refused in the right way. */
async function write(trial: Trial, service: Deployment, prefix: string): Promise<Tally> {
  const made: string[] = [];
  let refused = 0;
  for (let turn = 0; turn < WRITES; turn++) {
    const name = `${prefix} ${turn}`;
    const body = service.hook({ name, description: 'x'.repeat(511), arguments: Array(16).fill('x'.repeat(127)) });
    const answer = await service.send(service.replica(turn % 2), 'POST', HOOKS, { body });
    if (answer.status === 201) made.push(name);
    else {
      refused += 1;
      expectUnavailable(trial, answer);
    }
  }
  return { made, refused };
}

function expectUnavailable(trial: Trial, { status, headers, text }: Answer): void {
  const isProblem = /problems\/(24|41)"/.test(text) && headers['content-type'] === 'application/problem+json';
  trial.expect(status === 503 && isProblem, `answered ${status} ${text}`);
}

/** Reads at both replicas go on. */
async function read(trial: Trial, service: Deployment, id: string): Promise<void> {
  for (const replica of service.replicas) {
    for (const path of [`${HOOKS}/${id}`, `${HOOKS}?limit=5`]) {
      const { status } = await service.send(replica, 'GET', path);
      trial.expect(status === 200, `GET ${path} answered ${status}`);
    }
  }
}

/** What was acknowledged is there, and what was refused is not. */
async function requireStored(
  trial: Trial,
  service: Deployment,
  prefix: string,
  names: readonly string[],
): Promise<void> {
  const hooks = await service.items<{ readonly name: string }>(HOOKS);
  const stored = hooks.map(({ name }) => name).filter((name) => name.startsWith(`${prefix} `));
  trial.expect(
    stored.toSorted().join() === [...names].sort().join(),
    `${prefix}: other hooks are there than were made`,
  );
}

async function readOnly(trial: Trial, service: Deployment, id: string, round: number): Promise<void> {
  const database = 'ALTER DATABASE execution_hooks';
  await service.postgres.execute(`${database} SET default_transaction_read_only = on`, 'postgres');
  await endSessions(service);
  const prefix = `read-only ${round}`;
  const { made, refused } = await write(trial, service, prefix);
  trial.expect(made.length === 0 && refused === WRITES, 'a read-only database was written to');
  await read(trial, service, id);
  await service.postgres.execute(`${database} RESET default_transaction_read_only`, 'postgres');
  await endSessions(service);
  const after = await write(trial, service, `${prefix} after`);
  trial.expect(after.refused === 0, `${after.refused} writes were refused when the database was writable again`);
  await requireStored(trial, service, prefix, after.made);
  trial.say(`read-only: ${refused} writes refused, then ${after.made.length} made`);
}

/** The setting counts for new sessions, as those after a switch-over would be. */
async function endSessions({ postgres }: Deployment): Promise<void> {
  await postgres.execute(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'execution-hooks'`,
  );
  await sleep(200);
}

/** No room for data; the write-ahead log is elsewhere, so that the server goes on. */
async function fullDisk(trial: Trial, service: Deployment, id: string, round: number, disk: string): Promise<void> {
  const prefix = `full ${round}`;
  const free = await fill(disk);
  let refused = 0;
  const made: string[] = [];
  // There is room left in the files that there are.
  for (let attempts = 0; refused === 0 && attempts < 20; attempts++) {
    const tally = await write(trial, service, `${prefix} ${attempts}`);
    refused += tally.refused;
    made.push(...tally.made);
  }
  trial.expect(refused > 0, 'the disk did not get full');
  await read(trial, service, id);
  await free();
  const after = await write(trial, service, `${prefix} after`);
  trial.expect(after.refused === 0, `${after.refused} writes were refused when there was room again`);
  await requireStored(trial, service, prefix, [...made, ...after.made]);
  trial.say(`disk full: ${refused} writes refused, then ${after.made.length} made`);
}

/** No room for the write-ahead log: Postgres itself ends, and is started again when there is room. */
async function fullLogDisk(trial: Trial): Promise<void> {
  const disk = await smallDisk(trial, 'log-disk');
  const service = await Deployment.start(trial, {
    dataDirectory: await trial.folder('data-of-log-disk'),
    logDirectory: disk,
    postgres: { min_wal_size: '32MB', max_wal_size: '64MB', wal_recycle: 'off' },
  });
  const free = await fill(disk);
  let refused = 0;
  const made: string[] = [];
  for (let attempts = 0; refused === 0 && attempts < 300; attempts++) {
    // The rest of the segment that is being written is soon used up.
    const switchLog = attempts % 10 === 9 ? service.postgres.execute('SELECT pg_switch_wal()', 'postgres') : undefined;
    await switchLog?.catch(() => undefined);
    const tally = await write(trial, service, `log ${attempts}`);
    refused += tally.refused;
    made.push(...tally.made);
  }
  trial.expect(refused > 0, 'the disk of the log did not get full');
  await free();
  await service.postgres.start();
  await Promise.all(service.replicas.map((replica) => replica.ready()));
  const after = await write(trial, service, 'log after');
  trial.expect(after.refused === 0, `${after.refused} writes were refused when Postgres was back`);
  await requireStored(trial, service, 'log', [...made, ...after.made]);
  trial.saw(
    `disk of the write-ahead log full: ${refused} refused, ${made.length} kept, then ${after.made.length} made`,
  );
}
