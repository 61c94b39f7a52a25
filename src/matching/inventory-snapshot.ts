import { compareCodePoints, sortByCodePointInTurns } from './code-point-order.js';
import { Turn } from './turn.js';
import { ValueColumn } from './value-column.js';

/** One label of a pod. */
export interface PodLabel {
  readonly name: string;
  readonly value: string;
}

/** One container of a pod: its name, its image and, where the list said so, how it was. */
export interface InventoryContainer {
  readonly name: string;
  readonly image: string;
  readonly state?: 'running' | 'waiting' | 'terminated';
  /** Why it waits or has ended, in Kubernetes' own words: `CrashLoopBackOff`. */
  readonly reason?: string;
}

/** One pod and its containers, as the inventory holds them (contract, section 8). */
export interface InventoryPod {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly PodLabel[];
  readonly containers: readonly InventoryContainer[];
}

/** A column of index numbers. */
export type Indexes = Uint32Array<ArrayBuffer>;

/** What a snapshot is made of; see there. */
export interface SnapshotColumns {
  readonly namespaces: ValueColumn;
  readonly podNames: ValueColumn;
  readonly labelTexts: ValueColumn;
  readonly containerNames: ValueColumn;
  readonly images: ValueColumn;
  readonly states: ValueColumn;
  readonly labelNameLengths: Indexes;
  readonly namespaceOfPod: Indexes;
  readonly nameOfPod: Indexes;
  readonly labelSetOfPod: Indexes;
  readonly firstLabelOfSet: Indexes;
  readonly labelOfSet: Indexes;
  readonly podOfContainer: Indexes;
  readonly nameOfContainer: Indexes;
  readonly imageOfContainer: Indexes;
  readonly stateOfContainer: Indexes;
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
  /** The distinct labels as they are tested: `name=value`. */
  readonly labelTexts: ValueColumn;
  readonly containerNames: ValueColumn;
  readonly images: ValueColumn;
  /** State and reason, `waiting CrashLoopBackOff`; empty where the list said nothing. */
  readonly states: ValueColumn;
  /** Label → the length of its name, in UTF-16 units: a name may hold an equals sign too. */
  readonly labelNameLengths: Indexes;

  /** Pod → namespace. */
  readonly namespaceOfPod: Indexes;
  /** Pod → pod name. */
  readonly nameOfPod: Indexes;
  /** Pod → label set; pods with the same labels in the same order share one. */
  readonly labelSetOfPod: Indexes;
  /** Label set → its first entry in `labelOfSet`; one entry more than there are sets. */
  readonly firstLabelOfSet: Indexes;
  /** The labels of all sets, one after the other, in the order the pods hold them. */
  readonly labelOfSet: Indexes;
  /** Container → pod. */
  readonly podOfContainer: Indexes;
  /** Container → container name. */
  readonly nameOfContainer: Indexes;
  /** Container → image. */
  readonly imageOfContainer: Indexes;
  /** Container → state. */
  readonly stateOfContainer: Indexes;

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
    this.labelTexts = columns.labelTexts;
    this.labelNameLengths = columns.labelNameLengths;
    this.containerNames = columns.containerNames;
    this.images = columns.images;
    this.states = columns.states;
    this.namespaceOfPod = columns.namespaceOfPod;
    this.nameOfPod = columns.nameOfPod;
    this.labelSetOfPod = columns.labelSetOfPod;
    this.firstLabelOfSet = columns.firstLabelOfSet;
    this.labelOfSet = columns.labelOfSet;
    this.podOfContainer = columns.podOfContainer;
    this.nameOfContainer = columns.nameOfContainer;
    this.imageOfContainer = columns.imageOfContainer;
    this.stateOfContainer = columns.stateOfContainer;
    this.containerCount = columns.imageOfContainer.length;
    this.podCount = columns.nameOfPod.length;
    this.labelSetCount = columns.firstLabelOfSet.length - 1;
    const columnBytes = bytesOfColumns(columns);
    this.resultBytes =
      SMALLEST_ALLOWANCE + columnBytes + Math.min(RESULT_BYTES_OF_CONTAINER * this.containerCount, MOST_RESULT_BYTES);
    // A quarter more: what containers share is kept too.
    this.fragmentBytes = SMALLEST_ALLOWANCE + Math.ceil(1.25 * bytesOfJson(this));
    this.byteSize = columnBytes + this.resultBytes + this.fragmentBytes;
  }

  /** One of the distinct labels, numbered as in `labelTexts`. */
  label(label: number): PodLabel {
    const text = this.labelTexts.textOf(label);
    const length = this.labelNameLengths[label] ?? 0;
    return { name: text.slice(0, length), value: text.slice(length + 1) };
  }

  /** How a container was when it was reported; nothing where that is not known. */
  stateOf(container: number): Pick<InventoryContainer, 'state' | 'reason'> {
    const [state = '', ...reason] = this.states.textOf(this.stateOfContainer[container] ?? 0).split(' ');
    if (state === '') return {};
    const known = { state: state as NonNullable<InventoryContainer['state']> };
    return reason.length === 0 ? known : { ...known, reason: reason.join(' ') };
  }
}

/** In bytes; what even the smallest snapshot may keep of results, and of fragments. */
const SMALLEST_ALLOWANCE = 16 * 1_024;

/**
 * In bytes, beside what the columns take: results of about as many hooks as there are containers, up to thousands. A list
 * of hooks asks for one after the other, and of what does not fit as a whole, nothing would be left for the next list.
 */
const RESULT_BYTES_OF_CONTAINER = 1_024;
const MOST_RESULT_BYTES = 2 * 1_024 * 1_024;

/** What V8 takes, in bytes, for a string, and for a reference to it, content not counted. */
const STRING_OVERHEAD = 24;
const REFERENCE = 8;

/** The arrays' and typed arrays' own headers and the snapshot itself. */
const SNAPSHOT_OVERHEAD = 4_096;

function bytesOfColumns(columns: SnapshotColumns): number {
  const { namespaces, podNames, labelTexts, containerNames, images, states, ...indexes } = columns;
  let bytes = SNAPSHOT_OVERHEAD;
  for (const { count, byteLength } of [namespaces, podNames, labelTexts, containerNames, images, states]) {
    // Each value as bytes, and as text once somebody has asked for it.
    bytes += count * (STRING_OVERHEAD + REFERENCE + Uint32Array.BYTES_PER_ELEMENT) + 2 * byteLength;
  }
  for (const column of Object.values(indexes)) bytes += column.byteLength;
  return bytes;
}

/** The characters of `{"namespaceName":"","podName":"","podLabels":[],"containerName":"","containerImage":""},`. */
const CONTAINER_JSON_OVERHEAD = 90;
/** Those of `{"name":"","value":""},`, less the equals sign. */
const LABEL_JSON_OVERHEAD = 22;

/** About the length of all containers as JSON, with what keeping it takes: as if every value occurred equally often. */
function bytesOfJson(snapshot: InventorySnapshot): number {
  const { namespaces, podNames, labelTexts, containerNames, images, labelOfSet, labelSetCount } = snapshot;
  const mean = ({ byteLength, count }: ValueColumn): number => byteLength / Math.max(1, count);
  const labelsOfPod = labelOfSet.length / Math.max(1, labelSetCount);
  const ofContainer =
    [namespaces, podNames, containerNames, images].reduce(
      (sum, column) => sum + mean(column),
      CONTAINER_JSON_OVERHEAD,
    ) +
    labelsOfPod * (LABEL_JSON_OVERHEAD + mean(labelTexts));
  return Math.ceil(snapshot.containerCount * (ofContainer + STRING_OVERHEAD + REFERENCE));
}

/** Distinct texts, numbered in the order they came. */
class Dictionary {
  readonly texts: string[] = [];
  readonly #indexes = new Map<string, number>();

  /** The number of `text`, which is added where it is new. */
  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.texts.push(text) - 1;
      this.#indexes.set(text, index);
    }
    return index;
  }

  /** The texts in code point order, and the new number of each old one. */
  *sorted(turn: Turn): Generator<void, { column: ValueColumn; newIndex: Indexes }> {
    const order = yield* sortByCodePointInTurns(this.texts, turn);
    const texts = order.map((index) => this.texts[index] ?? '');
    return { column: yield* ValueColumn.ofInTurns(texts, turn), newIndex: inverse(order) };
  }
}

/** The place of each number in `order`. */
function inverse(order: readonly number[]): Indexes {
  const places = new Uint32Array(order.length);
  order.forEach((index, place) => {
    places[index] = place;
  });
  return places;
}

/**
 * Makes an {@link InventorySnapshot}. Pods may be added in any order; in the order of namespace and pod, as a
 * query's `ORDER BY … COLLATE "C"` gives them, nothing is sorted.
 */
export class InventorySnapshotBuilder {
  readonly #namespaces = new Dictionary();
  readonly #podNames = new Dictionary();
  readonly #labelTexts: string[] = [];
  readonly #labelNameLengths: number[] = [];
  readonly #labelIndexes = new Map<string, Map<string, number>>();
  readonly #containerNames = new Dictionary();
  readonly #images = new Dictionary();
  readonly #states = new Dictionary();
  readonly #labelSetIndexes = new Map<string, number>();
  /** Whoever adds many pods has read the labels of most of them only once. */
  readonly #setOfLabels = new WeakMap<readonly PodLabel[], number>();
  readonly #firstLabelOfSet: number[] = [0];
  readonly #labelOfSet: number[] = [];
  readonly #namespaceOfPod: number[] = [];
  readonly #nameOfPod: number[] = [];
  readonly #labelSetOfPod: number[] = [];
  readonly #firstContainerOfPod: number[] = [0];
  readonly #nameOfContainer: number[] = [];
  readonly #imageOfContainer: number[] = [];
  readonly #stateOfContainer: number[] = [];
  #isInOrder = true;
  #lastPod: InventoryPod | undefined;

  /** Adds one pod; one without containers is left out, for only containers are matched. */
  addPod(pod: InventoryPod): void {
    if (pod.containers.length === 0) return;
    this.#isInOrder &&= isAtOrAfter(pod, this.#lastPod);
    this.#lastPod = pod;
    this.#namespaceOfPod.push(this.#namespaces.indexOf(pod.namespaceName));
    this.#nameOfPod.push(this.#podNames.indexOf(pod.podName));
    this.#labelSetOfPod.push(this.#labelSet(pod.podLabels));
    for (const container of pod.containers) {
      this.#nameOfContainer.push(this.#containerNames.indexOf(container.name));
      this.#imageOfContainer.push(this.#images.indexOf(container.image));
      this.#stateOfContainer.push(this.#states.indexOf(stateText(container)));
    }
    this.#firstContainerOfPod.push(this.#nameOfContainer.length);
  }

  /**
   * The snapshot of the pods added so far.
   *
   * @throws Error when two pods have the same namespace and name, or two containers of a pod the same name
   */
  build(): InventorySnapshot {
    const steps = this.buildInTurns();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /**
   * {@link build}, yielding every few milliseconds of work so that its driver can give the event loop a turn. No pod may
   * be added meanwhile.
   */
  *buildInTurns(): Generator<void, InventorySnapshot> {
    const turn = new Turn();
    const namespaces = yield* this.#namespaces.sorted(turn);
    const containerNames = yield* this.#containerNames.sorted(turn);
    const images = yield* this.#images.sorted(turn);
    const podOrder = yield* this.#podOrder(namespaces.newIndex, turn);
    if (turn.isOver(podOrder.length)) yield* turn.pass();

    const podNames: string[] = [];
    const newPodName = new Int32Array(this.#podNames.texts.length).fill(-1);
    const namespaceOfPod = new Uint32Array(podOrder.length);
    const nameOfPod = new Uint32Array(podOrder.length);
    const labelSetOfPod = new Uint32Array(podOrder.length);
    const podOfContainer = new Uint32Array(this.#nameOfContainer.length);
    const nameOfContainer = new Uint32Array(this.#nameOfContainer.length);
    const imageOfContainer = new Uint32Array(this.#nameOfContainer.length);
    const stateOfContainer = new Uint32Array(this.#nameOfContainer.length);
    let container = 0;
    for (const [pod, added] of podOrder.entries()) {
      const oldName = at(this.#nameOfPod, added);
      let name = at(newPodName, oldName);
      if (name === -1) {
        // Numbered in the order of the pods, so that matching walks through neighbouring memory.
        name = podNames.push(this.#podNames.texts[oldName] ?? '') - 1;
        newPodName[oldName] = name;
      }
      namespaceOfPod[pod] = at(namespaces.newIndex, at(this.#namespaceOfPod, added));
      nameOfPod[pod] = name;
      labelSetOfPod[pod] = at(this.#labelSetOfPod, added);
      if (pod > 0 && namespaceOfPod[pod - 1] === namespaceOfPod[pod] && nameOfPod[pod - 1] === name) {
        throw new Error(`pod ${podNames[name] ?? ''} was added twice`);
      }
      const first = container;
      for (let old = at(this.#firstContainerOfPod, added); old < at(this.#firstContainerOfPod, added + 1); old++) {
        const containerName = at(containerNames.newIndex, at(this.#nameOfContainer, old));
        // Insertion: a pod has a handful of containers.
        let place = container;
        for (; place > first && at(nameOfContainer, place - 1) >= containerName; place--) {
          if (nameOfContainer[place - 1] === containerName) {
            throw new Error(`pod ${podNames[name] ?? ''} has a container twice`);
          }
          nameOfContainer[place] = at(nameOfContainer, place - 1);
          imageOfContainer[place] = at(imageOfContainer, place - 1);
          stateOfContainer[place] = at(stateOfContainer, place - 1);
        }
        nameOfContainer[place] = containerName;
        imageOfContainer[place] = at(images.newIndex, at(this.#imageOfContainer, old));
        stateOfContainer[place] = at(this.#stateOfContainer, old);
        podOfContainer[container++] = pod;
      }
      if (turn.isOver(1)) yield* turn.pass();
    }

    return new InventorySnapshot({
      namespaces: namespaces.column,
      podNames: yield* ValueColumn.ofInTurns(podNames, turn),
      labelTexts: yield* ValueColumn.ofInTurns(this.#labelTexts, turn),
      labelNameLengths: Uint32Array.from(this.#labelNameLengths),
      containerNames: containerNames.column,
      images: images.column,
      states: yield* ValueColumn.ofInTurns(this.#states.texts, turn),
      namespaceOfPod,
      nameOfPod,
      labelSetOfPod,
      firstLabelOfSet: Uint32Array.from(this.#firstLabelOfSet),
      labelOfSet: Uint32Array.from(this.#labelOfSet),
      podOfContainer,
      nameOfContainer,
      imageOfContainer,
      stateOfContainer,
    });
  }

  /** The pods as added, in the order of namespace and name. */
  *#podOrder(newNamespace: Indexes, turn: Turn): Generator<void, readonly number[]> {
    if (this.#isInOrder) return Array.from(this.#nameOfPod.keys());
    const podsOfNamespace: number[][] = Array.from(newNamespace, () => []);
    for (const [pod, namespace] of this.#namespaceOfPod.entries())
      podsOfNamespace[at(newNamespace, namespace)]?.push(pod);
    const order: number[] = [];
    for (const pods of podsOfNamespace) {
      const names = pods.map((pod) => this.#podNames.texts[at(this.#nameOfPod, pod)] ?? '');
      for (const place of yield* sortByCodePointInTurns(names, turn)) order.push(at(pods, place));
    }
    return order;
  }

  #labelSet(labels: readonly PodLabel[]): number {
    let set = this.#setOfLabels.get(labels);
    if (set === undefined) {
      set = this.#newLabelSet(labels);
      this.#setOfLabels.set(labels, set);
    }
    return set;
  }

  #newLabelSet(labels: readonly PodLabel[]): number {
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
      index = this.#labelTexts.push(`${name}=${value}`) - 1;
      this.#labelNameLengths.push(name.length);
      ofName.set(value, index);
    }
    return index;
  }
}

function at(indexes: ArrayLike<number>, index: number): number {
  return indexes[index] ?? 0;
}

function stateText({ state, reason }: InventoryContainer): string {
  return [state, reason].filter((text) => text !== undefined).join(' ');
}

/** Whether `pod` belongs at or after `last` in the order of namespace and name. */
function isAtOrAfter(pod: InventoryPod, last: InventoryPod | undefined): boolean {
  if (last === undefined) return true;
  const byNamespace = compareCodePoints(last.namespaceName, pod.namespaceName);
  return byNamespace < 0 || (byNamespace === 0 && compareCodePoints(last.podName, pod.podName) <= 0);
}
