import { EventLoopProbe } from '../event-loop-probe.js';
import { compareLoads, type Load, LoadClient, loadRound, warmUp } from '../load.js';
import { interleave } from '../rounds.js';
import { measured, type Scenario } from '../scenario.js';
import { seedAccount, seedHook, seedInventory } from '../seed.js';
import { getHook } from './one-hook.js';

const CONTAINERS = 100_000;

/** Of a round: CPU time is counted in steps of 10 ms, so that a round has to take many of them. */
const REQUESTS = 40;

/** Rounds for each that is asked for: whether the reader is awake when a piece is written decides a third of its cost. */
const MORE_ROUNDS = 3;

/** The most milliseconds that a side is made warm for, before the long answer is asked for. */
const WARM_UP_MS = 5_000;

/** A criterion that no container meets. */
const NOTHING = { type: 'containerImage', value: '^$' } as const;

const MOST_OF_A_WRITE = 1.2;
/** Of the CPU time that an empty Nest application takes to start. */
const LONGEST_BLOCK = 0.08;

/** S6: the longest answer that a single hook has. */
export const wholeInventory: Scenario = {
  id: 'S6',
  title: 'GET of a hook that matches all of 100,000 containers, against the socket write of the same bytes',
  async run(context) {
    const { url, database } = await context.newDatabase();
    const account = await seedAccount(database, 'large');
    await seedInventory(database, account, CONTAINERS, context.seed);
    const request = getHook(account, await seedHook(database, account, 'everything', []));
    const probe = new EventLoopProbe(context);
    const service = await context.startService(url);
    // Watching costs CPU time too.
    const watched = await context.startService(url, probe.env);
    const client = LoadClient.start(context);
    const load: Load = { requests: Array.from({ length: REQUESTS }, () => request), connections: 1, status: 200 };
    await probe.longestBlock(watched.process.pid);
    await client.run(watched.url, { ...load, requests: [request] });
    const cold = await probe.longestBlock(watched.process.pid);
    await client.run(watched.url, load);
    const warm = await probe.longestBlock(watched.process.pid);
    await watched.process.stop();
    const { authorization = '' } = request.headers;
    const prebuilt = await context.startProgram('peers/prebuilt-server.ts', [
      `${service.url}${request.path}`,
      authorization,
    ]);
    // V8 compiles what runs often, and a service that answers others too is warm; the other side has no other answer.
    const small = getHook(account, await seedHook(database, account, 'nothing', [NOTHING]));
    await warmUp(client, service, { ...load, requests: [small] }, WARM_UP_MS);
    await warmUp(client, prebuilt, load, WARM_UP_MS);
    const rounds = await interleave(
      {
        service: () => loadRound(context, client, service, load),
        prebuilt: () => loadRound(context, client, prebuilt, load),
      },
      { rounds: MORE_ROUNDS * context.rounds, warmUps: 2 },
    );
    const { ours, peer, cpuRatio, details } = compareLoads(rounds.service, rounds.prebuilt);
    const bytes = (rounds.service[0]?.bytes ?? 0) / REQUESTS;
    const emptyStartMs = await context.emptyNestCpuMs();
    const block = { scenario: 'S6', unit: 'ms CPU', peer: emptyStartMs, floor: { atMost: LONGEST_BLOCK } };
    return [
      measured({
        scenario: 'S6',
        what: 'GET of a hook that matches 100,000 containers, warm, against the socket write alone',
        unit: 'µs CPU a request',
        ours,
        peer,
        ratio: cpuRatio,
        floor: { atMost: MOST_OF_A_WRITE },
        details: `${(bytes / 1e6).toFixed(1)} MB; ${details}`,
      }),
      measured({
        ...block,
        what: 'the same: longest block of the event loop, warm, against the start of an empty Nest application',
        ours: warm.longestMs,
        details: `${warm.wallMs.toFixed(0)} ms on the wall clock`,
      }),
      measured({
        ...block,
        what: 'the same: the same, first request of a cold process',
        ours: cold.longestMs,
        details: `${cold.wallMs.toFixed(0)} ms on the wall clock`,
      }),
    ];
  },
};
