import { LabelSelector, parseLabelSelector } from '../apps/label-selector.js';
import type { ListedPod } from './listed-pod.js';

/** One entry of an app's `namespaceScopedResources` (contract, section 8). */
export interface NamespaceScopedResource {
  readonly namespace: string;
  /** Kubernetes label selectors, all of which must match; none of them selects the whole namespace. */
  readonly labelSelectors?: readonly string[];
}

/**
 * Why a pod is not in an app's inventory. A pod with several reasons counts with the first of them: what lies outside
 * of the app is not looked at any further, and what is not running is not said to be terminating.
 */
export const LEFT_OUT_REASONS = [
  'otherNamespace',
  'labelSelector',
  'finished',
  'pending',
  'unknownPhase',
  'terminating',
] as const;

export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Which pods are an app's: those of its declared namespaces and label selectors, or all where it declares none. */
export class AppScope {
  /** Of each namespace its entries, each with its selectors; undefined when every namespace is the app's. */
  private readonly namespaces: ReadonlyMap<string, readonly (readonly LabelSelector[])[]> | undefined;

  /** @throws TypeError for a label selector that `parseLabelSelector` refuses: it should not have been stored */
  constructor(resources: readonly NamespaceScopedResource[]) {
    if (resources.length === 0) return;
    const namespaces = new Map<string, LabelSelector[][]>();
    for (const { namespace, labelSelectors = [] } of resources) {
      const entries = namespaces.get(namespace) ?? [];
      namespaces.set(namespace, [...entries, labelSelectors.map(requireLabelSelector)]);
    }
    this.namespaces = namespaces;
  }

  /**
   * Why a pod is left out, or undefined when it is kept: it is running, is not being deleted, and at least one entry
   * of its namespace has only selectors that match its labels.
   */
  reasonToLeaveOut(pod: ListedPod): LeftOutReason | undefined {
    if (this.namespaces !== undefined) {
      const entries = this.namespaces.get(pod.namespace);
      if (entries === undefined) return 'otherNamespace';
      const isSelected = entries.some((selectors) => selectors.every((selector) => selector.matches(pod.labels)));
      if (!isSelected) return 'labelSelector';
    }
    switch (pod.phase) {
      case 'Running':
        return pod.isBeingDeleted ? 'terminating' : undefined;
      case 'Succeeded':
      case 'Failed':
        return 'finished';
      case 'Pending':
        return 'pending';
      default:
        return 'unknownPhase';
    }
  }
}

function requireLabelSelector(text: string): LabelSelector {
  const selector = parseLabelSelector(text);
  if (selector instanceof LabelSelector) return selector;
  throw new TypeError(`A stored label selector is invalid at ${selector.position}: ${selector.reason}`);
}
