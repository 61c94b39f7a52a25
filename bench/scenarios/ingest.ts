import type { BenchContext, BenchDatabase } from '../bench-context.js';
import { CommandProcess } from '../command-process.js';
import type { PodListContent } from '../inventory/pod-list.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { seedAccount } from '../seed.js';

const CONTAINERS = 100_000;

/** As much of the list as is parsed in one round. */
const PARSED_CONTAINERS = 5_000;

const FLOORS = {
  databaseToCopy: { atMost: 1.7 },
  parseToBare: { atMost: 1.8 },
  unchangedToReplaced: { atMost: 0.02 },
  unchangedWalBytes: { atMost: 0 },
  changedWal: { atMost: 0.05 },
} as const;

const MIB = 1024 ** 2;

/** S8: an inventory of 100,000 containers is taken in. */
export const ingest: Scenario = {
  id: 'S8',
  title: 'ingest of 100,000 containers: reading the list, writing the rows',
  run: async (context) => [...(await parse(context)), ...(await write(context))],
};

async function parse(context: BenchContext): Promise<Measurement[]> {
  const content: PodListContent = { containers: PARSED_CONTAINERS, seed: context.seed };
  const side = CommandProcess.program('sides/parse-pod-list.ts', [JSON.stringify(content)]);
  context.onEnd(() => side.stop());
  const { bytes } = await side.answer<{ bytes: number }>();
  const cpuMs = async (command: string): Promise<number> => (await side.ask<{ cpuMs: number }>(command)).cpuMs;
  const { bare, ingesting } = await interleave(
    { bare: () => cpuMs('bare'), ingesting: () => cpuMs('ingest') },
    { rounds: context.rounds, warmUps: 2 },
  );
  await side.stop();
  return [
    measured({
      scenario: 'S8',
      what: 'reading a pod list, up to the database, against a bare pass of the framing parser',
      unit: 'ms CPU',
      ours: median(ingesting),
      peer: median(bare),
      ratio: medianRatio(ingesting, bare),
      floor: FLOORS.parseToBare,
      details: `${(bytes / MIB).toFixed(0)} MiB; ${(bytes / MIB / (median(ingesting) / 1000)).toFixed(0)} MiB a second of CPU`,
    }),
  ];
}

/** What one writing of rows took: CPU of PostgreSQL and of the writer, and the bytes of its write-ahead log. */
interface Writing {
  readonly cpuMs: number;
  readonly wal: number;
}

async function write(context: BenchContext): Promise<Measurement[]> {
  const { url, database } = await context.newDatabase();
  const { accountID, appID } = await seedAccount(database, 'ingest');
  const ours = CommandProcess.program('sides/write-inventory.ts', [url, accountID, appID]);
  context.onEnd(() => ours.stop());
  const peer = CommandProcess.program('peers/copy-inventory.ts', [url]);
  context.onEnd(() => peer.stop());
  await Promise.all([ours.answer(), peer.answer()]);

  const writing = async (side: CommandProcess, command: string): Promise<Writing> => {
    const [postgresCpu, position] = [context.postgresCpuSeconds(), await walPosition(database)];
    const { cpuMs } = await side.ask<{ cpuMs: number }>(command);
    const wal = (await walPosition(database)) - position;
    return { cpuMs: cpuMs + 1000 * (context.postgresCpuSeconds() - postgresCpu), wal };
  };
  const write = (seed: number, changedOneIn?: number): Promise<Writing> =>
    writing(
      ours,
      JSON.stringify({ containers: CONTAINERS, seed, ...(changedOneIn === undefined ? {} : { changedOneIn }) }),
    );
  let seed = context.seed;
  const rounds = await interleave(
    {
      replaced: () => write(++seed),
      unchanged: () => write(seed),
      changed: () => write(seed, 100),
      copied: async () => {
        await peer.ask('read');
        return writing(peer, 'write');
      },
    },
    { rounds: context.rounds, warmUps: 1 },
  );
  await Promise.all([ours.stop(), peer.stop()]);
  const cpu = (writings: readonly Writing[]): number[] => writings.map(({ cpuMs }) => cpuMs);
  const wal = (writings: readonly Writing[]): number[] => writings.map((each) => each.wal);
  return [
    measured({
      scenario: 'S8',
      what: `database part of a full replacement, against DELETE + COPY of the same rows`,
      unit: 'ms CPU',
      ours: median(cpu(rounds.replaced)),
      peer: median(cpu(rounds.copied)),
      ratio: medianRatio(cpu(rounds.replaced), cpu(rounds.copied)),
      floor: FLOORS.databaseToCopy,
      details: `CPU of PostgreSQL and of the writer; ${(median(wal(rounds.replaced)) / MIB).toFixed(0)} MiB of WAL`,
    }),
    measured({
      scenario: 'S8',
      what: 'an unchanged snapshot, against a replacement',
      unit: 'ms CPU',
      ours: median(cpu(rounds.unchanged)),
      peer: median(cpu(rounds.replaced)),
      ratio: medianRatio(cpu(rounds.unchanged), cpu(rounds.replaced)),
      floor: FLOORS.unchangedToReplaced,
      details: '',
    }),
    measured({
      scenario: 'S8',
      what: 'an unchanged snapshot: write-ahead log, in which each row written would be',
      unit: 'bytes',
      ours: median(wal(rounds.unchanged)),
      floor: FLOORS.unchangedWalBytes,
      details: '',
    }),
    measured({
      scenario: 'S8',
      what: '1 % of the containers changed: WAL, against a replacement',
      unit: 'MiB of WAL',
      ours: median(wal(rounds.changed)) / MIB,
      peer: median(wal(rounds.replaced)) / MIB,
      ratio: medianRatio(wal(rounds.changed), wal(rounds.replaced)),
      floor: FLOORS.changedWal,
      details: `${median(cpu(rounds.changed)).toFixed(0)} ms CPU`,
    }),
  ];
}

/** Bytes of write-ahead log that the server has written so far. */
async function walPosition(database: BenchDatabase['database']): Promise<number> {
  const [row] = await database.query<{ position: string }>({
    text: `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS position`,
  });
  return Number(row?.position);
}
