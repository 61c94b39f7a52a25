import { type Bitmap, countBits, emptyBitmap, nextBit, nextZeroBit, setBit } from './bitmap.js';
import type { ContainerJson } from './container-json.js';
import type { InventorySnapshot, PodLabel } from './inventory-snapshot.js';

/** One member of `matchingContainers` (contract, section 4). */
export interface MatchingContainer {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly PodLabel[];
  readonly containerName: string;
  readonly containerImage: string;
}

/** The most members that `matchingImages` has (contract, section 4). */
export const MOST_IMAGES = 4_095;

/** The length of a chunk of JSON that is made for one answer, in UTF-16 units, but for the rest of its last container. */
const CHUNK_LENGTH = 65_536;

/** From this many bytes on it is worth a chunk of its own to copy nothing. */
const LEAST_VIEW = 16_384;

/** The containers of one snapshot that meet a hook's criteria. Immutable. */
export class Selection {
  /** How many containers are selected. */
  readonly count: number;
  /** In bytes, with what it may come to remember of itself; not the snapshot's. */
  readonly byteSize: number;
  readonly #snapshot: InventorySnapshot;
  readonly #json: ContainerJson;
  readonly #bits: Bitmap;
  #images: readonly string[] | undefined;
  #jsonLength: number | undefined;

  /** @param bits a bit for each container of the snapshot; the caller must not change it any more */
  constructor(snapshot: InventorySnapshot, json: ContainerJson, bits: Bitmap) {
    this.#snapshot = snapshot;
    this.#json = json;
    this.#bits = bits;
    this.count = countBits(bits);
    this.byteSize = bits.byteLength + 8 * Math.min(MOST_IMAGES, snapshot.images.count, this.count);
  }

  /** `matchingImages`: the distinct images of the selected containers by code point, the first 4095 at most. */
  images(): readonly string[] {
    return (this.#images ??= this.#distinctImages());
  }

  #distinctImages(): readonly string[] {
    const { images, imageOfContainer } = this.#snapshot;
    const used = emptyBitmap(images.count);
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      setBit(used, imageOfContainer[container] ?? 0);
    }
    const texts: string[] = [];
    for (let image = nextBit(used, 0); image !== -1 && texts.length < MOST_IMAGES; image = nextBit(used, image + 1)) {
      texts.push(images.textOf(image));
    }
    return texts;
  }

  /** `matchingContainers`, in the contract's order. */
  *containers(): Generator<MatchingContainer, void> {
    const snapshot = this.#snapshot;
    const { namespaces, podNames, containerNames, images, ...columns } = snapshot;
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      const pod = columns.podOfContainer[container] ?? 0;
      const set = columns.labelSetOfPod[pod] ?? 0;
      const entries = columns.labelOfSet.subarray(columns.firstLabelOfSet[set], columns.firstLabelOfSet[set + 1]);
      yield {
        namespaceName: namespaces.textOf(columns.namespaceOfPod[pod] ?? 0),
        podName: podNames.textOf(columns.nameOfPod[pod] ?? 0),
        podLabels: Array.from(entries, (label) => snapshot.label(label)),
        containerName: containerNames.textOf(columns.nameOfContainer[container] ?? 0),
        containerImage: images.textOf(columns.imageOfContainer[container] ?? 0),
      };
    }
  }

  /** `matchingContainers` as the text of a JSON array. For thousands of containers use the chunks. */
  containersJson(): string {
    let json = '[';
    let separator = '';
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      json += separator + this.#json.of(container);
      separator = ',';
    }
    return `${json}]`;
  }

  /**
   * The same text as UTF-8, in pieces made only when they are asked for. Where most neighbours are selected, a piece
   * is a view of what is kept with the snapshot: not to be changed.
   */
  *containersJsonChunks(): Generator<Buffer, void> {
    let text = '[';
    let view: Buffer | undefined;
    let isFirst = true;
    for (const piece of this.#pieces()) {
      // Each container comes with a comma before it.
      const from = isFirst ? 1 : 0;
      isFirst = false;
      if (typeof piece !== 'string' && piece.length >= LEAST_VIEW) {
        if (text !== '') yield Buffer.from(text);
        text = '';
        const next = piece.subarray(from);
        const joined = view && neighbours(view, next);
        if (view !== undefined && joined === undefined) yield view;
        view = joined ?? next;
        continue;
      }
      if (view !== undefined) yield view;
      view = undefined;
      text += typeof piece === 'string' ? piece.slice(from) : piece.toString('utf8', from);
      if (text.length >= CHUNK_LENGTH) {
        yield Buffer.from(text);
        text = '';
      }
    }
    if (view !== undefined) yield view;
    yield Buffer.from(`${text}]`);
  }

  /** The length of {@link containersJsonChunks} in bytes, where every container has been written before in its segment. */
  containersJsonLength(): number | undefined {
    this.#jsonLength ??= this.#lengthOfJson();
    return this.#jsonLength;
  }

  #lengthOfJson(): number | undefined {
    const size = this.#json.containersOfSegment;
    let length = 0;
    for (let first = nextBit(this.#bits, 0); first !== -1;) {
      const segment = Math.floor(first / size);
      if (!this.#json.hasSegment(segment)) return undefined;
      for (const run of this.#runsOfSegment(segment)) length += run.length;
      first = nextBit(this.#bits, (segment + 1) * size);
    }
    // A comma less, and the brackets.
    return Math.max(2, length + 1);
  }

  /** The JSON of the selected containers, each with a comma before it: one by one, or neighbours in one piece. */
  *#pieces(): Generator<Buffer | string, void> {
    const size = this.#json.containersOfSegment;
    for (let first = nextBit(this.#bits, 0); first !== -1;) {
      const segment = Math.floor(first / size);
      const end = (segment + 1) * size;
      if (this.#isDense(segment)) {
        const isKnown = this.#json.hasSegment(segment);
        yield* this.#runsOfSegment(segment);
        // What has just been made goes out before more is made.
        if (!isKnown) yield '';
        first = nextBit(this.#bits, end);
      } else {
        for (; first !== -1 && first < end; first = nextBit(this.#bits, first + 1)) yield `,${this.#json.of(first)}`;
      }
    }
  }

  /** Whether writing the whole segment is worth it, or has been done before. */
  #isDense(segment: number): boolean {
    if (this.#json.hasSegment(segment)) return true;
    const words = this.#json.containersOfSegment / 32;
    return 2 * countBits(this.#bits.subarray(segment * words, (segment + 1) * words)) > this.#json.containersOfSegment;
  }

  /** The JSON of the selected containers of a segment, neighbours in one piece, each with a comma before it. */
  *#runsOfSegment(segment: number): Generator<Buffer, void> {
    const { bytes, starts } = this.#json.segment(segment);
    const first = segment * this.#json.containersOfSegment;
    const end = first + starts.length - 1;
    for (let from = nextBit(this.#bits, first); from !== -1 && from < end;) {
      const to = Math.min(end, nextZeroBit(this.#bits, from));
      yield bytes.subarray(starts[from - first], starts[to - first]);
      from = nextBit(this.#bits, to);
    }
  }
}

/** Two views as one, where the second begins where the first ends: one large write costs a socket less than several. */
function neighbours(left: Buffer, right: Buffer): Buffer | undefined {
  if (left.buffer !== right.buffer || left.byteOffset + left.length !== right.byteOffset) return undefined;
  return Buffer.from(left.buffer, left.byteOffset, left.length + right.length);
}
