import { compareCodePoints, sortByCodePointInSlices } from './code-point-order.js';
import {
  type Indexes,
  type InventoryContainer,
  type InventoryPod,
  type InventorySnapshot,
  type PodLabel,
  snapshotOf,
} from './inventory-snapshot.js';
import { finish, TimeSlice } from './time-slice.js';
import { ValueColumn } from './value-column.js';

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
  *sorted(slice: TimeSlice): Generator<void, { column: ValueColumn; newIndex: Indexes }> {
    const order = yield* sortByCodePointInSlices(this.texts, slice);
    const texts = order.map((index) => this.texts[index] ?? '');
    return { column: yield* ValueColumn.ofInSlices(texts, slice), newIndex: inverse(order) };
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

/** How many pods are put in their place in one step. */
const PODS_AT_ONCE = 64;

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
  /** By identity: who adds many pods has read the labels of most of them only once. */
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
    return finish(this.buildInSlices());
  }

  /**
   * {@link build}, yielding every few milliseconds of work so that its driver can give the event loop a turn. No pod may
   * be added meanwhile.
   */
  *buildInSlices(): Generator<void, InventorySnapshot> {
    const slice = new TimeSlice();
    const namespaces = yield* this.#namespaces.sorted(slice);
    const containerNames = yield* this.#containerNames.sorted(slice);
    const images = yield* this.#images.sorted(slice);
    const labelOrder = yield* sortByCodePointInSlices(this.#labelTexts, slice);
    const newLabel = inverse(labelOrder);
    const podOrder = yield* this.#podOrder(namespaces.newIndex, slice);
    if (slice.isOver) yield* slice.next();

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
      if (pod % PODS_AT_ONCE === 0 && slice.isOver) yield* slice.next();
    }

    const values = {
      namespaces: namespaces.column,
      podNames: yield* ValueColumn.ofInSlices(podNames, slice),
      labelTexts: yield* ValueColumn.ofInSlices(
        labelOrder.map((label) => this.#labelTexts[label] ?? ''),
        slice,
      ),
      containerNames: containerNames.column,
      images: images.column,
      states: yield* ValueColumn.ofInSlices(this.#states.texts, slice),
    };
    return snapshotOf(values, {
      labelNameLengths: Uint32Array.from(labelOrder, (label) => at(this.#labelNameLengths, label)),
      namespaceOfPod,
      nameOfPod,
      labelSetOfPod,
      firstLabelOfSet: Uint32Array.from(this.#firstLabelOfSet),
      labelOfSet: Uint32Array.from(this.#labelOfSet, (label) => at(newLabel, label)),
      podOfContainer,
      nameOfContainer,
      imageOfContainer,
      stateOfContainer,
    });
  }

  /** The pods as added, in the order of namespace and name. */
  *#podOrder(newNamespace: Indexes, slice: TimeSlice): Generator<void, readonly number[]> {
    if (this.#isInOrder) return Array.from(this.#nameOfPod.keys());
    const podsOfNamespace: number[][] = Array.from(newNamespace, () => []);
    for (const [pod, namespace] of this.#namespaceOfPod.entries())
      podsOfNamespace[at(newNamespace, namespace)]?.push(pod);
    const order: number[] = [];
    for (const pods of podsOfNamespace) {
      const names = pods.map((pod) => this.#podNames.texts[at(this.#nameOfPod, pod)] ?? '');
      for (const place of yield* sortByCodePointInSlices(names, slice)) order.push(at(pods, place));
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
