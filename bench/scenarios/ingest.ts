import type { BenchContext, BenchDatabase, Listening } from '../bench-context.js';
import { CommandProcess } from '../command-process.js';
import { EventLoopProbe } from '../event-loop-probe.js';
import { criteriaOf } from '../inventory/generated-criteria.js';
import type { PodListContent } from '../inventory/pod-list.js';
import { LoadClient, type LoadRequest, type LoadResult } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { seedAccount, type SeededAccount, seedHook, seedInventory } from '../seed.js';
import { getHook } from './one-hook.js';

const CONTAINERS = 100_000;

/** As much of the list as is parsed in one round. */
const PARSED_CONTAINERS = 5_000;

const FLOORS = {
  databaseToCopy: { atMost: 1.7 },
  parseToBare: { atMost: 2 },
  unchangedToReplaced: { atMost: 0.3 },
  changedWal: { atMost: 0.05 },
  residentMiB: { atMost: 300 },
  longestBlockMs: { atMost: 50 },
  p99ToQuiet: { atMost: 5 },
} as const;

const MIB = 1024 ** 2;

/** S8 and S9: an inventory of 100,000 containers is taken in, while others read. */
export const ingest: Scenario = {
  id: 'S8',
  title: 'ingest of 100,000 containers (S8), and what other clients notice of it (S9)',
  run: async (context) => [...(await parse(context)), ...(await write(context)), ...(await wholeIngest(context))],
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
  const rowsWritten = median(wal(rounds.unchanged));
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
      details: `${rowsWritten} bytes of WAL`,
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

const SMALL_CONTAINERS = 50;
const SMALL_HOOKS = 20;
const CONNECTIONS = 2;
const SLICE_MS = 1_000;

async function wholeIngest(context: BenchContext): Promise<Measurement[]> {
  const { url, database } = await context.newDatabase();
  const small = await seedAccount(database, 'small');
  await seedInventory(database, small, SMALL_CONTAINERS, context.seed);
  const requests: LoadRequest[] = [];
  while (requests.length < SMALL_HOOKS) {
    const criteria = [{ type: 'containerImage', value: 'payroll' }] as const;
    requests.push(getHook(small, await seedHook(database, small, `hook ${requests.length}`, criteria)));
  }
  const large = await seedAccount(database, 'large');
  const hook = getHook(large, await seedHook(database, large, 'ten', criteriaOf('broad', 10, 0)));

  const probe = new EventLoopProbe(context);
  const service = await context.startService(url, probe.env);
  const others = new Others(LoadClient.start(context), service, requests);
  await others.slice();
  const quiet = [await others.slice(), await others.slice(), await others.slice()];
  const idle = service.process.residentBytes();
  await probe.longestBlock(service.process.pid);

  const sender = CommandProcess.program('sides/send-pod-list.ts', [
    `${service.url}${inventoryPath(large)}`,
    `Bearer ${large.token}`,
  ]);
  context.onEnd(() => sender.stop());
  await sender.answer();
  const sending = sender.ask<Sent>(JSON.stringify({ containers: CONTAINERS, seed: context.seed }));
  const duringIngest = await others.slicesUntil(sending);
  const sent = await sending;
  if (sent.status !== 200) throw new Error(`The ingest was answered ${sent.status}: ${sent.answer}`);
  const peak = service.process.residentBytes('peak');
  const ingestBlock = await probe.longestBlock(service.process.pid);

  const matching = fetch(`${service.url}${hook.path}`, { headers: hook.headers }).then((answer) => answer.text());
  const duringMatch = await others.slicesUntil(matching);
  const matchBlock = await probe.longestBlock(service.process.pid);

  const p99 = (slices: readonly LoadResult[]): number => median(slices.map(({ p99Ms }) => p99Ms));
  const noticed = (what: string, slices: readonly LoadResult[]): Measurement =>
    measured({
      scenario: 'S9',
      what: `small GETs during ${what}: p99, against quiet`,
      unit: 'ms',
      ours: p99(slices),
      peer: p99(quiet),
      floor: FLOORS.p99ToQuiet,
      details: `${slices.length} slices of ${SLICE_MS} ms, the worst p99 ${Math.max(...slices.map(({ p99Ms }) => p99Ms)).toFixed(1)} ms`,
    });
  const block = (what: string, { longestMs, wallMs }: { longestMs: number; wallMs: number }): Measurement =>
    measured({
      scenario: 'S9',
      what: `longest block of the event loop during ${what}`,
      unit: 'ms',
      ours: longestMs,
      floor: FLOORS.longestBlockMs,
      details: `${wallMs.toFixed(0)} ms on the wall clock`,
    });
  return [
    measured({
      scenario: 'S8',
      what: 'peak memory of an ingest, above idle',
      unit: 'MiB',
      ours: (peak - idle) / MIB,
      floor: FLOORS.residentMiB,
      details: `${(sent.bytes / MIB).toFixed(0)} MiB sent in ${(sent.wallMs / 1000).toFixed(1)} s; idle ${(idle / MIB).toFixed(0)} MiB`,
    }),
    block('an ingest', ingestBlock),
    noticed('an ingest', duringIngest),
    block('a cold match of ten criteria', matchBlock),
    noticed('a cold match of ten criteria', duringMatch),
  ];
}

interface Sent {
  readonly status: number;
  readonly answer: string;
  readonly bytes: number;
  readonly wallMs: number;
}

function inventoryPath({ accountID, appID }: SeededAccount): string {
  return `/accounts/${accountID}/k8s/v1/apps/${appID}/inventory`;
}

/** Other clients, who read small hooks a slice of time after the other. */
class Others {
  constructor(
    private readonly client: LoadClient,
    private readonly service: Listening,
    private readonly requests: readonly LoadRequest[],
  ) {}

  slice(): Promise<LoadResult> {
    const { requests } = this;
    return this.client.run(this.service.url, { requests, connections: CONNECTIONS, durationMs: SLICE_MS, status: 200 });
  }

  /** At least one slice, and as many as begin before the work is done. */
  async slicesUntil(work: Promise<unknown>): Promise<LoadResult[]> {
    const slices: LoadResult[] = [];
    const progress = { isDone: false };
    const done = work.finally(() => {
      progress.isDone = true;
    });
    do slices.push(await this.slice());
    while (!progress.isDone);
    await done;
    return slices;
  }
}
