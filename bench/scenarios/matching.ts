import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Criterion } from '../../src/matching/criterion.js';
import { matchContainersSync } from '../../src/matching/match.js';
import type { BenchContext } from '../bench-context.js';
import { CommandProcess } from '../command-process.js';
import { BREADTHS, CRITERIA_COUNTS, criteriaOf, podNameCriterionOf } from '../inventory/generated-criteria.js';
import { snapshotOf } from '../inventory/snapshot-of.js';
import { buildMatchRe2 } from '../peers/build-match-re2.js';
import { interleave, median, medianRatio } from '../rounds.js';
import { type Floor, type Measurement, measured, type Scenario, skipped } from '../scenario.js';

const CONTAINERS = 100_000;

/** Rounds for each of the bench's: one takes milliseconds, and the medians of more are steadier. */
const ROUNDS = 2;

/** Hooks of one round: each of the ten criteria of a breadth comes as often as the others, so that rounds are alike. */
const HOOKS = 10;

/** The floors, as ratios of CPU time. */
const COLD_TO_DICTIONARY = 2.5;
const COLD_TO_LOOP = 0.35;
const WARM_TO_DICTIONARY = 0.4;
const CHANGED_TO_COLD = 0.5;

/**
 * V8 compiles what runs often, and some of matching runs only a few times a match: a service that has matched for three
 * seconds is warm. In nanoseconds of CPU.
 */
const WARM_AFTER_NS = 3e9;

/** Hooks from this one on are for the warm-up: no other has their patterns. */
const FIRST_TO_WARM_UP = 1_000;

/** One criterion changes to that of a hook that is no other round's: cold ones stay cold. */
const FIRST_TO_CHANGE_TO = 100_000;
const FIRST_TO_WIDEN_TO = 300_000;

interface Answer {
  readonly count: number;
  readonly cpuNs: number;
}

interface Work {
  readonly name: string;
  readonly criteria: (hook: number) => Criterion[];
  readonly againstLoop: boolean;
  readonly loopFloor: Floor | undefined;
}

const WORKS: readonly Work[] = [
  ...BREADTHS.flatMap((breadth) =>
    CRITERIA_COUNTS.map((count) => ({
      name: `${count} ${breadth} ${count === 1 ? 'criterion' : 'criteria'}`,
      criteria: (hook: number) => criteriaOf(breadth, count, hook),
      // The floors are those of broad and selective criteria; scattered ones are the hardest for everybody.
      loopFloor: breadth === 'scattered' ? undefined : { atMost: COLD_TO_LOOP },
      againstLoop: true,
    })),
  ),
  ...BREADTHS.map((breadth) => ({
    name: `the pod name only, ${breadth}`,
    criteria: (hook: number) => podNameCriterionOf(breadth, hook),
    // Where every value is another one, a dictionary cannot save anything.
    loopFloor: undefined,
    againstLoop: false,
  })),
];

const BROAD: Pick<Work, 'criteria'> = { criteria: (hook) => criteriaOf('broad', 10, hook) };

/** The hooks of one round as a command. */
function command(name: string, hooks: readonly (readonly Criterion[])[]): string {
  const fields = hooks.map((criteria) => criteria.flatMap(({ type, value }) => [type, value]).join('\t'));
  return [name, fields.join('\t;\t')].join('\t');
}

/** The two sides of the comparison, both with the inventory in memory. */
interface Sides {
  readonly service: CommandProcess;
  readonly peer: CommandProcess;
}

/** What is measured, with hooks of its own. */
async function warmUp({ service, peer }: Sides, work: Work): Promise<void> {
  let spent = 0;
  for (let round = 0; spent < WARM_AFTER_NS; round++) {
    const hooks = hooksFrom(work, FIRST_TO_WARM_UP + HOOKS * round);
    if (round === 0) await peer.ask<Answer>(command('dictionary', hooks));
    const cold = await service.ask<Answer>(command('cold', hooks));
    await service.ask<Answer>(command('warm', hooks));
    const others = hooksFrom(work, 2 * FIRST_TO_CHANGE_TO + HOOKS * round);
    const changed = await service.ask<Answer>(command('changed', withOneChanged(hooks, others, round)));
    const broader = hooksFrom(BROAD, FIRST_TO_WARM_UP + HOOKS * round);
    const widened = await service.ask<Answer>(command('changed', withOneChanged(hooks, broader, round)));
    spent += cold.cpuNs + changed.cpuNs + widened.cpuNs;
  }
}

function hooksFrom(work: Pick<Work, 'criteria'>, first: number): Criterion[][] {
  return Array.from({ length: HOOKS }, (_, hook) => work.criteria(first + hook));
}

/** The hooks, each with one criterion of the other one: another of the ten in every round. */
function withOneChanged(
  hooks: readonly (readonly Criterion[])[],
  others: readonly (readonly Criterion[])[],
  round: number,
): Criterion[][] {
  return hooks.map((criteria, hook) =>
    criteria.map((criterion, at) => (at === round % 10 ? (others[hook]?.[at] ?? criterion) : criterion)),
  );
}

async function compare({ service, peer }: Sides, work: Work, rounds: number): Promise<Measurement[]> {
  await warmUp({ service, peer }, work);
  let round = -1;
  const hooks = (): Criterion[][] => hooksFrom(work, HOOKS * round);
  const oneChanged = (): Criterion[][] =>
    withOneChanged(hooks(), hooksFrom(work, FIRST_TO_CHANGE_TO + HOOKS * round), round);
  /** To one that nearly every container meets, so that the others have to be tested in more containers. */
  const oneWidened = (): Criterion[][] =>
    withOneChanged(hooks(), hooksFrom(BROAD, FIRST_TO_WIDEN_TO + HOOKS * round), round);
  const { cold, dictionary, warm, changed, loop, widened, coldWidened } = await interleave<string, Answer>(
    {
      cold: () => {
        round += 1;
        return service.ask<Answer>(command('cold', hooks()));
      },
      dictionary: () => peer.ask<Answer>(command('dictionary', hooks())),
      warm: () => service.ask<Answer>(command('warm', hooks())),
      loop: () => peer.ask<Answer>(command('loop', hooks())),
      changed: () => service.ask<Answer>(command('changed', oneChanged())),
      coldAgain: () => service.ask<Answer>(command('cold', hooks())),
      widened: () => service.ask<Answer>(command('changed', oneWidened())),
      coldWidened: () => service.ask<Answer>(command('cold', oneWidened())),
    },
    { rounds, warmUps: 0 },
  );
  const figures = (answers: readonly Answer[] | undefined): number[] =>
    (answers ?? []).map(({ cpuNs }) => cpuNs / HOOKS / 1e6);
  const counts = [cold, dictionary, warm, loop].map((answers) => (answers ?? []).map(({ count }) => count).join());
  if (new Set(counts).size !== 1) throw new Error(`The sides disagree on ${work.name}: ${counts.join(' | ')}`);
  const row = (scenario: string, what: string, ours: readonly number[], beside: readonly number[], floor?: Floor) =>
    measured({
      scenario,
      what: `${work.name}: ${what}`,
      unit: 'ms CPU a match',
      ours: median(ours),
      peer: median(beside),
      ratio: medianRatio(ours, beside),
      ...(floor === undefined ? {} : { floor }),
      details: `selects ${Math.round(median((cold ?? []).map(({ count }) => count / HOOKS)))} of ${CONTAINERS}`,
    });
  const rows = [
    row('S3', 'cold, against C++ with a dictionary', figures(cold), figures(dictionary), {
      atMost: COLD_TO_DICTIONARY,
    }),
  ];
  if (work.againstLoop) {
    rows.push(row('S3', 'cold, against C++ one by one', figures(cold), figures(loop), work.loopFloor));
  }
  rows.push(
    row('S4', 'warm, against C++ with a dictionary', figures(warm), figures(dictionary), {
      atMost: WARM_TO_DICTIONARY,
    }),
  );
  if (work.criteria(0).length === 10) {
    rows.push(
      row('S4', 'one of them changed, against cold', figures(changed), figures(cold), { atMost: CHANGED_TO_COLD }),
      row('S4', 'one of them changed to a broad one, against cold', figures(widened), figures(coldWidened), {
        atMost: CHANGED_TO_COLD,
      }),
    );
  }
  return rows;
}

/** The inventory as `match-re2.cc` reads it. */
async function writeInventory(path: string, seed: number): Promise<void> {
  const containers = matchContainersSync(snapshotOf({ containers: CONTAINERS, seed }), []).containers();
  const lines = Array.from(containers, ({ namespaceName, podName, podLabels, containerName, containerImage }) => {
    const labels = podLabels.map(({ name, value }) => `${name}=${value}`).join('\u001f');
    return `${[namespaceName, podName, labels, containerName, containerImage].join('\t')}\n`;
  });
  await writeFile(path, lines.join(''));
}

/** S3 and S4: the matching alone, against C++ on libre2. */
export const matching: Scenario = {
  id: 'S3',
  title: 'matching 100,000 containers, cold (S3) and warm (S4), against C++ on libre2',
  run: async (context: BenchContext) => {
    const built = await buildMatchRe2(context.directory);
    if ('missing' in built)
      return ['S3', 'S4'].map((id) => skipped(id, 'matching, against C++ on libre2', built.missing));
    const inventory = join(context.directory, 'containers.tsv');
    await writeInventory(inventory, context.seed);
    const peer = CommandProcess.start(built.program, [inventory]);
    context.onEnd(() => peer.stop());
    const generated = JSON.stringify({ containers: CONTAINERS, seed: context.seed });
    const service = CommandProcess.program('sides/match-service.ts', [generated]);
    context.onEnd(() => service.stop());
    await Promise.all([peer.answer(), service.answer()]);
    const measurements: Measurement[] = [];
    for (const work of WORKS) measurements.push(...(await compare({ service, peer }, work, ROUNDS * context.rounds)));
    return measurements.toSorted((left, right) => left.scenario.localeCompare(right.scenario));
  },
};
