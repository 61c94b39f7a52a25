/**
 * The matching of the service as a program of its own, for the comparison with `peers/match-re2.cc`: the same commands
 * on the standard input, the same answers. Its one argument is the generated inventory, as JSON.
 *
 * `cold` matches each hook on a snapshot of its own that knows nothing yet. `changed` and `warm` match on the snapshots of
 * the last `cold`, the first hook on the first one, `warm` so often that it can be measured.
 */
import { createInterface } from 'node:readline/promises';
import { setImmediate } from 'node:timers/promises';
import { type Criterion, isCriterion } from '../../src/matching/criterion.js';
import type { InventorySnapshot } from '../../src/matching/inventory-snapshot.js';
import { matchContainers } from '../../src/matching/match.js';
import type { GeneratedInventory } from '../inventory/generated-pods.js';
import { snapshotOf, unmatched } from '../inventory/snapshot-of.js';

/** Times that `warm` matches each hook; the answer is the CPU time of one. */
const WARM_REPETITIONS = 20;

const loaded = snapshotOf(JSON.parse(process.argv[2] ?? '') as GeneratedInventory);
let snapshots: InventorySnapshot[] = [];
process.stdout.write(`${JSON.stringify({ containers: loaded.containerCount })}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...fields] = line.split('\t');
  const hooks = hooksOf(fields);
  if (command === 'cold') snapshots = hooks.map(() => unmatched(loaded));
  globalThis.gc?.();
  const before = process.cpuUsage();
  const repetitions = command === 'warm' ? WARM_REPETITIONS : 1;
  let count = 0;
  for (let repetition = 0; repetition < repetitions; repetition++) count = await countOfAll(hooks);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ count, cpuNs: (1_000 * (user + system)) / repetitions })}\n`);
}

async function countOfAll(hooks: readonly (readonly Criterion[])[]): Promise<number> {
  let count = 0;
  for (const [index, criteria] of hooks.entries()) count += await countOf(snapshots[index] ?? loaded, criteria);
  return count;
}

function hooksOf(fields: readonly string[]): Criterion[][] {
  const hooks: Criterion[][] = [];
  let criteria: Criterion[] = [];
  for (let at = 0; at < fields.length;) {
    if (fields[at] === ';') {
      hooks.push(criteria);
      criteria = [];
      at += 1;
      continue;
    }
    const criterion = { type: fields[at], value: fields[at + 1] };
    if (!isCriterion(criterion)) throw new TypeError(`${JSON.stringify(criterion)} is no criterion`);
    criteria.push(criterion);
    at += 2;
  }
  return [...hooks, criteria];
}

async function countOf(snapshot: InventorySnapshot, criteria: readonly Criterion[]): Promise<number> {
  const steps = matchContainers(snapshot, criteria);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.count;
    await setImmediate();
  }
}
