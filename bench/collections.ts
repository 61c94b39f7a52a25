/**
 * `npm run bench:collections`: does a list cost the same whatever the size of the account? Loads two accounts, of
 * 1,000 and of 1,000,000 hooks, into an embedded PostgreSQL and asks both for the same things, in turn; then streams
 * 100,000 hooks beside `psql` streaming the same rows. Prints a table and exits with 1 when a floor is missed.
 *
 * BENCH_HOOKS and BENCH_STREAMED make it smaller, for a trial.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { Database } from '../src/database/database.js';
import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { startService } from '../src/service.js';
import { readSettings } from '../src/settings/settings.js';
import { insertHooks } from './hook-loader.js';
import { seedAccount } from './seed.js';

const MANY = Number(process.env.BENCH_HOOKS ?? 1_000_000);
const FEW = 1_000;
const STREAMED = Number(process.env.BENCH_STREAMED ?? 100_000);
const PAGE = 100;
const ROUNDS = 200;
const WARM_UP = 30;

/** The floors of the collections: of a large account against a small one, and of a stream. */
const MOST_TIMES_SLOWER = 1.3;
const LEAST_OF_PSQL = 0.5;
const MOST_FIRST_BYTE_MS = 100;
const MOST_HEAP_GROWTH_MIB = 64;

interface Account {
  readonly url: string;
  readonly id: string;
  readonly authorization: string;
}

let missed = 0;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(name: string, figures: string, holds: boolean): void {
  if (!holds) missed += 1;
  print(`| ${name.padEnd(44)} | ${figures.padEnd(52)} | ${holds ? 'holds' : 'MISSED'} |`);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function get(account: Account, path: string): Promise<string> {
  const answer = await fetch(account.url + path, { headers: { authorization: account.authorization } });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body}`);
  return body;
}

async function newAccount(database: Database, url: string, name: string, hooks: number): Promise<Account> {
  const account = await seedAccount(database, name);
  await insertHooks(database, account, hooks);
  return {
    id: account.accountID,
    url: `${url}/accounts/${account.accountID}/core/v1/executionHooks`,
    authorization: `Bearer ${account.token}`,
  };
}

/** The query string of an account's last page, whose token a skip to the page before it yields. */
async function lastPage(account: Account, hooks: number): Promise<string> {
  const page = JSON.parse(await get(account, `?limit=${PAGE}&skip=${hooks - 2 * PAGE}`)) as {
    metadata: { continue: string };
  };
  return `?limit=${PAGE}&continue=${page.metadata.continue}`;
}

async function compare(name: string, few: [Account, string], many: [Account, string]): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [side, [account, path]] of [few, many].entries()) {
      const start = performance.now();
      await get(account, path);
      if (round >= WARM_UP) times[side as 0 | 1].push(performance.now() - start);
    }
  }
  const [small, large] = [median(times[0]), median(times[1])];
  const ratio = large / small;
  const figures = `${small.toFixed(2)} ms, ${large.toFixed(2)} ms: ${ratio.toFixed(2)} times (at most ${MOST_TIMES_SLOWER})`;
  report(name, figures, ratio <= MOST_TIMES_SLOWER);
}

interface Stream {
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly heapGrowthMiB: number;
}

/**
 * Streams a list to a client in a process of its own, as `psql` is one: a client in this process would compete with the
 * service for its thread.
 */
async function stream(account: Account): Promise<Stream> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }, 2);
  try {
    const client = fileURLToPath(new URL('./list-client.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [client, account.url], {
      env: { ...process.env, AUTHORIZATION: account.authorization },
    });
    const received = JSON.parse(stdout) as { bytes: number; firstByteMs: number; totalMs: number };
    return { ...received, heapGrowthMiB: (peak - before) / 1024 ** 2 };
  } finally {
    clearInterval(sampling);
  }
}

/** Milliseconds in which `psql` runs a command, its output thrown away. */
async function timePsql(databaseUrl: string, command: string): Promise<number> {
  const start = performance.now();
  const child = spawn('psql', [databaseUrl, '--no-psqlrc', '-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  await once(child, 'close');
  return performance.now() - start;
}

/**
 * Milliseconds of `psql` writing the same rows as JSON, without those in which it starts and connects; undefined where
 * there is no psql.
 */
async function psql(databaseUrl: string, account: Account): Promise<number | undefined> {
  const hasPsql = await promisify(execFile)('psql', ['--version']).then(
    () => true,
    () => false,
  );
  if (!hasPsql) return undefined;
  const nothing = await timePsql(databaseUrl, 'SELECT');
  const query = `COPY (SELECT row_to_json(h) FROM execution_hooks h WHERE account_id = '${account.id}') TO STDOUT`;
  return (await timePsql(databaseUrl, query)) - nothing;
}

async function streamBesidePsql(databaseUrl: string, account: Account): Promise<void> {
  const lists: Stream[] = [];
  const rates: number[] = [];
  await stream(account);
  for (let round = 0; round < 5; round++) {
    const list = await stream(account);
    const copy = await psql(databaseUrl, account);
    lists.push(list);
    // Rows, not bytes, are the same on both sides: the shape of their JSON differs.
    if (copy !== undefined) rates.push(copy / list.totalMs);
  }
  const firstByte = median(lists.map(({ firstByteMs }) => firstByteMs));
  const heap = Math.max(...lists.map(({ heapGrowthMiB }) => heapGrowthMiB));
  const name = `list of ${STREAMED} hooks`;
  report(
    `${name}: first byte`,
    `${firstByte.toFixed(1)} ms (at most ${MOST_FIRST_BYTE_MS})`,
    firstByte <= MOST_FIRST_BYTE_MS,
  );
  report(`${name}: heap growth`, `${heap.toFixed(1)} MiB (below ${MOST_HEAP_GROWTH_MIB})`, heap < MOST_HEAP_GROWTH_MIB);
  if (rates.length === 0) {
    print(`| ${`${name}: against psql`.padEnd(44)} | skipped: there is no psql on this machine |`);
    return;
  }
  const total = median(lists.map(({ totalMs }) => totalMs));
  const rate = median(rates);
  report(
    `${name}: against psql`,
    `${total.toFixed(0)} ms, ${rate.toFixed(2)} of psql's rate (at least ${LEAST_OF_PSQL})`,
    rate >= LEAST_OF_PSQL,
  );
}

const dataDirectory = await mkdtemp(join(tmpdir(), 'bench-collections-'));
const postgres = await startEmbeddedPostgres({ dataDirectory, notice: () => undefined });
const settings = readSettings({ DATABASE_URL: postgres.url, PORT: '0', DATABASE_STATEMENT_TIMEOUT_MS: '1800000' });
const silent = pino({ level: 'silent' });
const service = await startService(settings, silent, () => undefined, new AbortController().signal);
try {
  const { database, url } = service;
  print(`Loading ${FEW}, ${MANY} and ${STREAMED} hooks.`);
  const few = await newAccount(database, url, 'few', FEW);
  const many = await newAccount(database, url, 'many', MANY);
  const streamed = await newAccount(database, url, 'streamed', STREAMED);
  await database.query({ text: 'ANALYZE' });
  print(`| ${`median of ${ROUNDS}, in turn`.padEnd(44)} | ${`${FEW} hooks, ${MANY} hooks`.padEnd(52)} | floor |`);
  const idOf = async (account: Account): Promise<string> =>
    (JSON.parse(await get(account, '?limit=1&include=id&skip=500')) as { items: [[string]] }).items[0][0];
  await compare('GET one hook', [few, `/${await idOf(few)}`], [many, `/${await idOf(many)}`]);
  await compare('page 1', [few, `?limit=${PAGE}`], [many, `?limit=${PAGE}`]);
  await compare(
    'last page (10,000 of a million hooks)',
    [few, await lastPage(few, FEW)],
    [many, await lastPage(many, MANY)],
  );
  const filter = `?filter=${encodeURIComponent("name eq 'hook 500'")}`;
  await compare('selective filter: name', [few, filter], [many, filter]);
  await streamBesidePsql(postgres.url, streamed);
} finally {
  await service.stop();
  await postgres.stop();
  await rm(dataDirectory, { recursive: true });
}
process.exitCode = missed > 0 ? 1 : 0;
