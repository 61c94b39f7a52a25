import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import type { BenchContext, Listening } from '../bench-context.js';
import { insertHooks } from '../hook-loader.js';
import { compareLoads, LoadClient, loadRound, type LoadRequest } from '../load.js';
import { ProcessProbe } from '../process-probe.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { measured, type Measurement, type Scenario, skipped } from '../scenario.js';
import { seedAccount, type SeededAccount } from '../seed.js';
import type { Database } from '../../src/database/database.js';

const FEW = 1_000;
const MANY = 1_000_000;
const STREAMED = 100_000;
const PAGE = 100;
/** Requests of one round, one after the other. */
const REQUESTS = 40;
const WARM_UP_REQUESTS = 400;

const FLOORS = {
  manyToFew: { atMost: 1.3 },
  firstByteMs: { atMost: 100 },
  heapMiB: { atMost: 64 },
  rateToPsql: { atLeast: 0.5 },
} as const;

const MIB = 1024 ** 2;

/** Does a list cost the same whatever the size of the account, and is a whole one streamed? */
export const collections: Scenario = {
  id: 'C1',
  title: 'collections: lists of 1,000,000 hooks against lists of 1,000, and 100,000 hooks streamed',
  onDemand: true,
  async run(context) {
    const { url, database } = await context.newDatabase();
    const few = await account(database, 'few', FEW);
    const many = await account(database, 'many', MANY);
    const streamed = await account(database, 'streamed', STREAMED);
    await database.query({ text: 'VACUUM (ANALYZE) execution_hooks' });
    const sides = { few, many };
    const service = await context.startService(url);
    return [...(await compare(context, service, sides)), ...(await stream(context, url, streamed))];
  },
};

async function account(database: Database, name: string, hooks: number): Promise<SeededAccount> {
  const seeded = await seedAccount(database, name);
  await insertHooks(database, seeded, hooks);
  return seeded;
}

type Sides = Readonly<Record<'few' | 'many', SeededAccount>>;

async function compare(context: BenchContext, service: Listening, sides: Sides): Promise<Measurement[]> {
  const client = LoadClient.start(context);
  const firstPage = `?limit=${PAGE}`;
  const filter = `?filter=${encodeURIComponent("name eq 'hook 500'")}`;
  const kinds: readonly [string, (of: SeededAccount, hooks: number) => Promise<string>][] = [
    ['GET of one hook', async (of) => `/${await someId(service, of)}`],
    ['page 1', () => Promise.resolve(firstPage)],
    ['the last page, 10,000 of a million hooks', (of, hooks) => lastPage(service, of, hooks)],
    ['a selective filter, by name', () => Promise.resolve(filter)],
  ];
  const measurements: Measurement[] = [];
  for (const [name, query] of kinds) {
    const [few, many] = [
      listRequest(sides.few, await query(sides.few, FEW)),
      listRequest(sides.many, await query(sides.many, MANY)),
    ];
    const load = (request: LoadRequest, count: number) => ({
      requests: new Array<LoadRequest>(count).fill(request),
      connections: 1,
      status: 200,
    });
    for (const request of [few, many]) await client.run(service.url, load(request, WARM_UP_REQUESTS));
    const rounds = await interleave(
      {
        many: () => loadRound(context, client, service, load(many, REQUESTS)),
        few: () => loadRound(context, client, service, load(few, REQUESTS)),
      },
      { rounds: context.rounds, warmUps: 1 },
    );
    const p50 = (side: keyof typeof rounds): number[] => rounds[side].map(({ p50Ms }) => p50Ms);
    measurements.push(
      measured({
        scenario: 'C1',
        what: `${name}: median time with a million hooks, against a thousand`,
        unit: 'ms',
        ours: median(p50('many')),
        peer: median(p50('few')),
        ratio: medianRatio(p50('many'), p50('few')),
        floor: FLOORS.manyToFew,
        details: compareLoads(rounds.many, rounds.few).details,
      }),
    );
  }
  return measurements;
}

function listRequest({ accountID, token }: SeededAccount, query: string): LoadRequest {
  return {
    method: 'GET',
    path: `/accounts/${accountID}/core/v1/executionHooks${query}`,
    headers: { authorization: `Bearer ${token}`, accept: '*/*' },
  };
}

async function listed<T>({ url }: Listening, of: SeededAccount, query: string): Promise<T> {
  const { path, headers } = listRequest(of, query);
  const answer = await fetch(url + path, { headers });
  if (answer.status !== 200) throw new Error(`${query} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function someId(service: Listening, of: SeededAccount): Promise<string> {
  const { items } = await listed<{ items: [[string]] }>(service, of, '?limit=1&include=id&skip=500');
  return items[0][0];
}

/** The query of an account's last page, whose token a skip to the page before it yields. */
async function lastPage(service: Listening, of: SeededAccount, hooks: number): Promise<string> {
  const { metadata } = await listed<{ metadata: { continue: string } }>(
    service,
    of,
    `?limit=${PAGE}&skip=${hooks - 2 * PAGE}`,
  );
  return `?limit=${PAGE}&continue=${metadata.continue}`;
}

/** A list streamed by the service, or its rows by `psql`. */
interface Stream {
  readonly ms: number;
  /** These two of the service only. */
  readonly firstByteMs?: number;
  readonly heapMiB?: number;
}

async function stream(context: BenchContext, url: string, of: SeededAccount): Promise<Measurement[]> {
  const probe = new ProcessProbe<{ readonly bytes: number; readonly peakBytes: number }>(context, 'heap-probe.js');
  const service = await context.startService(url, probe.env);
  const client = LoadClient.start(context);
  const load = { requests: [listRequest(of, '')], connections: 1, status: 200 };
  const { pid } = service.process;
  const list = async (): Promise<Stream> => {
    const { bytes } = await probe.ask(pid);
    const { p50Ms, firstByteP50Ms } = await client.run(service.url, load);
    const { peakBytes } = await probe.ask(pid);
    return { ms: p50Ms, firstByteMs: firstByteP50Ms, heapMiB: (peakBytes - bytes) / MIB };
  };
  const copy = await psql(url, of);
  const rounds = await interleave({ list, copy }, { rounds: context.rounds, warmUps: 1 });
  const lists = (figure: keyof Stream): number[] => rounds.list.map((each) => each[figure] ?? Number.NaN);
  const copies = rounds.copy.map(({ ms }) => ms);
  const row = { scenario: 'C1', details: '' };
  const what = `list of ${STREAMED} hooks, streamed`;
  return [
    measured({
      ...row,
      what: `${what}: first byte`,
      unit: 'ms',
      ours: median(lists('firstByteMs')),
      floor: FLOORS.firstByteMs,
    }),
    measured({
      ...row,
      what: `${what}: growth of the heap`,
      unit: 'MiB',
      ours: Math.max(...lists('heapMiB')),
      floor: FLOORS.heapMiB,
    }),
    copies.some(Number.isNaN)
      ? skipped('C1', `${what}: rate, against psql`, 'there is no psql on this machine')
      : measured({
          ...row,
          what: `${what}: rows a second, against psql`,
          unit: 'rows/s',
          ours: (1000 * STREAMED) / median(lists('ms')),
          peer: (1000 * STREAMED) / median(copies),
          // Rows, not bytes, are the same on both sides: the shape of their JSON differs.
          ratio: medianRatio(copies, lists('ms')),
          floor: FLOORS.rateToPsql,
          details: `${median(lists('ms')).toFixed(0)} ms, psql ${median(copies).toFixed(0)} ms`,
        }),
  ];
}

/**
 * What takes the milliseconds of `psql` writing the same rows as JSON, without those in which it starts and connects; NaN
 * where there is no psql.
 */
async function psql(databaseUrl: string, { accountID }: SeededAccount): Promise<() => Promise<Stream>> {
  const hasPsql = await promisify(execFile)('psql', ['--version']).then(
    () => true,
    () => false,
  );
  if (!hasPsql) return () => Promise.resolve({ ms: Number.NaN });
  const query = `COPY (SELECT row_to_json(h) FROM execution_hooks h WHERE account_id = '${accountID}') TO STDOUT`;
  return async () => {
    const nothing = await timePsql(databaseUrl, 'SELECT');
    return { ms: (await timePsql(databaseUrl, query)) - nothing };
  };
}

/** Milliseconds in which `psql` runs a command, its output thrown away. */
async function timePsql(databaseUrl: string, command: string): Promise<number> {
  const start = performance.now();
  const child = spawn('psql', [databaseUrl, '--no-psqlrc', '-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`psql ended with ${status ?? 'a signal'}.`);
  return performance.now() - start;
}
