import { LRUCache } from 'lru-cache';
import {
  type Bitmap,
  bitmapOfFlags,
  countBits,
  countBitsOfWord,
  difference,
  either,
  emptyBitmap,
  flagsOfBitmap,
  fullBitmap,
  hasBit,
  intersection,
  isEmpty,
  nextBit,
  setBit,
} from './bitmap.js';
import { ContainerJson } from './container-json.js';
import type { Criterion, CriterionType } from './criterion.js';
import type { InventorySnapshot } from './inventory-snapshot.js';
import { patternOf } from './pattern.js';
import { Selection } from './selection.js';
import { Turn } from './turn.js';
import type { ValueColumn } from './value-column.js';

/**
 * Selects the containers that meet every criterion; all of them where there are no criteria (contract, section 4).
 *
 * Yields every few milliseconds of work, so that its driver can give the event loop a turn; any number of these may
 * take turns on one snapshot. Each distinct value is tested at most once per criterion while the result stays with the
 * snapshot (`resultBytes`).
 *
 * @throws InvalidPattern for a value that `patternError` has a reason against
 */
export function* matchContainers(
  snapshot: InventorySnapshot,
  criteria: readonly Criterion[],
): Generator<void, Selection> {
  const known = knownOf(snapshot);
  const key = JSON.stringify(criteria.map(keyOf));
  const before = known.selections.get(key);
  if (before !== undefined) return before;
  const turn = new Turn();
  let selected: Bitmap | undefined;
  for (const criterion of cheapestFirst(snapshot, known, criteria)) {
    const meeting = yield* containersMeeting(snapshot, known, criterion, selected, turn);
    selected = selected === undefined ? meeting : intersection(selected, meeting);
    if (isEmpty(selected)) break;
  }
  const selection = new Selection(snapshot, known.json, selected ?? fullBitmap(snapshot.containerCount));
  known.selections.set(key, selection);
  return selection;
}

/** {@link matchContainers} in one go, for snapshots that are small or criteria that were seen before. */
export function matchContainersSync(snapshot: InventorySnapshot, criteria: readonly Criterion[]): Selection {
  const steps = matchContainers(snapshot, criteria);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** What is kept with a snapshot, and goes with it. */
interface Known {
  readonly results: LRUCache<string, Result>;
  /** By all criteria together. */
  readonly selections: LRUCache<string, Selection>;
  readonly json: ContainerJson;
}

/** What is known of one criterion. */
interface Result {
  /** The containers that meet it. */
  readonly containers: Bitmap;
  /** Set while not all values have been tested. */
  readonly partial: PartialResult | undefined;
}

/** What has been tested so far of a property whose values are tested only where they are wanted. */
interface PartialResult {
  /** The containers whose value has been tested: of all others, {@link Result.containers} says nothing. */
  readonly tested: Bitmap;
  /** Bitmaps by value. */
  readonly testedValues: Bitmap;
  readonly matchingValues: Bitmap;
}

/** In bytes; the cache's own record of one result, beside key and bitmaps. */
const RESULT_OVERHEAD = 256;

const knownBySnapshot = new WeakMap<InventorySnapshot, Known>();

function knownOf(snapshot: InventorySnapshot): Known {
  let known = knownBySnapshot.get(snapshot);
  if (known === undefined) {
    known = {
      results: new LRUCache({ maxSize: Math.ceil(snapshot.resultBytes / 2), sizeCalculation: bytesOfResult }),
      selections: new LRUCache({
        maxSize: Math.ceil(snapshot.resultBytes / 2),
        sizeCalculation: ({ byteSize }, key) => byteSize + 2 * key.length + RESULT_OVERHEAD,
      }),
      json: new ContainerJson(snapshot),
    };
    knownBySnapshot.set(snapshot, known);
  }
  return known;
}

function bytesOfResult({ containers, partial }: Result, key: string): number {
  const bitmaps = partial === undefined ? [] : [partial.tested, partial.testedValues, partial.matchingValues];
  return (
    bitmaps.reduce((bytes, { byteLength }) => bytes + byteLength, containers.byteLength) +
    2 * key.length +
    RESULT_OVERHEAD
  );
}

/**
 * What is known comes first, then the property with the fewest distinct values; pod names come last, for those are
 * tested only on the pods that are still selected.
 */
function cheapestFirst(
  snapshot: InventorySnapshot,
  known: Known,
  criteria: readonly Criterion[],
): readonly Criterion[] {
  if (criteria.length < 2) return criteria;
  const cost = (criterion: Criterion): number => {
    const result = known.results.peek(keyOf(criterion));
    if (result !== undefined && result.partial === undefined) return 0;
    if (criterion.type !== 'podName') return columnOf(snapshot, criterion.type).count;
    return result === undefined ? Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER - 1;
  };
  return criteria
    .map((criterion) => ({ criterion, cost: cost(criterion) }))
    .sort((left, right) => left.cost - right.cost)
    .map(({ criterion }) => criterion);
}

function keyOf({ type, value }: Criterion): string {
  return `${type} ${value}`;
}

function columnOf(snapshot: InventorySnapshot, type: CriterionType): ValueColumn {
  switch (type) {
    case 'containerImage':
      return snapshot.images;
    case 'containerName':
      return snapshot.containerNames;
    case 'podName':
      return snapshot.podNames;
    case 'podLabel':
      return snapshot.labelTexts;
    case 'namespaceName':
      return snapshot.namespaces;
  }
}

/** The containers that meet one criterion: all of them, or at least those of them that are in `selected`. */
function* containersMeeting(
  snapshot: InventorySnapshot,
  known: Known,
  criterion: Criterion,
  selected: Bitmap | undefined,
  turn: Turn,
): Generator<void, Bitmap> {
  const key = keyOf(criterion);
  const result = known.results.get(key);
  if (result !== undefined && (result.partial === undefined || isCovered(selected, result.partial.tested))) {
    return result.containers;
  }
  const { type, value } = criterion;
  const column = columnOf(snapshot, type);
  const testedValues = result?.partial?.testedValues ?? emptyBitmap(column.count);
  const matchingValues = result?.partial?.matchingValues ?? emptyBitmap(column.count);
  const only = type === 'podName' ? selected : undefined;
  const wanted = only === undefined ? fullBitmap(column.count) : podNamesOf(snapshot, only);
  let isTested = false;
  try {
    yield* testValues(column, value, wanted, testedValues, matchingValues, turn);
    isTested = true;
  } finally {
    // Given up in between: whoever asks next goes on where this stopped.
    if (!isTested && known.results.peek(key) === undefined) {
      const tested = emptyBitmap(snapshot.containerCount);
      known.results.set(key, { containers: tested, partial: { tested, testedValues, matchingValues } });
    }
  }
  let made: Result;
  if (only === undefined) {
    made = { containers: containersHaving(snapshot, type, matchingValues), partial: undefined };
  } else {
    const containers = containersOfNames(snapshot, only, matchingValues);
    const partial = { tested: only, testedValues, matchingValues };
    made = { containers, partial };
    if (result?.partial !== undefined) made = union(containers, partial, result.containers, result.partial);
  }
  // Another that took its turns in between may know all by now.
  const meanwhile = known.results.peek(key);
  if (meanwhile === undefined || meanwhile.partial !== undefined) known.results.set(key, made);
  if (turn.isOver(column.count)) yield* turn.pass();
  return made.containers;
}

/** Whether all of `selected` has been tested. */
function isCovered(selected: Bitmap | undefined, tested: Bitmap): boolean {
  return selected !== undefined && isEmpty(difference(selected, tested));
}

/** The names of the pods that the containers belong to. */
function podNamesOf({ podNames, podOfContainer, nameOfPod }: InventorySnapshot, containers: Bitmap): Bitmap {
  const names = emptyBitmap(podNames.count);
  for (let container = nextBit(containers, 0); container !== -1; container = nextBit(containers, container + 1)) {
    setBit(names, nameOfPod[podOfContainer[container] ?? 0] ?? 0);
  }
  return names;
}

/** Those of some containers whose pod has a matching name. */
function containersOfNames(
  { containerCount, podOfContainer, nameOfPod }: InventorySnapshot,
  containers: Bitmap,
  matchingNames: Bitmap,
): Bitmap {
  const matching = emptyBitmap(containerCount);
  for (let container = nextBit(containers, 0); container !== -1; container = nextBit(containers, container + 1)) {
    if (hasBit(matchingNames, nameOfPod[podOfContainer[container] ?? 0] ?? 0)) setBit(matching, container);
  }
  return matching;
}

/** What two partial results of one criterion say together; both know all tested values. */
function union(containers: Bitmap, { tested, ...values }: PartialResult, others: Bitmap, other: PartialResult): Result {
  return {
    containers: either(containers, others),
    partial: { tested: either(tested, other.tested), ...values },
  };
}

/** With fewer values than this left to test in a block, testing them is cheaper than asking for the block. */
const WORTH_A_BLOCK = 8;

/** With fewer values than this, the patterns that blocks are asked with are not worth compiling. */
const WORTH_BLOCKS = 8_192;

/** Where block after block has both values that match and others, only one in so many is asked for. */
const MOST_BLOCKS_NOT_ASKED = 64;

/** Tests the values that are wanted and not tested yet. */
function* testValues(
  column: ValueColumn,
  value: string,
  wanted: Bitmap,
  tested: Bitmap,
  matching: Bitmap,
  turn: Turn,
): Generator<void, void> {
  const pattern = patternOf(value, column.byteLength);
  let notToAsk = countBits(difference(wanted, tested)) < WORTH_BLOCKS ? Number.MAX_SAFE_INTEGER : 0;
  let nextNotToAsk = 1;
  for (let block = 0; block < wanted.length; block++) {
    let left = (wanted[block] ?? 0) & ~(tested[block] ?? 0);
    if (left === 0) continue;
    if (countBitsOfWord(left) >= WORTH_A_BLOCK && --notToAsk < 0) {
      const verdict = pattern.verdictOnBlock(column, block);
      if (verdict === 'unknown') {
        notToAsk = nextNotToAsk;
        nextNotToAsk = Math.min(2 * nextNotToAsk, MOST_BLOCKS_NOT_ASKED);
      } else {
        if (verdict === 'all') matching[block] = (matching[block] ?? 0) | left;
        tested[block] = (tested[block] ?? 0) | left;
        left = 0;
        nextNotToAsk = 1;
      }
      if (turn.isOver(WORTH_A_BLOCK)) yield* turn.pass();
    }
    while (left !== 0) {
      const now = turn.isSlow ? left & -left : left;
      matching[block] = (matching[block] ?? 0) | pattern.matchesOfBlock(column, block, now);
      tested[block] = (tested[block] ?? 0) | now;
      left &= ~now;
      if (turn.isOver(countBitsOfWord(now))) yield* turn.pass();
    }
  }
}

/** The containers that have a matching value. */
function containersHaving(snapshot: InventorySnapshot, type: CriterionType, matching: Bitmap): Bitmap {
  const values = flagsOfBitmap(matching, columnOf(snapshot, type).count);
  switch (type) {
    case 'containerImage':
      return bitmapOfFlags(values, snapshot.imageOfContainer);
    case 'containerName':
      return bitmapOfFlags(values, snapshot.nameOfContainer);
    case 'podName':
      return containersOfPods(snapshot, values, snapshot.nameOfPod);
    case 'podLabel':
      return containersOfPods(snapshot, flagsOfLabelSets(snapshot, values), snapshot.labelSetOfPod);
    case 'namespaceName':
      return containersOfPods(snapshot, values, snapshot.namespaceOfPod);
  }
}

/** The containers of the pods whose value has its flag. */
function containersOfPods(
  { podOfContainer, podCount, containerCount }: InventorySnapshot,
  flags: Uint8Array,
  valueOfPod: Uint32Array,
): Bitmap {
  // With one container each, pods and containers have the same numbers.
  if (podCount === containerCount) return bitmapOfFlags(flags, valueOfPod);
  const pods = new Uint8Array(valueOfPod.length);
  for (let pod = 0; pod < pods.length; pod++) pods[pod] = flags[valueOfPod[pod] ?? 0] ?? 0;
  return bitmapOfFlags(pods, podOfContainer);
}

/** One matching label is enough for a set. */
function flagsOfLabelSets(
  { firstLabelOfSet, labelOfSet, labelSetCount }: InventorySnapshot,
  labels: Uint8Array,
): Uint8Array {
  const sets = new Uint8Array(labelSetCount);
  for (let set = 0; set < labelSetCount; set++) {
    const end = firstLabelOfSet[set + 1] ?? 0;
    let any = 0;
    for (let entry = firstLabelOfSet[set] ?? 0; entry < end; entry++) any |= labels[labelOfSet[entry] ?? 0] ?? 0;
    sets[set] = any;
  }
  return sets;
}
