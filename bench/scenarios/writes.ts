import type { BenchContext, BenchDatabase, Listening } from '../bench-context.js';
import { compareLoads, LoadClient, loadRound, type LoadRequest, type LoadRound } from '../load.js';
import { interleave } from '../rounds.js';
import { measured, type Measurement, type Scenario } from '../scenario.js';
import { type SeededAccount, seedAccount, seedInventory } from '../seed.js';

const CONTAINERS = 50;
const CONNECTIONS = 32;
const HOOKS = 500;

const METHODS = ['POST', 'PUT', 'DELETE'] as const;

type Rounds = Record<(typeof METHODS)[number], LoadRound>;

/** Hooks are made, replaced and deleted, each once, against the bare server doing the same statements. */
export const writes: Scenario = {
  id: 'S2',
  title: `POST, PUT and DELETE of ${HOOKS} hooks, ${CONNECTIONS} connections`,
  async run(context) {
    const target = await context.newDatabase();
    const service = await side(context, target, 'service', await context.startService(target.url));
    const bare = await side(
      context,
      target,
      'bare',
      await context.startProgram('peers/bare-server.ts', [], { DATABASE_URL: target.url }),
    );
    const rounds = await interleave({ service, bare }, { rounds: context.rounds, warmUps: 4 });
    return METHODS.map((method) => compare(method, rounds.service, rounds.bare));
  },
};

/** One round of a side: every hook is made, replaced and deleted in an account of the side's own. */
async function side(
  context: BenchContext,
  { database }: BenchDatabase,
  name: string,
  server: Listening,
): Promise<() => Promise<Rounds>> {
  const account = await seedAccount(database, name);
  await seedInventory(database, account, CONTAINERS, context.seed);
  const client = LoadClient.start(context);
  const send = (requests: readonly LoadRequest[], status: number): Promise<LoadRound> =>
    loadRound(context, client, server, { requests, connections: CONNECTIONS, status });
  return async () => {
    const path = `/accounts/${account.accountID}/core/v1/executionHooks`;
    const names = Array.from({ length: HOOKS }, (_, n) => `hook ${n}`);
    const created = await send(
      names.map((hook) => write(account, 'POST', path, hook)),
      201,
    );
    const paths = created.locations.map((location) => new URL(location).pathname);
    if (paths.length !== HOOKS) throw new Error(`${paths.length} of ${HOOKS} hooks have a Location.`);
    const replaced = await send(
      paths.map((hookPath, n) => write(account, 'PUT', hookPath, `new hook ${n}`)),
      204,
    );
    const deleted = await send(
      paths.map((hookPath) => ({ method: 'DELETE', path: hookPath, headers: authorization(account) })),
      204,
    );
    return { POST: created, PUT: replaced, DELETE: deleted };
  };
}

function authorization({ token }: SeededAccount): Record<string, string> {
  return { authorization: `Bearer ${token}`, accept: '*/*' };
}

function write(account: SeededAccount, method: 'POST' | 'PUT', path: string, name: string): LoadRequest {
  const body = {
    type: 'application/astra-executionHook',
    version: '1.2',
    name,
    hookType: 'custom',
    matchingCriteria: [{ type: 'containerImage', value: 'payroll' }],
    action: 'snapshot',
    stage: 'pre',
    hookSourceID: account.hookSourceID,
    arguments: ['freeze'],
    appID: account.appID,
    description: 'Payroll production hook',
  };
  const headers = { ...authorization(account), 'content-type': 'application/json' };
  return { method, path, headers, body: JSON.stringify(body) };
}

function compare(method: keyof Rounds, service: readonly Rounds[], bare: readonly Rounds[]): Measurement {
  const of = (rounds: readonly Rounds[]): LoadRound[] => rounds.map((round) => round[method]);
  const { ours, peer, cpuRatio, details } = compareLoads(of(service), of(bare));
  return measured({
    scenario: 'S2',
    what: `${method} of a hook: requests for the same CPU, against node:http + pg`,
    unit: 'µs CPU a request',
    ours,
    peer,
    ratio: 1 / cpuRatio,
    floor: { atLeast: 0.4 },
    details,
  });
}
