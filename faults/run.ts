/**
 * `npm run test:faults`: breaks the built service, its database and its network on purpose, and checks what it promises
 * (docs/reliability.md). Prints what it does and a table of results; exits with 1 when a promise was broken.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { concurrentWriters } from './concurrent-writers.js';
import { crashes } from './crashes.js';
import { databaseRefuses } from './database-refuses.js';
import { databaseRestart } from './database-restart.js';
import { fuzz } from './fuzz.js';
import { Random } from './random.js';
import { rollingRestart } from './rolling-restart.js';
import { slowClients } from './slow-clients.js';
import { steadyMemory } from './steady-memory.js';
import { hostileInput } from './hostile-input.js';
import { NotHere, type Proof, Trial } from './trial.js';

const PROOFS: readonly Proof[] = [
  crashes,
  databaseRestart,
  databaseRefuses,
  rollingRestart,
  concurrentWriters,
  slowClients,
  hostileInput,
  fuzz,
  steadyMemory,
];

const LONGEST_NAME = Math.max(...PROOFS.map(({ name }) => name.length));

const HELP = `Usage: npm run test:faults -- [--only NAME,…] [--seed N] [--rounds N] [--keep]

  --only    runs these proofs only: crashes,fuzz
  --seed    seed of everything that is random; each run prints its own
  --rounds  how often the faults are repeated, in the unit of the proof
  --keep    leaves the logs of a run that failed where they are, and says where
  --help    prints this text

Proofs:
${PROOFS.map(({ name, promise, rounds, unit }) => `  ${name.padEnd(LONGEST_NAME)} ${promise} (${rounds} ${unit})`).join('\n')}
`;

/** Exit status of a command that is called wrongly (sysexits.h: EX_USAGE). */
const BAD_USAGE = 64;

interface Result {
  readonly proof: Proof;
  readonly outcome: 'kept' | 'BROKEN' | 'not here';
  readonly seconds: number;
  readonly figures: readonly string[];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error instanceof Error && error.cause !== undefined ? `${text}\n  because ${describe(error.cause)}` : text;
}

async function attempt(proof: Proof, seed: number, rounds: number, keep: boolean): Promise<Result> {
  const start = Date.now();
  const seconds = (): number => Math.round((Date.now() - start) / 1000);
  const directory = await mkdtemp(join(tmpdir(), `faults-${proof.name}-`));
  const say = (line: string): void => {
    print(`${proof.name.padEnd(LONGEST_NAME)} ${String(seconds()).padStart(5)} s  ${line}`);
  };
  say(`${proof.promise} (${rounds} ${proof.unit}, seed ${seed})`);
  const trial = new Trial(new Random(seed), rounds, directory, say);
  let outcome: Result['outcome'] = 'kept';
  try {
    await proof.run(trial);
  } catch (error) {
    if (error instanceof NotHere) {
      outcome = 'not here';
      trial.saw(error.message);
    } else {
      trial.expect(false, describe(error));
    }
  }
  await trial.end();
  if (trial.violations.length > 0) outcome = 'BROKEN';
  if (outcome === 'BROKEN' && keep) say(`The logs are in ${directory}.`);
  else await rm(directory, { recursive: true, force: true });
  return { proof, outcome, seconds: seconds(), figures: trial.figures };
}

/** One after the other, and the lasting ones beside them. */
async function run(proofs: readonly Proof[], seed: number, rounds: number | undefined, keep: boolean): Promise<void> {
  print(`Seed ${seed}. With --seed ${seed} everything that is random comes out the same.`);
  const one = (proof: Proof): Promise<Result> => attempt(proof, seed, rounds ?? proof.rounds, keep);
  const lasting = proofs.filter(({ isLasting }) => isLasting).map(one);
  const results: Result[] = [];
  for (const proof of proofs.filter(({ isLasting }) => isLasting !== true)) results.push(await one(proof));
  results.push(...(await Promise.all(lasting)));
  print('\n| proof | outcome | time | seen |');
  print('| ----- | ------- | ---- | ---- |');
  for (const { proof, outcome, seconds, figures } of results) {
    print(`| ${proof.name} | ${outcome} | ${seconds} s | ${figures.join('; ')} |`);
  }
  process.exitCode = results.some(({ outcome }) => outcome === 'BROKEN') ? 1 : 0;
}

/** @throws TypeError when it is none */
function wholeNumber(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(value)) throw new TypeError(`--${option} needs a whole number, at least 1.`);
  return Number(value);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seed: { type: 'string' },
      rounds: { type: 'string' },
      keep: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const only = values.only?.split(',');
  const unknown = only?.filter((name) => !PROOFS.some((proof) => proof.name === name)) ?? [];
  if (unknown.length > 0) throw new TypeError(`There is no proof ${unknown.join(', ')}.`);
  const proofs = PROOFS.filter(({ name }) => only?.includes(name) ?? true);
  const seed = wholeNumber('seed', values.seed) ?? randomInt(1, 2 ** 31);
  await run(proofs, seed, wholeNumber('rounds', values.rounds), values.keep === true);
}

// What a proof has started ends with this process ('exit' listeners), which a signal would end without them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n\n${HELP}`);
  process.exitCode = BAD_USAGE;
}
