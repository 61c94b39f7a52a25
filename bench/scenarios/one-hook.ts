import { createToken } from '../../src/features/accounts/new-account.js';
import type { BenchContext, BenchDatabase, Listening } from '../bench-context.js';
import { compareLoads, type Load, LoadClient, loadRound, type LoadRequest, warmUp } from '../load.js';
import { interleave } from '../rounds.js';
import { requireSameAnswers } from '../same-answers.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { type SeededAccount, seedAccount, seedHook, seedInventory } from '../seed.js';

const CONTAINERS = 50;
const CONNECTIONS = 32;
const ROUND_MS = 1_500;
const WARM_UP_MS = 10_000;
/** So many that requests which come together seldom ask for the same hook, or by the same token. */
const HOOKS = 200;
const TOKENS = 50;

/** GET of one hook under load, against the bare server and a typical Nest service. */
export const oneHook: Scenario = {
  id: 'S1',
  title: `GET of one hook, app of ${CONTAINERS} containers, ${CONNECTIONS} connections`,
  async run(context) {
    const { url, requests } = await smallHooks(context);
    const sides = {
      service: await context.startService(url),
      bare: await context.startProgram('peers/bare-server.ts', [], { DATABASE_URL: url }),
      nest: await context.startProgram('peers/nest-service.ts', [], { DATABASE_URL: url }),
    };
    const [request] = requests;
    if (request === undefined) throw new TypeError('There is no request.');
    await requireSameAnswers([sides.service, sides.bare], request, 'bytes');
    await requireSameAnswers([sides.service, sides.nest], request, 'values');
    return compare(context, sides, requests);
  },
};

/** A database with one small app, and the requests for its hooks, by their owner with many tokens. */
export async function smallHooks(
  context: BenchContext,
): Promise<BenchDatabase & { readonly requests: readonly LoadRequest[] }> {
  const { url, database } = await context.newDatabase();
  const account = await seedAccount(database, 'small');
  await seedInventory(database, account, CONTAINERS, context.seed);
  const tokens = [account.token];
  while (tokens.length < TOKENS) {
    const name = `token ${tokens.length}`;
    tokens.push((await createToken(database, account.accountID, account.userID, name)).token);
  }
  const requests: LoadRequest[] = [];
  while (requests.length < HOOKS) {
    const id = await seedHook(database, account, `hook ${requests.length}`, [
      { type: 'containerImage', value: 'payroll' },
    ]);
    requests.push(getHook({ ...account, token: tokens[requests.length % TOKENS] ?? account.token }, id));
  }
  return { url, database, requests };
}

/** The request for one hook of an account, by its owner. */
export function getHook({ accountID, token }: Pick<SeededAccount, 'accountID' | 'token'>, id: string): LoadRequest {
  return {
    method: 'GET',
    path: `/accounts/${accountID}/core/v1/executionHooks/${id}`,
    headers: { authorization: `Bearer ${token}`, accept: '*/*' },
  };
}

type Sides = Readonly<Record<'service' | 'bare' | 'nest', Listening>>;

async function compare(
  context: BenchContext,
  { service, bare, nest }: Sides,
  requests: readonly LoadRequest[],
): Promise<Measurement[]> {
  const client = LoadClient.start(context);
  const load: Load = { requests, connections: CONNECTIONS, durationMs: ROUND_MS, status: 200 };
  for (const side of [service, bare, nest]) await warmUp(client, side, load, WARM_UP_MS);
  const rounds = await interleave(
    {
      service: () => loadRound(context, client, service, load),
      bare: () => loadRound(context, client, bare, load),
      nest: () => loadRound(context, client, nest, load),
    },
    { rounds: context.rounds, warmUps: 1 },
  );
  const toBare = compareLoads(rounds.service, rounds.bare);
  const toNest = compareLoads(rounds.service, rounds.nest);
  const unit = 'µs CPU a request';
  const row = { scenario: 'S1', details: '' };
  return [
    measured({
      ...row,
      what: 'GET of one hook: requests for the same CPU, against node:http + pg',
      unit,
      ours: toBare.ours,
      peer: toBare.peer,
      ratio: 1 / toBare.cpuRatio,
      floor: { atLeast: 0.7 },
      details: toBare.details,
    }),
    measured({
      ...row,
      what: 'the same: p99, against node:http + pg',
      unit: 'ms',
      ...toBare.p99,
      floor: { atMost: 1.5 },
    }),
    measured({
      ...row,
      what: 'the same: requests for the same CPU, against a typical Nest service',
      unit,
      ours: toNest.ours,
      peer: toNest.peer,
      ratio: 1 / toNest.cpuRatio,
      floor: { atLeast: 8 },
      details: toNest.details,
    }),
  ];
}
