import type { BenchContext, Listening } from '../bench-context.js';
import { compareLoads, type Load, LoadClient, loadRound, type LoadRequest } from '../load.js';
import { interleave } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { type SeededAccount, seedAccount, seedHook, seedInventory } from '../seed.js';

const CONTAINERS = 50;
const CONNECTIONS = 32;
const ROUND_MS = 1_500;

/** GET of one hook under load, against the bare server and a typical Nest service. */
export const oneHook: Scenario = {
  id: 'S1',
  title: `GET of one hook, app of ${CONTAINERS} containers, ${CONNECTIONS} connections`,
  async run(context) {
    const { url, database } = await context.newDatabase();
    const account = await seedAccount(database, 'one-hook');
    await seedInventory(database, account, CONTAINERS, context.seed);
    const id = await seedHook(database, account, 'payroll', [{ type: 'containerImage', value: 'payroll' }]);
    const request = getHook(account, id);
    const sides = {
      service: await context.startService(url),
      bare: await context.startProgram('peers/bare-server.ts', [], { DATABASE_URL: url }),
    };
    await requireSameAnswers(Object.values(sides), request);
    return compare(context, sides, request);
  },
};

async function compare(
  context: BenchContext,
  { service, bare }: { readonly service: Listening; readonly bare: Listening },
  request: LoadRequest,
): Promise<Measurement[]> {
  const client = LoadClient.start(context);
  const load: Load = { requests: [request], connections: CONNECTIONS, durationMs: ROUND_MS, status: 200 };
  const rounds = await interleave(
    {
      service: () => loadRound(context, client, service, load),
      bare: () => loadRound(context, client, bare, load),
    },
    { rounds: context.rounds, warmUps: 2 },
  );
  const { ours, peer, cpuRatio, p99, details } = compareLoads(rounds.service, rounds.bare);
  return [
    measured({
      scenario: 'S1',
      what: 'requests for the same CPU time, against node:http + pg',
      unit: 'µs CPU a request',
      ours,
      peer,
      ratio: 1 / cpuRatio,
      floor: { atLeast: 0.65 },
      details,
    }),
    measured({
      scenario: 'S1',
      what: 'p99, against node:http + pg',
      unit: 'ms',
      ...p99,
      floor: { atMost: 2.5 },
      details: '',
    }),
  ];
}

/** Headers that are another in each answer. */
const OWN_HEADERS = new Set(['date', 'x-correlation-id']);

/** The request for one hook of an account, by its owner. */
export function getHook({ accountID, token }: SeededAccount, id: string): LoadRequest {
  return {
    method: 'GET',
    path: `/accounts/${accountID}/core/v1/executionHooks/${id}`,
    headers: { authorization: `Bearer ${token}`, accept: '*/*' },
  };
}

/** Whatever the sides answer is the same, or comparing them means nothing. @throws Error */
export async function requireSameAnswers(sides: readonly Listening[], request: LoadRequest): Promise<void> {
  const answers = await Promise.all(
    sides.map(async ({ url }) => {
      const answer = await fetch(url + request.path, { headers: request.headers });
      const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name));
      return { status: answer.status, headers, body: await answer.text() };
    }),
  );
  const [first, ...others] = answers.map((answer) => JSON.stringify(answer));
  for (const other of others) {
    if (other !== first) throw new Error(`The sides answer differently:\n${first ?? ''}\n${other}`);
  }
}
