import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchContext } from '../bench-context.js';
import { CommandProcess } from '../command-process.js';
import { EventLoopProbe, type LongestBlock } from '../event-loop-probe.js';
import { criteriaOf } from '../inventory/generated-criteria.js';
import { LoadClient, type LoadRequest, warmUp } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { nextRevision, seedAccount, type SeededAccount, seedHook, seedInventory } from '../seed.js';
import { getHook } from './one-hook.js';

const CONTAINERS = 100_000;

const FLOORS = {
  residentMiB: { atMost: 300 },
  longestBlockMs: { atMost: 50 },
  p99ToQuiet: { atMost: 5 },
} as const;

const MIB = 1024 ** 2;

const SMALL_CONTAINERS = 50;
const SMALL_HOOKS = 20;

/**
 * The small GETs of others: at a rate that leaves the service mostly idle, as clients come that know nothing of each
 * other and of how busy the service is. Clients that wait for each answer would send fewest when answers are slowest.
 */
const OTHERS = { perSecond: 300, connections: 16, status: 200 } as const;

/** Long enough for a 99th percentile. */
const QUIET_MS = 3_000;
const MATCHING_MS = 2_000;
const WARM_UP_MS = 10_000;
const WARM_UP_CONNECTIONS = 32;

/** What other clients, and the event loop, noticed of some work. */
interface Noticed extends LongestBlock {
  readonly p99Ms: number;
  readonly p50Ms: number;
  readonly requests: number;
  /** What an ingest sent. */
  readonly sent: Sent | undefined;
}

/** S9, and the memory of S8: whole ingests of 100,000 containers, and cold matches of them, while others read. */
export const otherClients: Scenario = {
  id: 'S9',
  title: 'what other clients notice of an ingest of 100,000 containers and of a cold match; memory of an ingest (S8)',
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

  const probe = new EventLoopProbe(context);
  const service = await context.startService(url, probe.env);
  const { pid } = service.process;
  const client = LoadClient.start(context);
  const matcher = LoadClient.start(context);
  await warmUp(client, service, { requests, connections: WARM_UP_CONNECTIONS, status: 200 }, WARM_UP_MS);
  const idle = service.process.residentBytes();
  const noticed = async (work: () => Promise<Sent | undefined>): Promise<Noticed> => {
    await probe.longestBlock(pid);
    let sent: Sent | undefined;
    const result = await client.runDuring(service.url, { ...OTHERS, requests }, async () => {
      sent = await work();
    });
    return { ...result, ...(await probe.longestBlock(pid)), sent };
  };

  const sender = CommandProcess.program('sides/send-pod-list.ts', [
    `${service.url}${inventoryPath(large)}`,
    `Bearer ${large.token}`,
  ]);
  context.onEnd(() => sender.stop());
  await sender.answer();
  let seed = context.seed;
  let hooks = 0;
  const rounds = await interleave(
    {
      quiet: async () => {
        // PostgreSQL does later what a write leaves behind: quiet is when that is done.
        await database.query({ text: 'VACUUM inventory_pods, apps, execution_hooks' });
        return noticed(() => sleep(QUIET_MS, undefined));
      },
      ingest: () =>
        noticed(async () => {
          const sent = await sender.ask<Sent>(JSON.stringify({ containers: CONTAINERS, seed: ++seed }));
          if (sent.status !== 200) throw new Error(`The ingest was answered ${sent.status}: ${sent.answer}`);
          return sent;
        }),
      match: async () => {
        const end = performance.now() + MATCHING_MS;
        return noticed(async () => {
          while (performance.now() < end) {
            hooks += 1;
            const criteria = criteriaOf('broad', 10, hooks);
            const request = getHook(large, await seedHook(database, large, `ten ${hooks}`, criteria));
            await nextRevision(database, large);
            await matcher.run(service.url, { requests: [request], connections: 1, status: 200 });
          }
        });
      },
    },
    { rounds: context.rounds, warmUps: 1 },
  );
  const peak = service.process.residentBytes('peak');

  const of = (side: keyof typeof rounds, figure: 'p50Ms' | 'p99Ms' | 'longestMs' | 'wallMs' | 'requests'): number[] =>
    rounds[side].map((round) => round[figure]);
  const p99 = (what: string, side: 'ingest' | 'match'): Measurement =>
    measured({
      scenario: 'S9',
      what: `small GETs during ${what}: p99, against quiet`,
      unit: 'ms',
      ours: median(of(side, 'p99Ms')),
      peer: median(of('quiet', 'p99Ms')),
      ratio: medianRatio(of(side, 'p99Ms'), of('quiet', 'p99Ms')),
      floor: FLOORS.p99ToQuiet,
      details:
        `${OTHERS.perSecond} a second; p50 ${median(of(side, 'p50Ms')).toFixed(2)} ms, quiet ` +
        `${median(of('quiet', 'p50Ms')).toFixed(2)} ms; the worst p99 ${Math.max(...of(side, 'p99Ms')).toFixed(1)} ms; ` +
        `${median(of(side, 'requests'))} requests a round`,
    });
  const block = (what: string, side: 'ingest' | 'match'): Measurement =>
    measured({
      scenario: 'S9',
      what: `longest block of the event loop during ${what}`,
      unit: 'ms',
      ours: Math.max(...of(side, 'longestMs')),
      floor: FLOORS.longestBlockMs,
      details: `${Math.max(...of(side, 'wallMs')).toFixed(0)} ms on the wall clock`,
    });
  const sent = rounds.ingest.flatMap((round) => round.sent ?? []);
  const mebibytes = median(sent.map(({ bytes }) => bytes)) / MIB;
  return [
    measured({
      scenario: 'S8',
      what: 'peak memory of an ingest, above idle',
      unit: 'MiB',
      ours: (peak - idle) / MIB,
      floor: FLOORS.residentMiB,
      details:
        `${mebibytes.toFixed(0)} MiB sent in ${(median(sent.map(({ wallMs }) => wallMs)) / 1000).toFixed(1)} s, ` +
        `again and again; idle ${(idle / MIB).toFixed(0)} MiB`,
    }),
    block('an ingest', 'ingest'),
    p99('an ingest', 'ingest'),
    block('a cold match of ten criteria', 'match'),
    p99('a cold match of ten criteria', 'match'),
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
