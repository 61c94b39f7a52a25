import { type Indexes, type InventorySnapshot, snapshotOf } from './inventory-snapshot.js';
import { TimeSlice } from './time-slice.js';
import { ValueColumn } from './value-column.js';

/** The format that {@link encodeSnapshot} writes and {@link decodeSnapshot} reads; another one has another number. */
export const SNAPSHOT_FORMAT = 3;

/**
 * A snapshot as bytes, in pieces of which each takes a few milliseconds at most and may be a view of the snapshot: not
 * to be changed.
 *
 * The columns stand one behind the other, in the order below, numbers little-endian. A column of numbers: how many bytes
 * each takes (1 to 4), whether each is the difference to the one before, the count in four bytes, then the lowest bytes
 * of all numbers, the next ones of all, and so on: most of them are equal, which makes them compress to nothing. A
 * column of values: whether each is one line, the starts, and the bytes.
 */
export function* encodeSnapshot(snapshot: InventorySnapshot): Generator<Buffer, void> {
  const { namespaces, podNames, labelTexts, containerNames, images, states } = snapshot;
  for (const column of [namespaces, podNames, labelTexts, containerNames, images, states]) {
    yield Buffer.of(column.oneLineEach ? 1 : 0);
    yield encodedIndexes(column.starts);
    yield column.bytes;
  }
  yield encodedIndexes(snapshot.labelNameLengths);
  yield encodedIndexes(snapshot.namespaceOfPod);
  yield encodedIndexes(snapshot.nameOfPod);
  yield encodedIndexes(snapshot.labelSetOfPod);
  yield encodedIndexes(snapshot.firstLabelOfSet);
  yield encodedIndexes(snapshot.labelOfSet);
  yield encodedIndexes(snapshot.podOfContainer);
  yield encodedIndexes(snapshot.nameOfContainer);
  yield encodedIndexes(snapshot.imageOfContainer);
  yield encodedIndexes(snapshot.stateOfContainer);
}

/**
 * The snapshot that was encoded, of views of `bytes`. Yields every few milliseconds of work, so that its driver can give
 * the event loop to others.
 *
 * @throws MalformedSnapshot for bytes that are no snapshot; what comes back can be matched without another check
 */
export function* decodeSnapshot(bytes: Buffer): Generator<void, InventorySnapshot> {
  const columns = new ColumnReader(bytes, new TimeSlice());
  const values = {
    namespaces: yield* columns.values(),
    podNames: yield* columns.values(),
    labelTexts: yield* columns.values(),
    containerNames: yield* columns.values(),
    images: yield* columns.values(),
    states: yield* columns.values(),
  };
  const indexes = {
    labelNameLengths: yield* columns.indexes(),
    namespaceOfPod: yield* columns.indexes(),
    nameOfPod: yield* columns.indexes(),
    labelSetOfPod: yield* columns.indexes(),
    firstLabelOfSet: yield* columns.indexes(),
    labelOfSet: yield* columns.indexes(),
    podOfContainer: yield* columns.indexes(),
    nameOfContainer: yield* columns.indexes(),
    imageOfContainer: yield* columns.indexes(),
    stateOfContainer: yield* columns.indexes(),
  };
  columns.end();
  const pods = indexes.namespaceOfPod.length;
  const containers = indexes.podOfContainer.length;
  requireLength(indexes.labelNameLengths, values.labelTexts.count);
  requireLength(indexes.nameOfPod, pods);
  requireLength(indexes.labelSetOfPod, pods);
  requireLength(indexes.nameOfContainer, containers);
  requireLength(indexes.imageOfContainer, containers);
  requireLength(indexes.stateOfContainer, containers);
  requireBelow(indexes.namespaceOfPod, values.namespaces.count);
  requireBelow(indexes.nameOfPod, values.podNames.count);
  requireBelow(indexes.labelSetOfPod, indexes.firstLabelOfSet.length - 1);
  requireBelow(indexes.firstLabelOfSet, indexes.labelOfSet.length + 1);
  requireBelow(indexes.labelOfSet, values.labelTexts.count);
  requireBelow(indexes.podOfContainer, pods);
  requireBelow(indexes.nameOfContainer, values.containerNames.count);
  requireBelow(indexes.imageOfContainer, values.images.count);
  requireBelow(indexes.stateOfContainer, values.states.count);
  return snapshotOf(values, indexes);
}

/** Bytes that are no snapshot of this format. */
export class MalformedSnapshot extends Error {
  override readonly name = 'MalformedSnapshot';
}

/** Width, whether differences, count. */
const HEADER_BYTES = 6;

function encodedIndexes(column: Indexes): Buffer {
  // The highest bit of each is all that counts.
  let numbers = 0;
  let differences = 0;
  let before = 0;
  for (const number of column) {
    numbers |= number;
    differences |= number - before;
    before = number;
  }
  const isDifferences = bytesOf(differences) < bytesOf(numbers);
  const width = bytesOf(isDifferences ? differences : numbers);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + width * column.length);
  bytes[0] = width;
  bytes[1] = isDifferences ? 1 : 0;
  bytes.writeUInt32LE(column.length, 2);
  for (let byte = 0; byte < width; byte++) {
    let at = HEADER_BYTES + byte * column.length;
    before = 0;
    for (const number of column) {
      bytes[at++] = (number - before) >>> (8 * byte);
      if (isDifferences) before = number;
    }
  }
  return bytes;
}

/** How many bytes a number takes, at least one. */
function bytesOf(number: number): number {
  return Math.max(1, Math.ceil((32 - Math.clz32(number)) / 8));
}

/** Reads columns one behind the other. */
class ColumnReader {
  #at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly slice: TimeSlice,
  ) {}

  *indexes(): Generator<void, Indexes> {
    const header = this.#take(HEADER_BYTES);
    const width = header.readUInt8(0);
    const isDifferences = header.readUInt8(1) === 1;
    const count = header.readUInt32LE(2);
    if (width < 1 || width > Uint32Array.BYTES_PER_ELEMENT) throw new MalformedSnapshot('A number has no such width.');
    // Before memory is taken for as many numbers.
    const planes = Array.from({ length: width }, () => this.#take(count));
    const column = new Uint32Array(count);
    for (const [byte, plane] of planes.entries()) {
      const shift = 8 * byte;
      for (let index = 0; index < count; index++) column[index] = at(column, index) | (at(plane, index) << shift);
      if (this.slice.isOver) yield* this.slice.next();
    }
    if (isDifferences) {
      let sum = 0;
      for (let index = 0; index < count; index++) column[index] = sum += at(column, index);
    }
    if (this.slice.isOver) yield* this.slice.next();
    return column;
  }

  *values(): Generator<void, ValueColumn> {
    const oneLineEach = this.#take(1).readUInt8(0) === 1;
    const starts = yield* this.indexes();
    const bytes = this.#take(starts.at(-1) ?? 0);
    if (starts[0] !== 0) throw new MalformedSnapshot('The first value does not begin at 0.');
    for (let value = 1; value < starts.length; value++) {
      const end = at(starts, value);
      if (end <= at(starts, value - 1) || bytes[end - 1] !== LINE_BREAK)
        throw new MalformedSnapshot('A value has no line break behind it.');
    }
    if (this.slice.isOver) yield* this.slice.next();
    return new ValueColumn(bytes, starts, oneLineEach);
  }

  end(): void {
    if (this.#at !== this.bytes.length) throw new MalformedSnapshot('Something follows behind the last column.');
  }

  #take(length: number): Buffer {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.bytes.length) throw new MalformedSnapshot('The bytes end too early.');
    return this.bytes.subarray(start, this.#at);
  }
}

const LINE_BREAK = 0x0a;

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? 0;
}

function requireLength(column: Indexes, length: number): void {
  if (column.length !== length) throw new MalformedSnapshot('Columns that belong together differ in length.');
}

function requireBelow(column: Indexes, limit: number): void {
  for (let index = 0; index < column.length; index++) {
    if (at(column, index) >= limit) throw new MalformedSnapshot('A number points to nothing.');
  }
}
