import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext, Listening } from '../bench-context.js';
import { CommandProcess } from '../command-process.js';
import { EventLoopProbe, type LongestBlock } from '../event-loop-probe.js';
import { criteriaOf } from '../inventory/generated-criteria.js';
import { LoadClient, type LoadRequest, warmUp } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { type Floor, measured, type Measurement, type Scenario } from '../scenario.js';
import { nextRevision, seedAccount, type SeededAccount, seedHook, seedInventory } from '../seed.js';
import { getHook } from './one-hook.js';

const CONTAINERS = 100_000;

const FLOORS = {
  residentMiB: { atMost: 300 },
  /** Of the CPU time that an empty Nest application takes to start. */
  longestBlock: { atMost: 0.08 },
  p99ToQuiet: { atMost: 5 },
} as const;

const MIB = 1024 ** 2;

const SMALL_CONTAINERS = 50;
const SMALL_HOOKS = 20;

/** The small GETs of others, as many clients as S1 has: each asks again as soon as it is answered. */
const OTHERS = { connections: 32, status: 200 } as const;
/** Fewer, who come at a rate of their own, however busy the service is. */
const PACED = { perSecond: 300, connections: 16, status: 200 } as const;

/** Long enough for a 99th percentile. */
const QUIET_MS = 3_000;
const MATCHING_MS = 2_000;
const WARM_UP_MS = 10_000;
/** After a start, until the memory is that of a service that rests. */
const SETTLE_MS = 2_000;
const PACED_ROUNDS = 2;

/** What other clients, and the event loop, noticed of some work. */
interface Noticed extends LongestBlock {
  readonly p99Ms: number;
  readonly p50Ms: number;
  readonly requests: number;
  readonly seconds: number;
}

/** S9, and the memory of S8: whole ingests of 100,000 containers, and cold matches of them, while others read. */
export const otherClients: Scenario = {
  id: 'S9',
  title: 'what other clients notice of an ingest of 100,000 containers and of cold matches; memory of an ingest (S8)',
  run,
};

async function run(context: BenchContext): Promise<Measurement[]> {
  const { url, database } = await context.newDatabase();
  const small = await seedAccount(database, 'small');
  await seedInventory(database, small, SMALL_CONTAINERS, context.seed);
  const requests: LoadRequest[] = [];
  while (requests.length < SMALL_HOOKS) {
    const criteria = [{ type: 'containerImage', value: 'payroll' }] as const;
    requests.push(getHook(small, await seedHook(database, small, `hook ${requests.length}`, criteria)));
  }
  const large = await seedAccount(database, 'large');
  let seed = context.seed;
  const ingestInto = async ({ url: service }: Listening): Promise<() => Promise<Sent>> => {
    const sender = CommandProcess.program('sides/send-pod-list.ts', [
      `${service}${inventoryPath(large)}`,
      `Bearer ${large.token}`,
    ]);
    context.onEnd(() => sender.stop());
    await sender.answer();
    return async () => {
      const sent = await sender.ask<Sent>(JSON.stringify({ containers: CONTAINERS, seed: ++seed }));
      if (sent.status !== 200) throw new Error(`The ingest was answered ${sent.status}: ${sent.answer}`);
      return sent;
    };
  };
  const alone = await memoryOf(await context.startService(url), ingestInto);

  const emptyStartMs = await context.emptyNestCpuMs();
  const probe = new EventLoopProbe(context);
  const service = await context.startService(url, probe.env);
  const client = LoadClient.start(context);
  const matcher = LoadClient.start(context);
  await warmUp(client, service, { ...OTHERS, requests }, WARM_UP_MS);
  const ingest = await ingestInto(service);
  let hooks = 0;
  const match = async (): Promise<void> => {
    const end = performance.now() + MATCHING_MS;
    while (performance.now() < end) {
      hooks += 1;
      const criteria = criteriaOf('broad', 10, hooks);
      const request = getHook(large, await seedHook(database, large, `ten ${hooks}`, criteria));
      await nextRevision(database, large);
      await matcher.run(service.url, { requests: [request], connections: 1, status: 200 });
    }
  };
  const beside = (others: typeof OTHERS | typeof PACED): Record<Work, () => Promise<Noticed>> => {
    const noticed = async (work: () => Promise<unknown>): Promise<Noticed> => {
      await probe.longestBlock(service.process.pid);
      const result = await client.runDuring(service.url, { ...others, requests }, work);
      return { ...result, ...(await probe.longestBlock(service.process.pid)) };
    };
    return {
      quiet: async () => {
        // PostgreSQL does later what a write leaves behind: quiet is when that is done.
        await database.query({ text: 'VACUUM inventory_pods, apps, execution_hooks' });
        return noticed(() => sleep(QUIET_MS, undefined));
      },
      ingest: () => noticed(ingest),
      match: () => noticed(match),
    };
  };
  const rounds = await interleave(beside(OTHERS), { rounds: context.rounds, warmUps: 1 });
  const paced = await interleave(beside(PACED), { rounds: PACED_ROUNDS, warmUps: 0 });
  return [
    alone,
    ...(['ingest', 'match'] as const).flatMap((work) => [
      longestBlock(work, rounds, emptyStartMs),
      p99(work, rounds, `${OTHERS.connections} clients without a pause`, FLOORS.p99ToQuiet),
      p99(work, paced, `${PACED.perSecond} a second`, undefined),
    ]),
  ];
}

type Work = 'quiet' | 'ingest' | 'match';
type Rounds = Readonly<Record<Work, readonly Noticed[]>>;

const NAMES = { ingest: 'an ingest', match: 'cold matches of ten criteria' } as const;

/** Two ingests, one after the other, that have the service for themselves. */
async function memoryOf(
  service: Listening,
  ingestInto: (service: Listening) => Promise<() => Promise<Sent>>,
): Promise<Measurement> {
  await sleep(SETTLE_MS);
  const idle = service.process.residentBytes();
  const ingest = await ingestInto(service);
  await ingest();
  const { bytes, wallMs } = await ingest();
  const peak = service.process.residentBytes('peak');
  await service.process.stop();
  return measured({
    scenario: 'S8',
    what: 'peak memory of an ingest, above idle',
    unit: 'MiB',
    ours: (peak - idle) / MIB,
    floor: FLOORS.residentMiB,
    details: `two of ${(bytes / MIB).toFixed(0)} MiB, the second in ${(wallMs / 1000).toFixed(1)} s; idle ${(idle / MIB).toFixed(0)} MiB`,
  });
}

function longestBlock(work: 'ingest' | 'match', rounds: Rounds, emptyStartMs: number): Measurement {
  return measured({
    scenario: 'S9',
    what: `longest block of the event loop during ${NAMES[work]}, against the start of an empty Nest application`,
    unit: 'ms CPU',
    ours: Math.max(...rounds[work].map(({ longestMs }) => longestMs)),
    peer: emptyStartMs,
    floor: FLOORS.longestBlock,
    details: `${Math.max(...rounds[work].map(({ wallMs }) => wallMs)).toFixed(0)} ms on the wall clock`,
  });
}

function p99(work: 'ingest' | 'match', rounds: Rounds, others: string, floor: Floor | undefined): Measurement {
  const of = (side: Work, figure: keyof Noticed): number[] => rounds[side].map((round) => round[figure]);
  return measured({
    scenario: 'S9',
    what: `small GETs during ${NAMES[work]}, ${others}: p99, against quiet`,
    unit: 'ms',
    ours: median(of(work, 'p99Ms')),
    peer: median(of('quiet', 'p99Ms')),
    ratio: medianRatio(of(work, 'p99Ms'), of('quiet', 'p99Ms')),
    ...(floor === undefined ? {} : { floor }),
    details:
      `p50 ${median(of(work, 'p50Ms')).toFixed(2)} ms, quiet ${median(of('quiet', 'p50Ms')).toFixed(2)} ms; ` +
      `the worst p99 ${Math.max(...of(work, 'p99Ms')).toFixed(1)} ms; ` +
      `${median(of(work, 'seconds')).toFixed(1)} s and ${median(of(work, 'requests'))} requests a round`,
  });
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
