import type { BenchContext, Listening } from '../bench-context.js';
import { LoadClient, loadRound, type LoadRequest } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { requireSameAnswers } from '../same-answers.js';
import { measured, type Scenario } from '../scenario.js';
import { nextRevision, seedAccount, seedHook, seedInventory } from '../seed.js';
import { getHook, smallHooks } from './one-hook.js';

const CONTAINERS = 100_000;
/** Requests of one round, one after the other: CPU time is counted in steps of 10 ms. */
const FIRST_REQUESTS = 2;
const AGAIN_REQUESTS = 50;
const SMALL_REQUESTS = 400;

/** GET of a hook that matches one in a hundred of many containers, against the naive way. */
export const largeApp: Scenario = {
  id: 'S5',
  title: `GET of a hook that matches 1 % of ${CONTAINERS} containers`,
  async run(context) {
    const { url, database } = await context.newDatabase();
    const account = await seedAccount(database, 'large');
    await seedInventory(database, account, CONTAINERS, context.seed);
    const id = await seedHook(database, account, 'payroll', [{ type: 'containerImage', value: 'payroll' }]);
    const request = getHook(account, id);
    const service = await context.startService(url);
    const naive = await context.startProgram('peers/nest-service.ts', [], { DATABASE_URL: url });
    await requireSameAnswers([service, naive], request, 'values');
    const small = await smallHooks(context);
    const smallService = await context.startService(small.url);

    const once = requests(context, request);
    const onceSmall = requests(context, ...small.requests);
    const rounds = await interleave(
      {
        first: () =>
          repeated(FIRST_REQUESTS, async () => {
            await nextRevision(database, account);
            return once(service, 1);
          }),
        again: () => once(service, AGAIN_REQUESTS),
        fromRows: async () => {
          await nextRevision(database, account, 'rows only');
          const cost = await once(service, 1);
          await nextRevision(database, account);
          return cost;
        },
        naive: () => once(naive, 1),
        small: () => onceSmall(smallService, SMALL_REQUESTS),
      },
      { rounds: context.rounds, warmUps: 1 },
    );
    const cpu = (side: keyof typeof rounds): number[] => rounds[side].map(({ cpuMs }) => cpuMs);
    const compared = (side: 'first' | 'again' | 'fromRows', beside: 'naive' | 'small') => ({
      scenario: 'S5',
      unit: 'ms CPU a request',
      ours: median(cpu(side)),
      peer: median(cpu(beside)),
      ratio: medianRatio(cpu(side), cpu(beside)),
      details: [side, beside]
        .map((each) => `${each} ${median(rounds[each].map(({ ms }) => ms)).toFixed(2)} ms`)
        .join(', '),
    });
    return [
      measured({
        ...compared('first', 'naive'),
        what: 'GET of a hook that matches 1 % of 100,000: first after a new revision, against the naive way',
        floor: { atMost: 1 / 8 },
      }),
      measured({
        ...compared('fromRows', 'naive'),
        what: 'the same: first after an older release has written the rows, and no copy of them',
      }),
      measured({
        ...compared('again', 'naive'),
        what: 'the same: again, against the naive way',
        floor: { atMost: 1 / 40 },
      }),
      measured({ ...compared('again', 'small'), what: "the same: again, against S1's request", floor: { atMost: 3 } }),
    ];
  },
};

interface Cost {
  /** CPU time of the server process a request, in milliseconds. */
  readonly cpuMs: number;
  /** Median time of an answer, in milliseconds. */
  readonly ms: number;
}

/** Sends requests on one connection, one after the other. */
function requests(
  context: BenchContext,
  ...load: readonly LoadRequest[]
): (server: Listening, count: number) => Promise<Cost> {
  const client = LoadClient.start(context);
  return async (server, count) => {
    const all = Array.from({ length: count }, (_, n) => load[n % load.length]).filter((each) => each !== undefined);
    const { cpuPerRequest, p50Ms } = await loadRound(context, client, server, {
      requests: all,
      connections: 1,
      status: 200,
    });
    return { cpuMs: cpuPerRequest / 1000, ms: p50Ms };
  };
}

async function repeated(times: number, request: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  while (costs.length < times) costs.push(await request());
  const mean = (of: (cost: Cost) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0) / times;
  return { cpuMs: mean(({ cpuMs }) => cpuMs), ms: mean(({ ms }) => ms) };
}
