import { type Bitmap, countBits, emptyBitmap, nextBit, nextZeroBit, setBit } from './bitmap.js';
import { CONTAINERS_OF_SEGMENT, type ContainerJson } from './container-json.js';
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

/** The length of a chunk of JSON, in UTF-16 units or bytes, but for the rest of its last container. */
const CHUNK_LENGTH = 65_536;

/** From this many bytes on it is worth a chunk of its own to copy nothing. */
const LEAST_VIEW = 16_384;

const WORDS_OF_SEGMENT = CONTAINERS_OF_SEGMENT / 32;

/** The containers of one snapshot that meet a hook's criteria. Immutable. */
export class Selection {
  /** How many containers are selected. */
  readonly count: number;
  readonly #snapshot: InventorySnapshot;
  readonly #json: ContainerJson;
  readonly #bits: Bitmap;

  /** @param bits a bit for each container of the snapshot; the caller must not change it any more */
  constructor(snapshot: InventorySnapshot, json: ContainerJson, bits: Bitmap) {
    this.#snapshot = snapshot;
    this.#json = json;
    this.#bits = bits;
    this.count = countBits(bits);
  }

  /** `matchingImages`: the distinct images of the selected containers by code point, the first 4095 at most. */
  images(): string[] {
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
    let isFirst = true;
    for (const piece of this.#pieces()) {
      // Each container comes with a comma before it.
      const from = isFirst ? 1 : 0;
      isFirst = false;
      if (typeof piece !== 'string' && piece.length >= LEAST_VIEW) {
        if (text !== '') yield Buffer.from(text);
        text = '';
        for (let at = from; at < piece.length; at += CHUNK_LENGTH) yield piece.subarray(at, at + CHUNK_LENGTH);
        continue;
      }
      text += typeof piece === 'string' ? piece.slice(from) : piece.toString('utf8', from);
      if (text.length >= CHUNK_LENGTH) {
        yield Buffer.from(text);
        text = '';
      }
    }
    yield Buffer.from(`${text}]`);
  }

  /** The JSON of the selected containers, each with a comma before it: one by one, or neighbours in one piece. */
  *#pieces(): Generator<Buffer | string, void> {
    for (let first = nextBit(this.#bits, 0); first !== -1;) {
      const segment = Math.floor(first / CONTAINERS_OF_SEGMENT);
      const end = (segment + 1) * CONTAINERS_OF_SEGMENT;
      if (this.#isDense(segment)) {
        yield* this.#runsOfSegment(segment);
        first = nextBit(this.#bits, end);
      } else {
        for (; first !== -1 && first < end; first = nextBit(this.#bits, first + 1)) yield `,${this.#json.of(first)}`;
      }
    }
  }

  /** Whether writing the whole segment is worth it, or has been done before. */
  #isDense(segment: number): boolean {
    if (this.#json.hasSegment(segment)) return true;
    const word = segment * WORDS_OF_SEGMENT;
    return 2 * countBits(this.#bits.subarray(word, word + WORDS_OF_SEGMENT)) > CONTAINERS_OF_SEGMENT;
  }

  /** The JSON of the selected containers of a segment, neighbours in one piece, each with a comma before it. */
  *#runsOfSegment(segment: number): Generator<Buffer, void> {
    const { bytes, starts } = this.#json.segment(segment);
    const first = segment * CONTAINERS_OF_SEGMENT;
    const end = first + starts.length - 1;
    for (let from = nextBit(this.#bits, first); from !== -1 && from < end;) {
      const to = Math.min(end, nextZeroBit(this.#bits, from));
      yield bytes.subarray(starts[from - first], starts[to - first]);
      from = nextBit(this.#bits, to);
    }
  }
}
