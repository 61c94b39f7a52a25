import { type Bitmap, countBits, emptyBitmap, nextBit, nextZeroBit, setBit } from './bitmap.js';
import type { ContainerJson } from './container-json.js';
import { type InventorySnapshot, labelOf, labelsOfSet, type PodLabel } from './inventory-snapshot.js';

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

/** A selection keeps the views that its answer consists of where there are no more: all containers are one. */
const MOST_KEPT_VIEWS = 8;

/** What Node takes for a view, in bytes. */
const BYTES_OF_VIEW = 256;

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
  /** What comes between the brackets of the JSON, once all of it is kept, where it is that few views. */
  #views: readonly Buffer[] | undefined;

  /** @param bits a bit for each container of the snapshot; the caller must not change it any more */
  constructor(snapshot: InventorySnapshot, json: ContainerJson, bits: Bitmap) {
    this.#snapshot = snapshot;
    this.#json = json;
    this.#bits = bits;
    this.count = countBits(bits);
    const views = this.count < json.containersOfSegment ? 0 : MOST_KEPT_VIEWS * BYTES_OF_VIEW;
    this.byteSize = bits.byteLength + 8 * Math.min(MOST_IMAGES, snapshot.images.count, this.count) + views;
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
      const labels = labelsOfSet(snapshot, columns.labelSetOfPod[pod] ?? 0);
      yield {
        namespaceName: namespaces.textOf(columns.namespaceOfPod[pod] ?? 0),
        podName: podNames.textOf(columns.nameOfPod[pod] ?? 0),
        podLabels: Array.from(labels, (label) => labelOf(snapshot, label)),
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
   *
   * @param before what the first piece begins with
   * @param after what the last piece ends with
   */
  *containersJsonChunks(before = '', after = ''): Generator<Buffer, void> {
    if (this.containersJsonLength() !== undefined && this.#views !== undefined) {
      yield Buffer.from(`${before}[`);
      yield* this.#views;
      yield Buffer.from(`]${after}`);
      return;
    }
    let text = `${before}[`;
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
    yield Buffer.from(`${text}]${after}`);
  }

  /**
   * The length of {@link containersJsonChunks} in bytes, without what comes before and after it, where every container
   * has been written before in its segment.
   */
  containersJsonLength(): number | undefined {
    this.#jsonLength ??= this.#measureJson();
    return this.#jsonLength;
  }

  #measureJson(): number | undefined {
    const size = this.#json.containersOfSegment;
    const views: Buffer[] = [];
    let length = 0;
    for (let first = nextBit(this.#bits, 0); first !== -1;) {
      const segment = Math.floor(first / size);
      if (!this.#json.hasSegment(segment)) return undefined;
      for (const run of this.#runsOfSegment(segment)) {
        length += run.length;
        if (views.length > MOST_KEPT_VIEWS) continue;
        const last = views.at(-1);
        const joined = last && neighbours(last, run);
        if (joined === undefined) views.push(run);
        else views[views.length - 1] = joined;
      }
      first = nextBit(this.#bits, (segment + 1) * size);
    }
    if (views.length <= MOST_KEPT_VIEWS) this.#views = views.map((view, at) => (at === 0 ? view.subarray(1) : view));
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
    const size = this.#json.containersOfSegment;
    const containers = Math.min(size, this.#snapshot.containerCount - segment * size);
    return 2 * countBits(this.#bits.subarray((segment * size) / 32, ((segment + 1) * size) / 32)) > containers;
  }

  /** The JSON of the selected containers of a segment, neighbours in one piece, each with a comma before it. */
  *#runsOfSegment(segment: number): Generator<Buffer, void> {
    const { bytes, starts } = this.#json.segment(segment);
    const first = segment * this.#json.containersOfSegment;
    const end = first + starts.length - 1;
    for (let from = nextBit(this.#bits, first); from !== -1 && from < end;) {
      const to = nextZeroBit(this.#bits, from, end);
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
