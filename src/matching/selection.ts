import { type Bitmap, countBits, emptyBitmap, nextBit, setBit } from './bitmap.js';
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

/** The length of a chunk of JSON, in UTF-16 units, but for the rest of its last container. */
const CHUNK_LENGTH = 65_536;

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
    const used = emptyBitmap(images.texts.length);
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      setBit(used, imageOfContainer[container] ?? 0);
    }
    const texts: string[] = [];
    for (let image = nextBit(used, 0); image !== -1 && texts.length < MOST_IMAGES; image = nextBit(used, image + 1)) {
      texts.push(images.texts[image] ?? '');
    }
    return texts;
  }

  /** `matchingContainers`, in the contract's order. */
  *containers(): Generator<MatchingContainer, void> {
    const { namespaces, podNames, labels, containerNames, images, ...columns } = this.#snapshot;
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      const pod = columns.podOfContainer[container] ?? 0;
      const set = columns.labelSetOfPod[pod] ?? 0;
      const entries = columns.labelOfSet.subarray(columns.firstLabelOfSet[set], columns.firstLabelOfSet[set + 1]);
      yield {
        namespaceName: namespaces.texts[columns.namespaceOfPod[pod] ?? 0] ?? '',
        podName: podNames.texts[columns.nameOfPod[pod] ?? 0] ?? '',
        podLabels: Array.from(entries, (label) => labels[label]).filter((label) => label !== undefined),
        containerName: containerNames.texts[columns.nameOfContainer[container] ?? 0] ?? '',
        containerImage: images.texts[columns.imageOfContainer[container] ?? 0] ?? '',
      };
    }
  }

  /** `matchingContainers` as the text of a JSON array. For thousands of containers use the chunks. */
  containersJson(): string {
    let json = '';
    for (const chunk of this.containersJsonChunks()) json += chunk;
    return json;
  }

  /** The same text in pieces of about 64 KiB, each made only when it is asked for. */
  *containersJsonChunks(): Generator<string, void> {
    let chunk = '[';
    let separator = '';
    for (let container = nextBit(this.#bits, 0); container !== -1; container = nextBit(this.#bits, container + 1)) {
      chunk += separator + this.#json.of(container);
      separator = ',';
      if (chunk.length >= CHUNK_LENGTH) {
        yield chunk;
        chunk = '';
      }
    }
    yield `${chunk}]`;
  }
}
