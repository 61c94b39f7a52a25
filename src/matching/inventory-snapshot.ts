import { compareCodePoints } from './code-point-order.js';

/** One label of a pod. */
export interface PodLabel {
  readonly name: string;
  readonly value: string;
}

/** One pod and its containers, as the inventory holds them (contract, section 8). */
export interface InventoryPod {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly PodLabel[];
  readonly containers: readonly { readonly name: string; readonly image: string }[];
}

/** The distinct values of one property, each once: as text to give out and as UTF-8 bytes to test. */
export interface ValueColumn {
  readonly texts: readonly string[];
  readonly bytes: readonly Buffer[];
  /** The length of all of `bytes` together. */
  readonly byteLength: number;
}

/** A column of index numbers. */
export type Indexes = Uint32Array<ArrayBuffer>;

/** The distinct labels: `texts` and `bytes` hold `name=value`. */
export interface LabelColumn extends ValueColumn {
  readonly labels: readonly PodLabel[];
}

interface SnapshotColumns {
  readonly namespaces: ValueColumn;
  readonly podNames: ValueColumn;
  readonly labels: LabelColumn;
  readonly containerNames: ValueColumn;
  readonly images: ValueColumn;
  readonly namespaceOfPod: Indexes;
  readonly nameOfPod: Indexes;
  readonly labelSetOfPod: Indexes;
  readonly firstContainerOfPod: Indexes;
  readonly firstLabelOfSet: Indexes;
  readonly labelOfSet: Indexes;
  readonly nameOfContainer: Indexes;
  readonly imageOfContainer: Indexes;
}

/**
 * The containers of one app at one revision: immutable, in columns, each distinct value once (design, section 3).
 *
 * Containers are numbered 0 to `containerCount - 1` in the order of the contract's section 4: namespace, pod,
 * container, each by code point. Pods are numbered in the same order, so a pod's containers are neighbours. Namespaces,
 * container names and images are numbered in code point order too.
 */
export class InventorySnapshot {
  readonly namespaces: ValueColumn;
  readonly podNames: ValueColumn;
  readonly labels: LabelColumn;
  readonly containerNames: ValueColumn;
  readonly images: ValueColumn;

  /** Pod → namespace. */
  readonly namespaceOfPod: Indexes;
  /** Pod → pod name. */
  readonly nameOfPod: Indexes;
  /** Pod → label set; pods with the same labels in the same order share one. */
  readonly labelSetOfPod: Indexes;
  /** Pod → its first container; one entry more than there are pods. */
  readonly firstContainerOfPod: Indexes;
  /** Label set → its first entry in `labelOfSet`; one entry more than there are sets. */
  readonly firstLabelOfSet: Indexes;
  /** The labels of all sets, one after the other, in the order the pods hold them. */
  readonly labelOfSet: Indexes;
  /** Container → container name. */
  readonly nameOfContainer: Indexes;
  /** Container → image. */
  readonly imageOfContainer: Indexes;

  readonly containerCount: number;
  readonly podCount: number;
  readonly labelSetCount: number;

  /** The most bytes that criteria's results may take that matching keeps with this snapshot. */
  readonly resultBytes: number;
  /** The most bytes that JSON fragments may take that rendering keeps with this snapshot. */
  readonly fragmentBytes: number;
  /** An estimate, in bytes, for the budget of a cache: the columns, and all that may be kept with them later. */
  readonly byteSize: number;

  constructor(columns: SnapshotColumns) {
    this.namespaces = columns.namespaces;
    this.podNames = columns.podNames;
    this.labels = columns.labels;
    this.containerNames = columns.containerNames;
    this.images = columns.images;
    this.namespaceOfPod = columns.namespaceOfPod;
    this.nameOfPod = columns.nameOfPod;
    this.labelSetOfPod = columns.labelSetOfPod;
    this.firstContainerOfPod = columns.firstContainerOfPod;
    this.firstLabelOfSet = columns.firstLabelOfSet;
    this.labelOfSet = columns.labelOfSet;
    this.nameOfContainer = columns.nameOfContainer;
    this.imageOfContainer = columns.imageOfContainer;
    this.containerCount = columns.imageOfContainer.length;
    this.podCount = columns.nameOfPod.length;
    this.labelSetCount = columns.firstLabelOfSet.length - 1;
    const columnBytes = bytesOfColumns(columns);
    this.resultBytes = SMALLEST_ALLOWANCE + columnBytes / 2;
    this.fragmentBytes = SMALLEST_ALLOWANCE + columnBytes / 2;
    this.byteSize = Math.ceil(columnBytes + this.resultBytes + this.fragmentBytes);
  }
}

/** In bytes; what even the smallest snapshot may keep of results, and of fragments. */
const SMALLEST_ALLOWANCE = 32 * 1_024;

/** What V8 takes, in bytes, for a string, a Buffer that views a shared slab, and a label object, content not counted. */
const STRING_OVERHEAD = 24;
const BUFFER_OVERHEAD = 104;
const LABEL_OVERHEAD = 40;

/** The arrays' and typed arrays' own headers and the snapshot itself. */
const SNAPSHOT_OVERHEAD = 4_096;

function bytesOfColumns(columns: SnapshotColumns): number {
  let bytes = SNAPSHOT_OVERHEAD;
  for (const column of Object.values(columns) as (ValueColumn | Indexes)[]) {
    bytes +=
      column instanceof Uint32Array
        ? column.byteLength
        : // Text and bytes each, and a reference to each.
          column.texts.length * (STRING_OVERHEAD + BUFFER_OVERHEAD + 16) + column.byteLength * 2;
  }
  // A label is also kept as name and value.
  return bytes + columns.labels.texts.length * (2 * STRING_OVERHEAD + LABEL_OVERHEAD + 8) + columns.labels.byteLength;
}

/** A column while it is filled. */
class GrowingColumn {
  readonly #indexes = new Map<string, number>();
  readonly texts: string[] = [];
  readonly bytes: Buffer[] = [];
  byteLength = 0;

  /** The index of `text`, which is added where it is new. */
  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.append(text);
      this.#indexes.set(text, index);
    }
    return index;
  }

  /** Adds `text` without asking whether it is there. */
  append(text: string): number {
    const bytes = Buffer.from(text);
    this.byteLength += bytes.length;
    this.bytes.push(bytes);
    return this.texts.push(text) - 1;
  }

  /** The column in code point order, and the new index of each old one. */
  sorted(): { column: ValueColumn; newIndex: Indexes } {
    const order = Array.from(this.texts.keys()).sort((left, right) =>
      compareCodePoints(this.texts[left] ?? '', this.texts[right] ?? ''),
    );
    const newIndex = new Uint32Array(order.length);
    order.forEach((old, index) => {
      newIndex[old] = index;
    });
    return { column: this.column(order), newIndex };
  }

  column(order: readonly number[] = Array.from(this.texts.keys())): ValueColumn {
    return {
      texts: order.map((index) => this.texts[index] ?? ''),
      bytes: order.map((index) => this.bytes[index] ?? Buffer.alloc(0)),
      byteLength: this.byteLength,
    };
  }
}

/**
 * Makes an {@link InventorySnapshot}. Pods may be added in any order; in the order of namespace and pod, as a
 * query's `ORDER BY … COLLATE "C"` gives them, building takes a fraction of the time.
 */
export class InventorySnapshotBuilder {
  readonly #namespaces = new GrowingColumn();
  readonly #podNames = new GrowingColumn();
  readonly #labels = new GrowingColumn();
  readonly #labelObjects: PodLabel[] = [];
  readonly #labelIndexes = new Map<string, Map<string, number>>();
  readonly #containerNames = new GrowingColumn();
  readonly #images = new GrowingColumn();
  readonly #labelSetIndexes = new Map<string, number>();
  readonly #firstLabelOfSet: number[] = [0];
  readonly #labelOfSet: number[] = [];
  readonly #namespaceOfPod: number[] = [];
  readonly #nameOfPod: number[] = [];
  readonly #labelSetOfPod: number[] = [];
  readonly #firstContainerOfPod: number[] = [0];
  readonly #nameOfContainer: number[] = [];
  readonly #imageOfContainer: number[] = [];

  /** Adds one pod; one without containers is left out, for only containers are matched. */
  addPod(pod: InventoryPod): void {
    if (pod.containers.length === 0) return;
    this.#namespaceOfPod.push(this.#namespaces.indexOf(pod.namespaceName));
    this.#nameOfPod.push(this.#podNames.indexOf(pod.podName));
    this.#labelSetOfPod.push(this.#labelSet(pod.podLabels));
    for (const container of pod.containers) {
      this.#nameOfContainer.push(this.#containerNames.indexOf(container.name));
      this.#imageOfContainer.push(this.#images.indexOf(container.image));
    }
    this.#firstContainerOfPod.push(this.#nameOfContainer.length);
  }

  /**
   * The snapshot of the pods added so far.
   *
   * @throws Error when two pods have the same namespace and name, or two containers of a pod the same name
   */
  build(): InventorySnapshot {
    const namespaces = this.#namespaces.sorted();
    const containerNames = this.#containerNames.sorted();
    const images = this.#images.sorted();
    const podNames = this.#podNames.column();
    const namespaceOf = (pod: number): number => at(namespaces.newIndex, at(this.#namespaceOfPod, pod));
    const podNameOf = (pod: number): string => podNames.texts[at(this.#nameOfPod, pod)] ?? '';
    const podOrder = Array.from(this.#nameOfPod.keys()).sort(
      (left, right) => namespaceOf(left) - namespaceOf(right) || compareCodePoints(podNameOf(left), podNameOf(right)),
    );

    const podCount = podOrder.length;
    const containerCount = this.#nameOfContainer.length;
    const namespaceOfPod = new Uint32Array(podCount);
    const nameOfPod = new Uint32Array(podCount);
    const labelSetOfPod = new Uint32Array(podCount);
    const firstContainerOfPod = new Uint32Array(podCount + 1);
    const nameOfContainer = new Uint32Array(containerCount);
    const imageOfContainer = new Uint32Array(containerCount);
    let container = 0;
    podOrder.forEach((added, pod) => {
      namespaceOfPod[pod] = namespaceOf(added);
      nameOfPod[pod] = at(this.#nameOfPod, added);
      labelSetOfPod[pod] = at(this.#labelSetOfPod, added);
      if (pod > 0 && namespaceOfPod[pod - 1] === namespaceOfPod[pod] && nameOfPod[pod - 1] === nameOfPod[pod]) {
        throw new Error(`pod ${podNameOf(added)} was added twice`);
      }
      const first = container;
      for (let old = at(this.#firstContainerOfPod, added); old < at(this.#firstContainerOfPod, added + 1); old++) {
        const name = at(containerNames.newIndex, at(this.#nameOfContainer, old));
        // Insertion: a pod has a handful of containers.
        let place = container++;
        for (; place > first && at(nameOfContainer, place - 1) >= name; place--) {
          if (nameOfContainer[place - 1] === name) throw new Error(`pod ${podNameOf(added)} has a container twice`);
          nameOfContainer[place] = at(nameOfContainer, place - 1);
          imageOfContainer[place] = at(imageOfContainer, place - 1);
        }
        nameOfContainer[place] = name;
        imageOfContainer[place] = at(images.newIndex, at(this.#imageOfContainer, old));
      }
      firstContainerOfPod[pod + 1] = container;
    });

    return new InventorySnapshot({
      namespaces: namespaces.column,
      podNames,
      labels: { ...this.#labels.column(), labels: [...this.#labelObjects] },
      containerNames: containerNames.column,
      images: images.column,
      namespaceOfPod,
      nameOfPod,
      labelSetOfPod,
      firstContainerOfPod,
      firstLabelOfSet: Uint32Array.from(this.#firstLabelOfSet),
      labelOfSet: Uint32Array.from(this.#labelOfSet),
      nameOfContainer,
      imageOfContainer,
    });
  }

  #labelSet(labels: readonly PodLabel[]): number {
    const indexes = labels.map((label) => this.#label(label));
    const key = indexes.join(' ');
    let set = this.#labelSetIndexes.get(key);
    if (set === undefined) {
      set = this.#firstLabelOfSet.length - 1;
      this.#labelSetIndexes.set(key, set);
      this.#labelOfSet.push(...indexes);
      this.#firstLabelOfSet.push(this.#labelOfSet.length);
    }
    return set;
  }

  /** By name and value, not by their text: `a=b` with value `c` and `a` with value `b=c` read the same. */
  #label({ name, value }: PodLabel): number {
    let ofName = this.#labelIndexes.get(name);
    if (ofName === undefined) {
      ofName = new Map();
      this.#labelIndexes.set(name, ofName);
    }
    let index = ofName.get(value);
    if (index === undefined) {
      index = this.#labels.append(`${name}=${value}`);
      this.#labelObjects.push({ name, value });
      ofName.set(value, index);
    }
    return index;
  }
}

function at(indexes: ArrayLike<number>, index: number): number {
  return indexes[index] ?? 0;
}
