import { type InventorySnapshot, labelOf, labelsOfSet } from './inventory-snapshot.js';

/** The usual length of a segment in bytes; writing it takes a millisecond or two. */
const SEGMENT_BYTES = 256 * 1_024;

/** Of a segment's containers, a power of two: whole words of a bitmap. */
const FEWEST_OF_SEGMENT = 32;
const MOST_OF_SEGMENT = 2_048;

/** The JSON of neighbouring containers, one after the other, each with a comma before it. */
export interface JsonSegment {
  readonly bytes: Buffer;
  /** Container of the segment → where its comma is; one entry more than there are containers. */
  readonly starts: Uint32Array<ArrayBuffer>;
}

/**
 * Writes containers of one snapshot as JSON (`matchingContainers`, contract, section 4). What has been written is kept,
 * while it fits the snapshot's `fragmentBytes`: whole containers, one by one or in segments, and what containers share.
 */
export class ContainerJson {
  /** How many neighbouring containers are written together, where most of them are wanted. */
  readonly containersOfSegment: number;
  readonly #snapshot: InventorySnapshot;
  #containers: (string | undefined)[] | undefined;
  #slab = Buffer.alloc(0);
  #slabUsed = 0;
  readonly #segments: (JsonSegment | undefined)[] = [];
  readonly #namespaces: (string | undefined)[] = [];
  #labelSets: (string | undefined)[] | undefined;
  readonly #containerNames: (string | undefined)[] = [];
  readonly #images: (string | undefined)[] = [];
  #bytesLeftForContainers: number;
  #bytesLeftForParts: number;

  constructor(snapshot: InventorySnapshot) {
    this.#snapshot = snapshot;
    this.containersOfSegment = containersOfSegment(snapshot);
    this.#bytesLeftForParts = Math.floor(snapshot.fragmentBytes / 4);
    this.#bytesLeftForContainers = snapshot.fragmentBytes;
  }

  /** The JSON object of one container. */
  of(container: number): string {
    return this.#containers?.[container] ?? this.#write(container);
  }

  /** The JSON of the containers from `segment * containersOfSegment` on. */
  segment(segment: number): JsonSegment {
    return this.#segments[segment] ?? this.#writeSegment(segment);
  }

  /** Whether a segment has been written and kept. */
  hasSegment(segment: number): boolean {
    return this.#segments[segment] !== undefined;
  }

  #writeSegment(segment: number): JsonSegment {
    const first = segment * this.containersOfSegment;
    const end = Math.min(first + this.containersOfSegment, this.#snapshot.containerCount);
    const pieces: string[] = [];
    for (let container = first; container < end; container++)
      pieces.push(this.#containers?.[container] ?? this.#text(container));
    const text = `,${pieces.join(',')}`;
    const length = Buffer.byteLength(text);
    const isAscii = length === text.length;
    const starts = new Uint32Array(pieces.length + 1);
    let start = 0;
    for (const [index, piece] of pieces.entries()) {
      start += 1 + (isAscii ? piece.length : Buffer.byteLength(piece));
      starts[index + 1] = start;
    }
    for (let container = first; container < end; container++) this.#forget(container);
    const bytes = this.#room(length);
    if (bytes === undefined) return { bytes: Buffer.from(text), starts };
    bytes.write(text);
    this.#bytesLeftForContainers -= starts.byteLength;
    return (this.#segments[segment] = { bytes, starts });
  }

  /**
   * Memory for a segment that is kept, behind that of the segment before, so that both go to a socket as one;
   * `undefined` where there is no more.
   */
  #room(length: number): Buffer | undefined {
    if (length > this.#bytesLeftForContainers) return undefined;
    this.#bytesLeftForContainers -= length;
    if (this.#slab.length - this.#slabUsed < length) {
      // For all containers, most likely. Memory that nobody has written to yet is none.
      this.#slab = Buffer.allocUnsafeSlow(Math.max(length, this.#snapshot.fragmentBytes));
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed += length;
    return this.#slab.subarray(start, this.#slabUsed);
  }

  #forget(container: number): void {
    const json = this.#containers?.[container];
    if (this.#containers === undefined || json === undefined) return;
    this.#containers[container] = undefined;
    this.#bytesLeftForContainers += json.length + STRING_OVERHEAD;
  }

  #write(container: number): string {
    const json = this.#text(container);
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes > this.#bytesLeftForContainers) return json;
    this.#bytesLeftForContainers -= bytes;
    // At full length from the start: an array that grows with gaps becomes a hash table.
    this.#containers ??= new Array<string | undefined>(this.#snapshot.containerCount);
    return (this.#containers[container] = json);
  }

  /** In one piece: `+` would only note which strings belong together, at several times their size. */
  #text(container: number): string {
    const snapshot = this.#snapshot;
    const pod = snapshot.podOfContainer[container] ?? 0;
    return [
      this.#ofNamespace(snapshot.namespaceOfPod[pod] ?? 0),
      quote(snapshot.podNames.textOf(snapshot.nameOfPod[pod] ?? 0)),
      this.#ofLabelSet(snapshot.labelSetOfPod[pod] ?? 0),
      this.#ofContainerName(snapshot.nameOfContainer[container] ?? 0),
      this.#ofImage(snapshot.imageOfContainer[container] ?? 0),
    ].join('');
  }

  #ofNamespace(namespace: number): string {
    const known = this.#namespaces[namespace];
    if (known !== undefined) return known;
    const json = ['{"namespaceName":', quote(this.#snapshot.namespaces.textOf(namespace)), ',"podName":'].join('');
    return this.#isPartKept(json) ? (this.#namespaces[namespace] = json) : json;
  }

  #ofContainerName(name: number): string {
    const known = this.#containerNames[name];
    if (known !== undefined) return known;
    const json = [quote(this.#snapshot.containerNames.textOf(name)), ',"containerImage":'].join('');
    return this.#isPartKept(json) ? (this.#containerNames[name] = json) : json;
  }

  #ofImage(image: number): string {
    const known = this.#images[image];
    if (known !== undefined) return known;
    const json = [quote(this.#snapshot.images.textOf(image)), '}'].join('');
    return this.#isPartKept(json) ? (this.#images[image] = json) : json;
  }

  #ofLabelSet(set: number): string {
    const known = this.#labelSets?.[set];
    if (known !== undefined) return known;
    const { labelSetCount, podCount } = this.#snapshot;
    const written = Array.from(labelsOfSet(this.#snapshot, set), (label) => {
      const { name, value } = labelOf(this.#snapshot, label);
      return `{"name":${quote(name)},"value":${quote(value)}}`;
    });
    const json = [',"podLabels":[', written.join(','), '],"containerName":'].join('');
    // Where nearly every pod has labels of its own, they are not asked for again.
    if (2 * labelSetCount > podCount || !this.#isPartKept(json)) return json;
    this.#labelSets ??= new Array<string | undefined>(labelSetCount);
    return (this.#labelSets[set] = json);
  }

  #isPartKept(json: string): boolean {
    const bytes = json.length + STRING_OVERHEAD;
    if (bytes > this.#bytesLeftForParts) return false;
    this.#bytesLeftForParts -= bytes;
    this.#bytesLeftForContainers -= bytes;
    return true;
  }
}

function containersOfSegment({ fragmentBytes, containerCount }: InventorySnapshot): number {
  let containers = FEWEST_OF_SEGMENT;
  while (containers < MOST_OF_SEGMENT && (2 * containers * fragmentBytes) / containerCount <= SEGMENT_BYTES) {
    containers *= 2;
  }
  return containers;
}

/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

/** `JSON.stringify` of a text, without its cost where nothing needs escaping: the rule for what Kubernetes names. */
function quote(text: string): string {
  return NEEDS_NO_ESCAPE.test(text) ? `"${text}"` : JSON.stringify(text);
}

const NEEDS_NO_ESCAPE = /^[ !#-[\]-~]*$/;
