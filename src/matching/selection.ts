import { type Bitmap, countBits, emptyBitmap, nextBit, nextZeroBit, setBit } from './bitmap.js';
import type { ContainerJson } from './container-json.js';
import { type InventorySnapshot, labelOf, labelsOfSet, type PodLabel } from './inventory-snapshot.js';

/** One member of `matchingContainers` (docs/api.md, section 4). */
export interface MatchingContainer {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly PodLabel[];
  readonly containerName: string;
  readonly containerImage: string;
}

/** The most members that `matchingImages` has (docs/api.md, section 4). */
export const MOST_IMAGES = 4_095;

/** The usual length of a chunk of JSON, in bytes. */
const CHUNK_BYTES = 65_536;

/** From this many bytes on it is worth a chunk of its own to copy nothing. */
const LEAST_VIEW = 16_384;

/** A stretch of memory. */
interface Stretch {
  readonly bytes: Buffer;
  readonly start: number;
  end: number;
}

/** Some containers of one snapshot: those that a hook selects, say. Immutable. */
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

  /** `matchingContainers`, in the order of docs/api.md, section 4. */
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
    return Array.from(this.containersJsonChunks(), String).join('');
  }

  /**
   * The same text as UTF-8, in pieces made only when they are asked for. Long ones are views of what is kept with the
   * snapshot: not to be changed.
   *
   * @param before what the first piece begins with
   * @param after what the last piece ends with
   */
  *containersJsonChunks(before = '', after = ''): Generator<Buffer, void> {
    let short: Buffer[] = [Buffer.from(`${before}[`)];
    let length = 0;
    let isFirst = true;
    for (const { bytes, start, end } of this.#stretches()) {
      // Each container comes with a comma before it.
      const view = bytes.subarray(isFirst ? start + 1 : start, end);
      isFirst = false;
      const isLong = view.length >= LEAST_VIEW;
      if (!isLong) length += short.push(view) && view.length;
      if ((isLong && short.length > 0) || length >= CHUNK_BYTES) {
        yield Buffer.concat(short);
        short = [];
        length = 0;
      }
      if (isLong) yield view;
    }
    yield Buffer.concat([...short, Buffer.from(`]${after}`)]);
  }

  /**
   * The length of {@link containersJsonChunks} in bytes, without what comes before and after it, where every container
   * has been written before.
   */
  containersJsonLength(): number | undefined {
    if (this.#jsonLength !== undefined) return this.#jsonLength;
    if (this.#bits.some((word, segment) => word !== 0 && !this.#json.isKept(segment))) return undefined;
    let length = 0;
    for (const { start, end } of this.#stretches()) length += end - start;
    // A comma less, and the brackets.
    return (this.#jsonLength = Math.max(2, length + 1));
  }

  /** The JSON of the selected containers, neighbours in one stretch, each with a comma before it. */
  *#stretches(): Generator<Stretch, void> {
    let last: Stretch | undefined;
    let written = 0;
    for (let from = nextBit(this.#bits, 0); from !== -1;) {
      const segment = from >>> 5;
      const isKept = this.#json.isKept(segment);
      const { bytes, starts } = this.#json.segment(segment);
      const first = segment << 5;
      const to = nextZeroBit(this.#bits, from, first + starts.length - 1);
      const start = starts[from - first] ?? 0;
      const end = starts[to - first] ?? 0;
      if (!isKept) written += end - start;
      // One large write costs a socket less than several; but what has just been made goes out before more is made.
      if (last?.bytes === bytes && last.end === start && written < CHUNK_BYTES) {
        last.end = end;
      } else {
        if (last !== undefined) yield last;
        last = { bytes, start, end };
        written = 0;
      }
      from = nextBit(this.#bits, to);
    }
    if (last !== undefined) yield last;
  }
}
