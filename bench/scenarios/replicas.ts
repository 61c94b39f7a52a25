import { performance } from 'node:perf_hooks';
import type { BenchContext, Listening } from '../bench-context.js';
import { type Load, LoadClient, warmUp } from '../load.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Scenario } from '../scenario.js';
import { smallHooks } from './one-hook.js';

/** Of each process. */
const CONNECTIONS = 32;
const ROUND_MS = 2_000;
const WARM_UP_MS = 10_000;

/** Two processes of the service on one database, against one. */
export const replicas: Scenario = {
  id: 'S11',
  title: `two processes against one, ${CONNECTIONS} connections each`,
  async run(context) {
    const { url, requests } = await smallHooks(context);
    const pairs: Pair[] = [];
    while (pairs.length < 2) {
      pairs.push({ server: await context.startService(url), client: LoadClient.start(context) });
    }
    const sideOf = (count: number, connections: number): (() => Promise<Side>) => {
      const load: Load = { requests, connections, durationMs: ROUND_MS, status: 200 };
      return () => serve(context, pairs.slice(0, count), load);
    };
    for (const { server, client } of pairs) {
      const load: Load = { requests, connections: CONNECTIONS, status: 200 };
      await warmUp(client, server, load, WARM_UP_MS);
    }
    // A process is at its limit with as many requests under way as it gets from its connections, and what a request costs
    // depends on how many come together (ADR 0020): another replica is added when one has as many as it can serve.
    const rounds = await interleave(
      { one: sideOf(1, CONNECTIONS), two: sideOf(2, CONNECTIONS), spread: sideOf(2, CONNECTIONS / 2) },
      { rounds: context.rounds, warmUps: 1 },
    );
    const of = (side: keyof typeof rounds, figure: keyof Side): number[] => rounds[side].map((round) => round[figure]);
    const shares = (side: keyof typeof rounds): string =>
      `${side}: ${median(of(side, 'rate')).toFixed(0)}/s, ${share(of(side, 'service'))} of a core in the service, ` +
      `${share(of(side, 'postgres'))} in PostgreSQL, ${share(of(side, 'clients'))} in the clients`;
    // Each process on a core of its own serves as many requests as their CPU time allows.
    const capacity = (side: keyof typeof rounds, processes: number): number[] =>
      rounds[side].map(({ rate, service }) => (processes * rate) / service);
    const one = capacity('one', 1);
    const row = (what: string, ours: readonly number[], peer: readonly number[]) => ({
      scenario: 'S11',
      what,
      unit: 'requests/s',
      ours: median(ours),
      peer: median(peer),
      ratio: medianRatio(ours, peer),
    });
    return [
      measured({
        ...row(
          'GET of one hook: requests that two processes can serve, each on a core of its own, against one',
          capacity('two', 2),
          one,
        ),
        floor: { atLeast: 1.6 },
        details: `${CONNECTIONS} connections each; from the CPU time a request; ${shares('one')}; ${shares('two')}`,
      }),
      measured({
        ...row('the same, with the connections of one process spread over two', capacity('spread', 2), one),
        details: `for information: fewer requests come together in each; ${shares('spread')}`,
      }),
      measured({
        ...row(
          'the same: requests that came through, while clients and PostgreSQL share the cores with the processes',
          of('two', 'rate'),
          of('one', 'rate'),
        ),
        details: 'for information: it is the machine that is the limit once all shares together take all cores',
      }),
    ];
  },
};

/** A process of the service with a client of its own. */
interface Pair {
  readonly server: Listening;
  readonly client: LoadClient;
}

/** A round of one side; CPU in cores, that is seconds a second. */
interface Side {
  /** Requests a second. */
  readonly rate: number;
  readonly service: number;
  readonly postgres: number;
  readonly clients: number;
}

async function serve(context: BenchContext, pairs: readonly Pair[], load: Load): Promise<Side> {
  const cpu = (): Omit<Side, 'rate'> => ({
    service: pairs.reduce((sum, { server }) => sum + server.process.cpuSeconds(), 0),
    postgres: context.postgresCpuSeconds(),
    clients: pairs.reduce((sum, { client }) => sum + client.cpuSeconds(), 0),
  });
  const before = cpu();
  const start = performance.now();
  const results = await Promise.all(pairs.map(({ server, client }) => client.run(server.url, load)));
  const seconds = (performance.now() - start) / 1000;
  const after = cpu();
  return {
    rate: results.reduce((sum, { requests }) => sum + requests, 0) / seconds,
    service: (after.service - before.service) / seconds,
    postgres: (after.postgres - before.postgres) / seconds,
    clients: (after.clients - before.clients) / seconds,
  };
}

function share(values: readonly number[]): string {
  return median(values).toFixed(2);
}
