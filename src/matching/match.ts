import { LRUCache } from 'lru-cache';
import {
  type Bitmap,
  bitmapOfFlags,
  countBits,
  difference,
  emptyBitmap,
  flagsOfBitmap,
  fullBitmap,
  hasBit,
  intersection,
  nextBit,
  setBit,
} from './bitmap.js';
import { ContainerJson } from './container-json.js';
import type { Criterion, CriterionType } from './criterion.js';
import type { Indexes, InventorySnapshot } from './inventory-snapshot.js';
import { patternOf } from './pattern.js';
import { Selection } from './selection.js';
import { InventorySnapshotBuilder } from './snapshot-builder.js';
import { finish, TimeSlice } from './time-slice.js';
import type { ValueColumn } from './value-column.js';

/**
 * Selects the containers that meet every criterion, all of them where there are no criteria, and none of those that
 * exclude (docs/api.md, sections 2 and 4).
 *
 * Yields every few milliseconds of work, so that its driver can give the event loop to others; any number of these may
 * work on one snapshot by turns. Each distinct value is tested at most once per criterion while the result stays with the
 * snapshot (`resultBytes`), also when a match is given up: the next one goes on where it stopped.
 *
 * @throws InvalidPattern for a value that `patternError` has a reason against
 */
export function* matchContainers(
  snapshot: InventorySnapshot,
  criteria: readonly Criterion[],
  excluding: readonly Criterion[] = [],
): Generator<void, Selection> {
  const known = knownOf(snapshot);
  const key = JSON.stringify([criteria.map(keyOf), excluding.map(keyOf)]);
  const before = known.selections.get(key);
  if (before !== undefined) return before;
  const slice = new TimeSlice();
  let selected = fullBitmap(snapshot.containerCount);
  for (const criterion of cheapestFirst(snapshot, known, criteria)) {
    if (nextBit(selected, 0) === -1) break;
    selected = yield* thoseMeeting(snapshot, known, criterion, selected, slice);
  }
  for (const criterion of cheapestFirst(snapshot, known, excluding)) {
    if (nextBit(selected, 0) === -1) break;
    selected = difference(selected, yield* thoseMeeting(snapshot, known, criterion, selected, slice));
  }
  const selection = new Selection(snapshot, known.json, selected);
  known.selections.set(key, selection);
  return selection;
}

/** {@link matchContainers} in one go, for snapshots that are small or criteria that were seen before. */
export function matchContainersSync(
  snapshot: InventorySnapshot,
  criteria: readonly Criterion[],
  excluding: readonly Criterion[] = [],
): Selection {
  return finish(matchContainers(snapshot, criteria, excluding));
}

/** What is kept with a snapshot, and goes with it. */
interface Known {
  readonly results: LRUCache<string, Result>;
  /** By all criteria together. */
  readonly selections: LRUCache<string, Selection>;
  readonly json: ContainerJson;
}

/** What is known of one criterion: the containers that meet it, or which of the property's values were tested so far. */
type Result = { readonly containers: Bitmap } | TestedValues;

/** Bitmaps by value. */
interface TestedValues {
  readonly tested: Bitmap;
  readonly matching: Bitmap;
}

/** In bytes; the cache's own record of one result, beside key and bitmaps. */
const RESULT_OVERHEAD = 256;

const knownBySnapshot = new WeakMap<InventorySnapshot, Known>();

function knownOf(snapshot: InventorySnapshot): Known {
  let known = knownBySnapshot.get(snapshot);
  if (known === undefined) {
    const maxSize = Math.ceil(snapshot.resultBytes / 2);
    known = {
      results: new LRUCache({
        maxSize,
        sizeCalculation: (result, key) =>
          Object.values<Bitmap>({ ...result }).reduce((bytes, { byteLength }) => bytes + byteLength, 0) +
          2 * key.length +
          RESULT_OVERHEAD,
      }),
      selections: new LRUCache({
        maxSize,
        sizeCalculation: ({ byteSize }, key) => byteSize + 2 * key.length + RESULT_OVERHEAD,
      }),
      json: new ContainerJson(snapshot),
    };
    knownBySnapshot.set(snapshot, known);
  }
  return known;
}

/** What is known already costs nothing and leaves the less to test; then, the fewer values a property has, the earlier. */
function cheapestFirst(snapshot: InventorySnapshot, known: Known, criteria: readonly Criterion[]): Criterion[] {
  const cost = (criterion: Criterion): number => {
    const result = known.results.peek(keyOf(criterion));
    return result !== undefined && 'containers' in result ? 0 : columnOf(snapshot, criterion.type).count;
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

/** To look at one container alone costs as much as to look at this many in a row. */
const COST_OF_ONE_ALONE = 16;

/** Those of some containers that meet a criterion. Few of them: only what they have is tested. */
function* thoseMeeting(
  snapshot: InventorySnapshot,
  known: Known,
  criterion: Criterion,
  containers: Bitmap,
  slice: TimeSlice,
): Generator<void, Bitmap> {
  const { type, value } = criterion;
  const column = columnOf(snapshot, type);
  const result = resultOf(known, criterion, column);
  if ('containers' in result) return intersection(containers, result.containers);
  if (countBits(containers) >= Math.max(column.count, snapshot.containerCount / COST_OF_ONE_ALONE)) {
    return intersection(containers, yield* allMeeting(snapshot, known, criterion, slice));
  }
  const { indexes, areOfPods } = indexesOf(snapshot, type);
  const indexOf = (container: number): number =>
    at(indexes, areOfPods ? at(snapshot.podOfContainer, container) : container);
  const some = emptyBitmap(type === 'podLabel' ? snapshot.labelSetCount : column.count);
  for (let container = nextBit(containers, 0); container !== -1; container = nextBit(containers, container + 1)) {
    setBit(some, indexOf(container));
  }
  yield* testValues(column, value, type === 'podLabel' ? labelsOf(snapshot, some) : some, result, slice);
  const matching = type === 'podLabel' ? setsHaving(snapshot, some, result.matching) : result.matching;
  const meeting = emptyBitmap(snapshot.containerCount);
  for (let container = nextBit(containers, 0); container !== -1; container = nextBit(containers, container + 1)) {
    if (hasBit(matching, indexOf(container))) setBit(meeting, container);
  }
  if (slice.isOver) yield* slice.next();
  return meeting;
}

/** All containers that meet a criterion. */
function* allMeeting(
  snapshot: InventorySnapshot,
  known: Known,
  criterion: Criterion,
  slice: TimeSlice,
): Generator<void, Bitmap> {
  const column = columnOf(snapshot, criterion.type);
  const result = resultOf(known, criterion, column);
  if ('containers' in result) return result.containers;
  yield* testValues(column, criterion.value, fullBitmap(column.count), result, slice);
  const containers = containersHaving(snapshot, criterion.type, result.matching);
  known.results.set(keyOf(criterion), { containers });
  if (slice.isOver) yield* slice.next();
  return containers;
}

/** What is known of a criterion, or is found out from now on. */
function resultOf(known: Known, criterion: Criterion, column: ValueColumn): Result {
  const key = keyOf(criterion);
  let result = known.results.get(key);
  if (result === undefined) {
    result = { tested: emptyBitmap(column.count), matching: emptyBitmap(column.count) };
    known.results.set(key, result);
  }
  return result;
}

/** Tests the values that are wanted and not tested yet. */
function* testValues(
  column: ValueColumn,
  value: string,
  wanted: Bitmap,
  { tested, matching }: TestedValues,
  slice: TimeSlice,
): Generator<void, void> {
  const pattern = patternOf(value, column.byteLength);
  for (let block = 0; block < wanted.length; block++) {
    for (let left = at(wanted, block) & ~at(tested, block); left !== 0;) {
      const now = pattern.isLarge ? left & -left : left;
      matching[block] = at(matching, block) | pattern.matchesOfBlock(column, block, now);
      tested[block] = at(tested, block) | now;
      left &= ~now;
      if (slice.isOver) yield* slice.next();
    }
  }
}

/** The labels of some label sets. */
function labelsOf({ labelTexts, firstLabelOfSet, labelOfSet }: InventorySnapshot, sets: Bitmap): Bitmap {
  const labels = emptyBitmap(labelTexts.count);
  for (let set = nextBit(sets, 0); set !== -1; set = nextBit(sets, set + 1)) {
    const end = at(firstLabelOfSet, set + 1);
    for (let entry = at(firstLabelOfSet, set); entry < end; entry++) setBit(labels, at(labelOfSet, entry));
  }
  return labels;
}

/** Those of some label sets that have one of some labels. */
function setsHaving(snapshot: InventorySnapshot, sets: Bitmap, labels: Bitmap): Bitmap {
  const { firstLabelOfSet, labelOfSet } = snapshot;
  const having = emptyBitmap(snapshot.labelSetCount);
  for (let set = nextBit(sets, 0); set !== -1; set = nextBit(sets, set + 1)) {
    const end = at(firstLabelOfSet, set + 1);
    for (let entry = at(firstLabelOfSet, set); entry < end; entry++) {
      if (hasBit(labels, at(labelOfSet, entry))) setBit(having, set);
    }
  }
  return having;
}

/** The containers that have a matching value. */
function containersHaving(snapshot: InventorySnapshot, type: CriterionType, matching: Bitmap): Bitmap {
  const { podOfContainer, podCount, containerCount, labelSetCount } = snapshot;
  const { indexes, areOfPods } = indexesOf(snapshot, type);
  const flags =
    type === 'podLabel'
      ? flagsOfBitmap(setsHaving(snapshot, fullBitmap(labelSetCount), matching), labelSetCount)
      : flagsOfBitmap(matching, columnOf(snapshot, type).count);
  // With one container each, pods and containers have the same numbers.
  if (!areOfPods || podCount === containerCount) return bitmapOfFlags(flags, indexes);
  const pods = new Uint8Array(podCount);
  for (let pod = 0; pod < podCount; pod++) pods[pod] = at(flags, at(indexes, pod));
  return bitmapOfFlags(pods, podOfContainer);
}

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? 0;
}

/**
 * V8 optimizes code for the shape of the objects that it works on, and throws that code away at the first full garbage
 * collections that find no object of the shape alive. Between two matches there is none, so these live on: without them
 * each match would begin with slow code.
 */
export const KEPT_SHAPES: readonly object[] = [new TimeSlice(), matchOfExample()];

function matchOfExample(): object {
  const builder = new InventorySnapshotBuilder();
  for (const podName of ['a', 'b']) {
    const podLabels = [{ name: 'a', value: podName }];
    builder.addPod({ namespaceName: 'a', podName, podLabels, containers: [{ name: 'a', image: podName }] });
  }
  const snapshot = builder.build();
  const criteria = (['containerImage', 'podLabel', 'podName'] as const).map((type) => ({ type, value: 'a' }));
  return [snapshot, knownOf(snapshot), matchContainersSync(snapshot, criteria)];
}
