import type { ValueColumn } from './value-column.js';

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

/** How a container was when it was reported; nothing where that is not known. */
export type ContainerState = Pick<InventoryContainer, 'state' | 'reason'>;

/** One pod and its containers, as the inventory holds them (docs/api.md, section 8). */
export interface InventoryPod {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly PodLabel[];
  readonly containers: readonly InventoryContainer[];
}

/** A column of index numbers. */
export type Indexes = Uint32Array<ArrayBuffer>;

/** The distinct values of each property of containers. */
export interface SnapshotValues {
  readonly namespaces: ValueColumn;
  readonly podNames: ValueColumn;
  /** The distinct labels as they are tested: `name=value`. */
  readonly labelTexts: ValueColumn;
  readonly containerNames: ValueColumn;
  readonly images: ValueColumn;
  /** State and reason, `waiting CrashLoopBackOff`; empty where the list said nothing. */
  readonly states: ValueColumn;
}

/** Which pod and which container has which value. */
export interface SnapshotIndexes {
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
}

/**
 * The containers of one app at one revision: immutable, in columns, each distinct value once.
 *
 * Containers are numbered 0 to `containerCount - 1` in the order of docs/api.md, section 4: namespace, pod, container,
 * each by code point. Pods are numbered in the same order, so a pod's containers are neighbours. Namespaces, labels,
 * container names and images are numbered in code point order too: neighbours often match alike.
 */
export interface InventorySnapshot extends SnapshotValues, SnapshotIndexes {
  readonly containerCount: number;
  readonly podCount: number;
  readonly labelSetCount: number;
  /** The most bytes that criteria's results may take that matching keeps with this snapshot. */
  readonly resultBytes: number;
  /** The most bytes that JSON fragments may take that rendering keeps with this snapshot. */
  readonly fragmentBytes: number;
  /** An estimate, in bytes, for the budget of a cache: the columns, and all that may be kept with them later. */
  readonly byteSize: number;
}

/** The snapshot that has these columns, on which nothing has been matched yet. */
export function snapshotOf(values: SnapshotValues, indexes: SnapshotIndexes): InventorySnapshot {
  const containerCount = indexes.imageOfContainer.length;
  const columnBytes = bytesOfColumns(values, indexes);
  const resultBytes =
    SMALLEST_ALLOWANCE + columnBytes + Math.min(RESULT_BYTES_OF_CONTAINER * containerCount, MOST_RESULT_BYTES);
  // A quarter more: what containers share is kept too.
  const fragmentBytes = SMALLEST_ALLOWANCE + Math.ceil(1.25 * bytesOfJson(values, indexes));
  return {
    ...values,
    ...indexes,
    containerCount,
    podCount: indexes.nameOfPod.length,
    labelSetCount: indexes.firstLabelOfSet.length - 1,
    resultBytes,
    fragmentBytes,
    byteSize: columnBytes + resultBytes + fragmentBytes,
  };
}

/** One of the distinct labels of a snapshot, numbered as in `labelTexts`. */
export function labelOf({ labelTexts, labelNameLengths }: InventorySnapshot, label: number): PodLabel {
  const text = labelTexts.textOf(label);
  const length = labelNameLengths[label] ?? 0;
  return { name: text.slice(0, length), value: text.slice(length + 1) };
}

/** How a container of a snapshot was when it was reported. */
export function stateOf({ states, stateOfContainer }: InventorySnapshot, container: number): ContainerState {
  const [state = '', ...reason] = states.textOf(stateOfContainer[container] ?? 0).split(' ');
  if (state === '') return {};
  const known = { state: state as NonNullable<ContainerState['state']> };
  return reason.length === 0 ? known : { ...known, reason: reason.join(' ') };
}

/** The labels of a label set of a snapshot, numbered as in `labelTexts`. */
export function labelsOfSet({ firstLabelOfSet, labelOfSet }: InventorySnapshot, set: number): Indexes {
  return labelOfSet.subarray(firstLabelOfSet[set], firstLabelOfSet[set + 1]);
}

/** In bytes; what even the smallest snapshot may keep of results, and of fragments. */
const SMALLEST_ALLOWANCE = 16 * 1_024;

/**
 * In bytes, beside what the columns take: results of about as many hooks as there are containers, up to thousands. A list
 * of hooks asks for one after the other, and of what does not fit as a whole, nothing would be left for the next list.
 */
const RESULT_BYTES_OF_CONTAINER = 1_024;
const MOST_RESULT_BYTES = 2 * 1_024 * 1_024;

/** The arrays' and typed arrays' own headers and the snapshot itself. */
const SNAPSHOT_OVERHEAD = 4_096;

function bytesOfColumns(values: SnapshotValues, indexes: SnapshotIndexes): number {
  let bytes = SNAPSHOT_OVERHEAD;
  for (const column of Object.values<ValueColumn>({ ...values }))
    bytes += column.bytes.length + column.starts.byteLength;
  for (const column of Object.values<Indexes>({ ...indexes })) bytes += column.byteLength;
  return bytes;
}

/** The characters of `{"namespaceName":"","podName":"","podLabels":[],"containerName":"","containerImage":""},`. */
const CONTAINER_JSON_OVERHEAD = 90;
/** Those of `{"name":"","value":""},`, less the equals sign. */
const LABEL_JSON_OVERHEAD = 22;
/** What V8 takes, in bytes, for a string and a reference to it, content not counted. */
const STRING_OVERHEAD = 32;

/** About the length of all containers as JSON, with what keeping it takes: as if every value occurred equally often. */
function bytesOfJson(values: SnapshotValues, indexes: SnapshotIndexes): number {
  const { namespaces, podNames, labelTexts, containerNames, images } = values;
  const mean = ({ byteLength, count }: ValueColumn): number => byteLength / Math.max(1, count);
  const labelsOfPod = indexes.labelOfSet.length / Math.max(1, indexes.firstLabelOfSet.length - 1);
  const ofContainer =
    [namespaces, podNames, containerNames, images].reduce(
      (sum, column) => sum + mean(column),
      CONTAINER_JSON_OVERHEAD,
    ) +
    labelsOfPod * (LABEL_JSON_OVERHEAD + mean(labelTexts));
  return Math.ceil(indexes.imageOfContainer.length * (ofContainer + STRING_OVERHEAD));
}
