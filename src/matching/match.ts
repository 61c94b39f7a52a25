import { LRUCache } from 'lru-cache';
import {
  type Bitmap,
  clearRange,
  emptyBitmap,
  fullBitmap,
  hasBit,
  hasBitInRange,
  intersect,
  setBit,
  setRange,
} from './bitmap.js';
import { ContainerJson } from './container-json.js';
import type { Criterion } from './criterion.js';
import type { Indexes, InventorySnapshot, ValueColumn } from './inventory-snapshot.js';
import { compilePattern } from './pattern.js';
import { Selection } from './selection.js';

/** How long, in milliseconds, {@link matchContainers} works before it yields; one RE2 test may take it past that. */
const TURN_MILLISECONDS = 4;

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
  const turn = new Turn();
  const selected = fullBitmap(snapshot.containerCount);
  let anyLeft = snapshot.containerCount > 0;
  for (const criterion of cheapestFirst(snapshot, criteria)) {
    if (!anyLeft) break;
    anyLeft =
      criterion.type === 'podName'
        ? yield* keepByPodName(snapshot, known, selected, criterion.value, turn)
        : intersect(selected, yield* containersOf(snapshot, known, criterion, turn));
  }
  return new Selection(snapshot, known.json, selected);
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
  /** Criterion → the containers that meet it. Not for `podName`. */
  readonly containers: LRUCache<string, Bitmap>;
  /** Pattern of a `podName` criterion → what is known of the pod names. */
  readonly podNames: LRUCache<string, PodNameVerdicts>;
  readonly json: ContainerJson;
}

/** Bits by pod name: tested at all, and found to match. */
interface PodNameVerdicts {
  readonly tested: Bitmap;
  readonly matching: Bitmap;
}

/** In bytes; the cache's own record of one result, beside key and bitmap. */
const RESULT_OVERHEAD = 256;

const knownBySnapshot = new WeakMap<InventorySnapshot, Known>();

function knownOf(snapshot: InventorySnapshot): Known {
  let known = knownBySnapshot.get(snapshot);
  if (known === undefined) {
    const maxSize = Math.floor(snapshot.resultBytes / 2);
    known = {
      containers: new LRUCache({
        maxSize,
        sizeCalculation: (bits, key) => bits.byteLength + 2 * key.length + RESULT_OVERHEAD,
      }),
      podNames: new LRUCache({
        maxSize,
        sizeCalculation: ({ tested }, key) => 2 * tested.byteLength + 2 * key.length + RESULT_OVERHEAD,
      }),
      json: new ContainerJson(snapshot),
    };
    knownBySnapshot.set(snapshot, known);
  }
  return known;
}

/** Fewest distinct values first; pod names last, for those are tested only on the pods that are still selected. */
function cheapestFirst(snapshot: InventorySnapshot, criteria: readonly Criterion[]): readonly Criterion[] {
  if (criteria.length < 2) return criteria;
  const cost = ({ type }: Criterion): number => (type === 'podName' ? Infinity : columnOf(snapshot, type).texts.length);
  return criteria.toSorted((left, right) => {
    const leftCost = cost(left);
    const rightCost = cost(right);
    return leftCost === rightCost ? 0 : leftCost - rightCost;
  });
}

function columnOf(snapshot: InventorySnapshot, type: Criterion['type']): ValueColumn {
  switch (type) {
    case 'containerImage':
      return snapshot.images;
    case 'containerName':
      return snapshot.containerNames;
    case 'podName':
      return snapshot.podNames;
    case 'podLabel':
      return snapshot.labels;
    case 'namespaceName':
      return snapshot.namespaces;
  }
}

function* containersOf(
  snapshot: InventorySnapshot,
  known: Known,
  criterion: Criterion,
  turn: Turn,
): Generator<void, Bitmap> {
  const key = `${criterion.type} ${criterion.value}`;
  let containers = known.containers.get(key);
  if (containers === undefined) {
    const matching = yield* matchingValues(columnOf(snapshot, criterion.type), criterion.value, turn);
    containers = containersHaving(snapshot, criterion.type, matching);
    known.containers.set(key, containers);
    if (turn.isOver()) yield* turn.pass();
  }
  return containers;
}

/** Tests each value of a column. */
function* matchingValues(column: ValueColumn, value: string, turn: Turn): Generator<void, Bitmap> {
  const pattern = compilePattern(value, column.byteLength);
  const matching = emptyBitmap(column.bytes.length);
  for (const [index, bytes] of column.bytes.entries()) {
    if (pattern.test(bytes)) setBit(matching, index);
    if (turn.isOverAfterTest()) yield* turn.pass();
  }
  return matching;
}

/** The containers that have a matching value: a bit for each container, from a bit for each value. */
function containersHaving(snapshot: InventorySnapshot, type: Criterion['type'], matching: Bitmap): Bitmap {
  const containers = emptyBitmap(snapshot.containerCount);
  switch (type) {
    case 'containerImage':
      setWhereMatching(containers, snapshot.imageOfContainer, matching);
      break;
    case 'containerName':
      setWhereMatching(containers, snapshot.nameOfContainer, matching);
      break;
    case 'podName':
      setPodsWhereMatching(containers, snapshot, snapshot.nameOfPod, matching);
      break;
    case 'podLabel':
      setPodsWhereMatching(containers, snapshot, snapshot.labelSetOfPod, matchingLabelSets(snapshot, matching));
      break;
    case 'namespaceName':
      setPodsWhereMatching(containers, snapshot, snapshot.namespaceOfPod, matching);
      break;
  }
  return containers;
}

function setWhereMatching(containers: Bitmap, valueOf: Indexes, matching: Bitmap): void {
  for (let container = 0; container < valueOf.length; container++) {
    if (hasBit(matching, valueOf[container] ?? 0)) setBit(containers, container);
  }
}

function setPodsWhereMatching(
  containers: Bitmap,
  { firstContainerOfPod }: InventorySnapshot,
  valueOf: Indexes,
  matching: Bitmap,
): void {
  for (let pod = 0; pod < valueOf.length; pod++) {
    if (hasBit(matching, valueOf[pod] ?? 0)) {
      setRange(containers, firstContainerOfPod[pod] ?? 0, firstContainerOfPod[pod + 1] ?? 0);
    }
  }
}

/** One matching label is enough for a set. */
function matchingLabelSets({ labelSetCount, firstLabelOfSet, labelOfSet }: InventorySnapshot, labels: Bitmap): Bitmap {
  const sets = emptyBitmap(labelSetCount);
  for (let set = 0; set < labelSetCount; set++) {
    const end = firstLabelOfSet[set + 1] ?? 0;
    for (let entry = firstLabelOfSet[set] ?? 0; entry < end; entry++) {
      if (hasBit(labels, labelOfSet[entry] ?? 0)) {
        setBit(sets, set);
        break;
      }
    }
  }
  return sets;
}

/** Takes out of `selected` the pods whose name does not match; answers whether anything is left. */
function* keepByPodName(
  snapshot: InventorySnapshot,
  known: Known,
  selected: Bitmap,
  value: string,
  turn: Turn,
): Generator<void, boolean> {
  const { podNames, nameOfPod, firstContainerOfPod, podCount } = snapshot;
  let verdicts = known.podNames.get(value);
  if (verdicts === undefined) {
    verdicts = { tested: emptyBitmap(podNames.bytes.length), matching: emptyBitmap(podNames.bytes.length) };
    known.podNames.set(value, verdicts);
  }
  const { tested, matching } = verdicts;
  const pattern = compilePattern(value, podNames.byteLength);
  let anyLeft = false;
  for (let pod = 0; pod < podCount; pod++) {
    const first = firstContainerOfPod[pod] ?? 0;
    const end = firstContainerOfPod[pod + 1] ?? 0;
    if (!hasBitInRange(selected, first, end)) continue;
    const name = nameOfPod[pod] ?? 0;
    if (!hasBit(tested, name)) {
      const bytes = podNames.bytes[name];
      if (bytes !== undefined && pattern.test(bytes)) setBit(matching, name);
      setBit(tested, name);
      if (turn.isOverAfterTest()) yield* turn.pass();
    }
    if (hasBit(matching, name)) anyLeft = true;
    else clearRange(selected, first, end);
  }
  return anyLeft;
}

/**
 * Tells when a generator has worked long enough. Reading the clock costs a fraction of a usual test, so it is read
 * only every so many tests: rarer while they are fast, after each one where a single test takes long.
 */
class Turn {
  #start = performance.now();
  #lastRead = this.#start;
  #testsBetweenReads = 8;
  #testsToGo = 8;

  isOverAfterTest(): boolean {
    if (--this.#testsToGo > 0) return false;
    const before = this.#lastRead;
    const over = this.isOver();
    const spent = this.#lastRead - before;
    if (spent > TURN_MILLISECONDS / 8) this.#testsBetweenReads = Math.max(1, this.#testsBetweenReads >>> 2);
    else if (this.#testsBetweenReads < 512) this.#testsBetweenReads <<= 1;
    this.#testsToGo = this.#testsBetweenReads;
    return over;
  }

  isOver(): boolean {
    this.#lastRead = performance.now();
    return this.#lastRead - this.#start >= TURN_MILLISECONDS;
  }

  *pass(): Generator<void, void> {
    yield;
    this.#start = performance.now();
    this.#lastRead = this.#start;
  }
}
