import { LRUCache } from 'lru-cache';
import {
  type Bitmap,
  bitmapOfFlags,
  countBits,
  countBitsOfWord,
  emptyBitmap,
  flagsOfBitmap,
  fullBitmap,
  intersection,
  lowestBitOfWord,
  nextBit,
  setBit,
} from './bitmap.js';
import { ContainerJson } from './container-json.js';
import type { Criterion, CriterionType } from './criterion.js';
import type { InventorySnapshot } from './inventory-snapshot.js';
import { patternOf } from './pattern.js';
import { Selection } from './selection.js';
import { type ValueColumn, VALUES_OF_BLOCK } from './value-column.js';

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
  let selected: Bitmap | undefined;
  for (const { type, value } of cheapestFirst(snapshot, criteria)) {
    const meeting = yield* containersMeeting(snapshot, known, type, value, selected, turn);
    selected = selected === undefined ? meeting : intersection(selected, meeting);
    if (nextBit(selected, 0) === -1) break;
  }
  return new Selection(snapshot, known.json, selected ?? fullBitmap(snapshot.containerCount));
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
  /** Criterion → the containers that meet it, once all its values are tested. */
  readonly containers: LRUCache<string, Bitmap>;
  /** Criterion → what is known of the values, while only some are tested. */
  readonly verdicts: LRUCache<string, Verdicts>;
  readonly json: ContainerJson;
}

/** A bit for each value of a column: whether it has been tested, and whether it matched. */
interface Verdicts {
  readonly tested: Bitmap;
  readonly matching: Bitmap;
}

/** In bytes; the cache's own record of one result, beside key and bitmaps. */
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
      verdicts: new LRUCache({
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
  const cost = ({ type }: Criterion): number =>
    type === 'podName' ? Number.MAX_SAFE_INTEGER : columnOf(snapshot, type).texts.length;
  return criteria.toSorted((left, right) => cost(left) - cost(right));
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
  type: CriterionType,
  value: string,
  selected: Bitmap | undefined,
  turn: Turn,
): Generator<void, Bitmap> {
  const key = `${type} ${value}`;
  const kept = known.containers.get(key);
  if (kept !== undefined) return kept;
  const column = columnOf(snapshot, type);
  const count = column.texts.length;
  const verdicts = known.verdicts.get(key) ?? { tested: emptyBitmap(count), matching: emptyBitmap(count) };
  const wanted = type === 'podName' && selected !== undefined ? podNamesOf(snapshot, selected) : fullBitmap(count);
  yield* testValues(column, value, wanted, verdicts, turn);
  const containers = containersHaving(snapshot, type, verdicts.matching);
  if (countBits(verdicts.tested) === count) {
    known.containers.set(key, containers);
    known.verdicts.delete(key);
  } else {
    known.verdicts.set(key, verdicts);
  }
  if (turn.isOver()) yield* turn.pass();
  return containers;
}

/** The names of the pods that the containers belong to. */
function podNamesOf({ podNames, podOfContainer, nameOfPod }: InventorySnapshot, containers: Bitmap): Bitmap {
  const names = emptyBitmap(podNames.texts.length);
  for (let container = nextBit(containers, 0); container !== -1; container = nextBit(containers, container + 1)) {
    setBit(names, nameOfPod[podOfContainer[container] ?? 0] ?? 0);
  }
  return names;
}

/** With fewer values than this left to test in a block, testing them is cheaper than asking for the block. */
const WORTH_A_BLOCK = 8;

/** Where values match block after block, only every so many blocks are asked for. */
const MOST_BLOCKS_NOT_ASKED = 64;

/** Tests the values that are wanted and not tested yet. */
function* testValues(
  column: ValueColumn,
  value: string,
  wanted: Bitmap,
  { tested, matching }: Verdicts,
  turn: Turn,
): Generator<void, void> {
  const pattern = patternOf(value, column.byteLength);
  let notToAsk = 0;
  let nextNotToAsk = 1;
  for (let block = 0; block < wanted.length; block++) {
    let left = (wanted[block] ?? 0) & ~(tested[block] ?? 0);
    if (left === 0) continue;
    if (countBitsOfWord(left) >= WORTH_A_BLOCK && --notToAsk < 0) {
      if (!pattern.mayMatchInBlock(column, block)) {
        tested[block] = (tested[block] ?? 0) | left;
        left = 0;
        nextNotToAsk = 1;
      } else {
        notToAsk = nextNotToAsk;
        nextNotToAsk = Math.min(2 * nextNotToAsk, MOST_BLOCKS_NOT_ASKED);
      }
      if (turn.isOverAfterTest()) yield* turn.pass();
    }
    for (; left !== 0; left &= left - 1) {
      const index = block * VALUES_OF_BLOCK + lowestBitOfWord(left);
      if (pattern.matches(column, index)) setBit(matching, index);
      setBit(tested, index);
      if (turn.isOverAfterTest()) yield* turn.pass();
    }
  }
}

/** The containers that have a matching value. */
function containersHaving(snapshot: InventorySnapshot, type: CriterionType, matching: Bitmap): Bitmap {
  const values = flagsOfBitmap(matching, columnOf(snapshot, type).texts.length);
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
function containersOfPods({ podOfContainer }: InventorySnapshot, flags: Uint8Array, valueOfPod: Uint32Array): Bitmap {
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
