import { isStorableText } from '../../rest/storable-text.js';
import type { InvalidField } from '../../problems/problem.js';

/** What of a container's state the list says: how it is, and why where a reason is given. */
export interface ContainerState {
  readonly state: 'running' | 'waiting' | 'terminated';
  /** In Kubernetes' own words: `CrashLoopBackOff`. */
  readonly reason?: string;
}

/** One container that lives as long as its pod: of `spec.containers`, or a native sidecar of `spec.initContainers`. */
export interface ListedContainer extends Partial<ContainerState> {
  readonly name: string;
  readonly image: string;
  /** Of a native sidecar, its place in `spec.initContainers`; sidecars come after the others. */
  readonly sidecar?: number;
}

/** What the inventory needs to know of one pod of a list (docs/api.md, section 8). */
export interface ListedPod {
  /** Its place in the list, from 0. */
  readonly index: number;
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly containers: readonly ListedContainer[];
  /** How many `spec.initContainers` it has, native sidecars apart. */
  readonly initContainers: number;
  /** How many `spec.ephemeralContainers` it has. */
  readonly ephemeralContainers: number;
  /** `status.phase`; undefined when there is none. */
  readonly phase: string | undefined;
  /** Whether it has a `metadata.deletionTimestamp`. */
  readonly isBeingDeleted: boolean;
  /** Whether nobody has heard of its node for so long that the cluster has given it up: `status.reason` `NodeLost`. */
  readonly isNodeLost: boolean;
}

/**
 * The most UTF-16 code units of each text. Namespaces, names and labels have the bounds of Kubernetes itself, which
 * sets none on images: the longest reference that a registry takes has less than 1,000.
 */
const MAX_LENGTH = {
  namespace: 63,
  name: 253,
  labelKey: 317,
  labelValue: 63,
  containerName: 63,
  image: 4096,
  phase: 63,
  reason: 1024,
} as const;

/**
 * Reads one item of a pod list. Of the many fields that a pod has, those that the inventory uses are checked.
 *
 * By hand rather than with the decorators of the resources: a list may have a million pods.
 *
 * @param problems gets what is wrong, each with its path (`items[3].spec.containers[0].image`)
 * @returns undefined when something is wrong
 */
export function readPod(item: unknown, index: number, problems: InvalidField[]): ListedPod | undefined {
  const path = `items[${index}]`;
  const before = problems.length;
  const check = new FieldCheck(problems);
  const pod = check.object(item, path);
  if (pod === undefined) return undefined;
  if (pod.kind !== undefined && pod.kind !== 'Pod') {
    // Whatever else this is, its fields are not those of a pod.
    problems.push({ name: `${path}.kind`, reason: 'must be "Pod"' });
    return undefined;
  }
  if (pod.apiVersion !== undefined && pod.apiVersion !== 'v1') {
    problems.push({ name: `${path}.apiVersion`, reason: 'must be "v1"' });
  }
  const metadata = check.object(pod.metadata, `${path}.metadata`) ?? {};
  const spec = check.object(pod.spec, `${path}.spec`) ?? {};
  const status = check.optionalObject(pod.status, `${path}.status`) ?? {};
  if (problems.length > before) return undefined;

  const deletionTimestamp = metadata.deletionTimestamp ?? undefined;
  if (deletionTimestamp !== undefined && typeof deletionTimestamp !== 'string') {
    problems.push({ name: `${path}.metadata.deletionTimestamp`, reason: 'must be a string' });
  }
  const states = new Map([
    ...check.states(status.containerStatuses, `${path}.status.containerStatuses`),
    ...check.states(status.initContainerStatuses, `${path}.status.initContainerStatuses`),
  ]);
  const initContainers = check.optionalArray(spec.initContainers, `${path}.spec.initContainers`);
  const isSidecar = (value: unknown): boolean => isObject(value) && value.restartPolicy === 'Always';
  const listed = {
    index,
    namespace: check.text(metadata.namespace, `${path}.metadata.namespace`, 1, MAX_LENGTH.namespace),
    name: check.text(metadata.name, `${path}.metadata.name`, 1, MAX_LENGTH.name),
    labels: check.labels(metadata.labels, `${path}.metadata.labels`),
    containers: [
      ...check.array(spec.containers, `${path}.spec.containers`).map((value, at) => {
        return check.container(value, `${path}.spec.containers[${at}]`, states);
      }),
      ...initContainers.flatMap((value, at) => {
        if (!isSidecar(value)) return [];
        return [{ ...check.container(value, `${path}.spec.initContainers[${at}]`, states), sidecar: at }];
      }),
    ],
    initContainers: initContainers.filter((value) => !isSidecar(value)).length,
    ephemeralContainers: check.optionalArray(spec.ephemeralContainers, `${path}.spec.ephemeralContainers`).length,
    phase: check.optionalText(status.phase, `${path}.status.phase`, MAX_LENGTH.phase),
    isBeingDeleted: deletionTimestamp !== undefined,
    isNodeLost: check.optionalText(status.reason, `${path}.status.reason`, MAX_LENGTH.reason) === 'NodeLost',
  };
  return problems.length > before ? undefined : listed;
}

/** Checks one value each and collects what is wrong; what it returns for a wrong value only keeps the types simple. */
class FieldCheck {
  constructor(private readonly problems: InvalidField[]) {}

  object(value: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
    if (isObject(value)) return value;
    this.problems.push({ name: path, reason: 'must be an object' });
    return undefined;
  }

  optionalObject(value: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
    return value === undefined || value === null ? undefined : this.object(value, path);
  }

  array(value: unknown, path: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    this.problems.push({ name: path, reason: 'must be an array' });
    return [];
  }

  optionalArray(value: unknown, path: string): readonly unknown[] {
    return value === undefined || value === null ? [] : this.array(value, path);
  }

  text(value: unknown, path: string, min: number, max: number): string {
    if (typeof value === 'string' && value.length >= min && value.length <= max && isStorableText(value)) return value;
    this.problems.push({ name: path, reason: textFault(value, min, max) });
    return '';
  }

  optionalText(value: unknown, path: string, max: number): string | undefined {
    return value === undefined || value === null ? undefined : this.text(value, path, 0, max);
  }

  labels(value: unknown, path: string): Map<string, string> {
    const labels = new Map<string, string>();
    for (const [key, labelValue] of Object.entries(this.optionalObject(value, path) ?? {})) {
      if (key.length > MAX_LENGTH.labelKey || !isStorableText(key)) {
        this.problems.push({ name: path, reason: `has a key that ${textFault(key, 0, MAX_LENGTH.labelKey)}` });
        continue;
      }
      labels.set(key, this.text(labelValue, `${path}.${key}`, 0, MAX_LENGTH.labelValue));
    }
    return labels;
  }

  container(value: unknown, path: string, states: ReadonlyMap<string, ContainerState>): ListedContainer {
    const container = this.object(value, path);
    if (container === undefined) return { name: '', image: '' };
    const name = this.text(container.name, `${path}.name`, 1, MAX_LENGTH.containerName);
    const image = this.text(container.image, `${path}.image`, 1, MAX_LENGTH.image);
    return { name, image, ...states.get(name) };
  }

  /** The states of the containers, by name, of those that the list has a state of. */
  states(value: unknown, path: string): [string, ContainerState][] {
    return this.optionalArray(value, path).flatMap((each, at): [string, ContainerState][] => {
      const status = this.object(each, `${path}[${at}]`);
      if (status === undefined) return [];
      const name = this.text(status.name, `${path}[${at}].name`, 1, MAX_LENGTH.containerName);
      const states = this.optionalObject(status.state, `${path}[${at}].state`);
      if (states === undefined) return [];
      // A container without any of the three is waiting, as Kubernetes' API has it.
      const state = CONTAINER_STATES.find((key) => (states[key] ?? undefined) !== undefined) ?? 'waiting';
      const details = this.optionalObject(states[state], `${path}[${at}].state.${state}`) ?? {};
      const reason = this.optionalText(details.reason, `${path}[${at}].state.${state}.reason`, MAX_LENGTH.reason);
      return [[name, reason === undefined || reason === '' ? { state } : { state, reason }]];
    });
  }
}

const CONTAINER_STATES = ['running', 'waiting', 'terminated'] as const;

function textFault(value: unknown, min: number, max: number): string {
  if (typeof value === 'string' && !isStorableText(value)) return 'must be well-formed Unicode without NUL';
  return `must be a string of ${min} to ${max} characters`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
