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
  setBit,
} from './bitmap.js';
import { ContainerJson } from './container-json.js';
import type { Criterion, CriterionType } from './criterion.js';
import type { Indexes, InventorySnapshot } from './inventory-snapshot.js';
import { patternOf } from './pattern.js';
import { RemainingContainers } from './remaining-containers.js';
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
  const rest = cheapestFirst(snapshot, known, criteria);
  let remaining: RemainingContainers | undefined;
  while (rest.length > 0 && remaining?.isEmpty !== true) {
    // What is known already costs nothing, and leaves the less to test for the others.
    const free = rest.findIndex((criterion) => isAnswered(known.results.peek(keyOf(criterion)), remaining));
    for (const criterion of rest.splice(Math.max(0, free), 1)) {
      const meeting = yield* containersMeeting(snapshot, known, criterion, remaining, turn);
      if (remaining === undefined) remaining = new RemainingContainers(meeting);
      else remaining.retain(meeting);
    }
  }
  const selected = remaining?.toBitmap() ?? fullBitmap(snapshot.containerCount);
  const selection = new Selection(snapshot, known.json, selected);
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

/** The fewer values the property has, the earlier; among equals, what has been tested on some containers already. */
function cheapestFirst(snapshot: InventorySnapshot, known: Known, criteria: readonly Criterion[]): Criterion[] {
  if (criteria.length < 2) return [...criteria];
  const cost = (criterion: Criterion): number => {
    const { count } = columnOf(snapshot, criterion.type);
    const result = known.results.peek(keyOf(criterion));
    if (result === undefined) return count;
    return result.partial === undefined ? 0 : count - 1;
  };
  return criteria
    .map((criterion) => ({ criterion, cost: cost(criterion) }))
    .sort((left, right) => left.cost - right.cost)
    .map(({ criterion }) => criterion);
}

/** Whether a result, where there is one, says which of those remaining meet the criterion: of all, if undefined. */
function isAnswered(result: Result | undefined, remaining: RemainingContainers | undefined): boolean {
  if (result === undefined) return false;
  return result.partial === undefined || remaining?.areIn(result.partial.tested) === true;
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

/** The value of each pod, or of each container; of labels, the pod's label set. */
function indexesOf(
  snapshot: InventorySnapshot,
  type: CriterionType,
): { readonly indexes: Indexes; readonly areOfPods: boolean } {
  switch (type) {
    case 'containerImage':
      return { indexes: snapshot.imageOfContainer, areOfPods: false };
    case 'containerName':
      return { indexes: snapshot.nameOfContainer, areOfPods: false };
    case 'podName':
      return { indexes: snapshot.nameOfPod, areOfPods: true };
    case 'podLabel':
      return { indexes: snapshot.labelSetOfPod, areOfPods: true };
    case 'namespaceName':
      return { indexes: snapshot.namespaceOfPod, areOfPods: true };
  }
}

/** The containers that meet one criterion: all of them, or at least those of them that remain. */
function* containersMeeting(
  snapshot: InventorySnapshot,
  known: Known,
  criterion: Criterion,
  remaining: RemainingContainers | undefined,
  turn: Turn,
): Generator<void, Bitmap> {
  const key = keyOf(criterion);
  const result = known.results.get(key);
  if (result !== undefined && isAnswered(result, remaining)) return result.containers;
  const { type, value } = criterion;
  const column = columnOf(snapshot, type);
  const testedValues = result?.partial?.testedValues ?? emptyBitmap(column.count);
  const matchingValues = result?.partial?.matchingValues ?? emptyBitmap(column.count);
  const only = remaining === undefined ? undefined : testedOnlyIn(snapshot, type, remaining);
  const wanted = only === undefined ? fullBitmap(column.count) : valuesOf(snapshot, only);
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
    const containers = containersAmong(snapshot, only, matchingValues);
    const partial = { tested: only.all, testedValues, matchingValues };
    made = { containers, partial };
    if (result?.partial !== undefined) made = union(containers, partial, result.containers, result.partial);
  }
  // Another that took its turns in between may know all by now.
  const meanwhile = known.results.peek(key);
  if (meanwhile === undefined || meanwhile.partial !== undefined) known.results.set(key, made);
  if (turn.isOver(column.count)) yield* turn.pass();
  return made.containers;
}

/** A property whose values are tested only where some containers have them. */
interface OnlyIn {
  readonly type: CriterionType;
  /** Their numbers. */
  readonly containers: Indexes;
  /** The same as a bitmap. */
  readonly all: Bitmap;
}

/** To look at one container alone costs as much as to look at this many in a row. */
const COST_OF_ONE_ALONE = 16;

/**
 * Whether a property need not be tested as a whole because few containers remain. Nearly each pod has a name of its own;
 * the other values many share, and to gather those of many containers would cost more than it saves.
 */
function testedOnlyIn(
  snapshot: InventorySnapshot,
  type: CriterionType,
  remaining: RemainingContainers,
): OnlyIn | undefined {
  const few = Math.max(columnOf(snapshot, type).count, snapshot.containerCount / COST_OF_ONE_ALONE);
  if (type !== 'podName' && remaining.count >= few) return undefined;
  return { type, containers: remaining.numbers(), all: remaining.toBitmap() };
}

/** The values that some containers have. */
function valuesOf(snapshot: InventorySnapshot, { type, containers }: OnlyIn): Bitmap {
  const { podOfContainer, firstLabelOfSet, labelOfSet } = snapshot;
  const { indexes, areOfPods } = indexesOf(snapshot, type);
  const values = emptyBitmap(columnOf(snapshot, type).count);
  for (const container of containers) {
    const index = indexes[areOfPods ? (podOfContainer[container] ?? 0) : container] ?? 0;
    if (type !== 'podLabel') {
      setBit(values, index);
      continue;
    }
    const end = firstLabelOfSet[index + 1] ?? 0;
    for (let entry = firstLabelOfSet[index] ?? 0; entry < end; entry++) setBit(values, labelOfSet[entry] ?? 0);
  }
  return values;
}

/** Those of some containers that have a matching value. */
function containersAmong(snapshot: InventorySnapshot, { type, containers }: OnlyIn, matchingValues: Bitmap): Bitmap {
  const { podOfContainer } = snapshot;
  const { indexes, areOfPods } = indexesOf(snapshot, type);
  const matching = emptyBitmap(snapshot.containerCount);
  for (const container of containers) {
    const index = indexes[areOfPods ? (podOfContainer[container] ?? 0) : container] ?? 0;
    const meets = type === 'podLabel' ? hasLabel(snapshot, index, matchingValues) : hasBit(matchingValues, index);
    if (meets) setBit(matching, container);
  }
  return matching;
}

/** Whether a label set has one of some labels. */
function hasLabel({ firstLabelOfSet, labelOfSet }: InventorySnapshot, set: number, labels: Bitmap): boolean {
  const end = firstLabelOfSet[set + 1] ?? 0;
  for (let entry = firstLabelOfSet[set] ?? 0; entry < end; entry++) {
    if (hasBit(labels, labelOfSet[entry] ?? 0)) return true;
  }
  return false;
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
  const { podOfContainer, podCount, containerCount } = snapshot;
  const { indexes, areOfPods } = indexesOf(snapshot, type);
  const flags =
    type === 'podLabel'
      ? Uint8Array.from({ length: snapshot.labelSetCount }, (_, set) => Number(hasLabel(snapshot, set, matching)))
      : flagsOfBitmap(matching, columnOf(snapshot, type).count);
  // With one container each, pods and containers have the same numbers.
  if (!areOfPods || podCount === containerCount) return bitmapOfFlags(flags, indexes);
  const pods = new Uint8Array(podCount);
  for (let pod = 0; pod < podCount; pod++) pods[pod] = flags[indexes[pod] ?? 0] ?? 0;
  return bitmapOfFlags(pods, podOfContainer);
}
