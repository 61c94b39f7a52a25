import { type InventorySnapshot, labelOf, labelsOfSet } from './inventory-snapshot.js';
import { VALUES_OF_BLOCK } from './value-column.js';

/** The JSON of the 32 containers of one word of a bitmap, one after the other, each with a comma before it. */
export interface JsonSegment {
  /** Holds other segments too. */
  readonly bytes: Buffer;
  /** Container of the segment → where its comma is; one entry more than there are containers. */
  readonly starts: Uint32Array<ArrayBuffer>;
}

/**
 * Writes containers of one snapshot as JSON (`matchingContainers`, docs/api.md, section 4). What has been written is kept,
 * while it fits the snapshot's `fragmentBytes`: whole segments, and what containers share.
 */
export class ContainerJson {
  readonly #snapshot: InventorySnapshot;
  readonly #segments: (JsonSegment | undefined)[] = [];
  #slab = Buffer.alloc(0);
  #slabUsed = 0;
  readonly #namespaces: (string | undefined)[] = [];
  readonly #labelSets: (string | undefined)[] = [];
  readonly #containerNames: (string | undefined)[] = [];
  readonly #images: (string | undefined)[] = [];
  #bytesLeft: number;
  #bytesLeftForParts: number;

  constructor(snapshot: InventorySnapshot) {
    this.#snapshot = snapshot;
    this.#bytesLeft = snapshot.fragmentBytes;
    this.#bytesLeftForParts = Math.floor(snapshot.fragmentBytes / 4);
  }

  /** Whether a segment has been written and kept. */
  isKept(segment: number): boolean {
    return this.#segments[segment] !== undefined;
  }

  /** The JSON of the containers from `32 * segment` on. */
  segment(segment: number): JsonSegment {
    return this.#segments[segment] ?? this.#write(segment);
  }

  #write(segment: number): JsonSegment {
    const first = segment * VALUES_OF_BLOCK;
    const count = Math.min(VALUES_OF_BLOCK, this.#snapshot.containerCount - first);
    const texts = Array.from({ length: count }, (_, index) => this.#text(first + index));
    const text = texts.join('');
    const length = Buffer.byteLength(text);
    const starts = new Uint32Array(count + 1);
    const cost = length + starts.byteLength;
    const isKept = cost <= this.#bytesLeft;
    if (isKept) this.#reserve(length);
    const bytes = isKept ? this.#slab : Buffer.allocUnsafe(length);
    let start = isKept ? this.#slabUsed : 0;
    bytes.write(text, start);
    for (const [index, each] of texts.entries()) {
      starts[index] = start;
      start += length === text.length ? each.length : Buffer.byteLength(each);
    }
    starts[count] = start;
    if (!isKept) return { bytes, starts };
    this.#slabUsed = start;
    this.#bytesLeft -= cost;
    return (this.#segments[segment] = { bytes, starts });
  }

  /** Memory behind the segment before, so that neighbours go to a socket as one. */
  #reserve(length: number): void {
    if (this.#slab.length - this.#slabUsed >= length) return;
    // For all containers, most likely. Memory that nobody has written to yet is none.
    this.#slab = Buffer.allocUnsafeSlow(Math.max(length, this.#snapshot.fragmentBytes));
    this.#slabUsed = 0;
  }

  /** In one piece: `+` would only note which strings belong together, at several times their size. */
  #text(container: number): string {
    const snapshot = this.#snapshot;
    const pod = snapshot.podOfContainer[container] ?? 0;
    return [
      this.#part(this.#namespaces, snapshot.namespaceOfPod[pod] ?? 0, namespaceText),
      quote(snapshot.podNames.textOf(snapshot.nameOfPod[pod] ?? 0)),
      this.#part(this.#labelSets, snapshot.labelSetOfPod[pod] ?? 0, labelsText),
      this.#part(this.#containerNames, snapshot.nameOfContainer[container] ?? 0, containerNameText),
      this.#part(this.#images, snapshot.imageOfContainer[container] ?? 0, imageText),
    ].join('');
  }

  /** What containers share, kept for the next one. */
  #part(
    kept: (string | undefined)[],
    index: number,
    write: (snapshot: InventorySnapshot, index: number) => string,
  ): string {
    const known = kept[index];
    if (known !== undefined) return known;
    const json = write(this.#snapshot, index);
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes > this.#bytesLeftForParts) return json;
    this.#bytesLeftForParts -= bytes;
    this.#bytesLeft -= bytes;
    return (kept[index] = json);
  }
}

/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

function namespaceText({ namespaces }: InventorySnapshot, namespace: number): string {
  return `,{"namespaceName":${quote(namespaces.textOf(namespace))},"podName":`;
}

function labelsText(snapshot: InventorySnapshot, set: number): string {
  const labels = Array.from(labelsOfSet(snapshot, set), (label) => {
    const { name, value } = labelOf(snapshot, label);
    return `{"name":${quote(name)},"value":${quote(value)}}`;
  });
  return `,"podLabels":[${labels.join(',')}],"containerName":`;
}

function containerNameText({ containerNames }: InventorySnapshot, name: number): string {
  return `${quote(containerNames.textOf(name))},"containerImage":`;
}

function imageText({ images }: InventorySnapshot, image: number): string {
  return `${quote(images.textOf(image))}}`;
}

/** `JSON.stringify` of a text, without its cost where nothing needs escaping: the rule for what Kubernetes names. */
function quote(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;
