import { AppNamespaces } from '../apps/app-namespaces.js';
import type { NamespaceScopedResource } from '../apps/namespace-scoped-resource.js';
import type { ListedPod } from './listed-pod.js';

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
  'nodeLost',
] as const;

export type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Which pods an app's inventory keeps: of those that are the app's, the ones whose containers can be reached. */
export class AppScope {
  private readonly namespaces: AppNamespaces;

  /** @throws TypeError for a label selector that `parseLabelSelector` refuses: it should not have been stored */
  constructor(readonly resources: readonly NamespaceScopedResource[]) {
    this.namespaces = new AppNamespaces(resources);
  }

  /**
   * Why a pod is left out, or undefined when it is kept: it is the app's, it is running, is not being deleted, and its
   * node is not lost.
   */
  reasonToLeaveOut(pod: ListedPod): LeftOutReason | undefined {
    const outside = this.namespaces.reasonOutside(pod.namespace, pod.labels);
    if (outside !== undefined) return outside;
    switch (pod.phase) {
      case 'Running':
        if (pod.isBeingDeleted) return 'terminating';
        return pod.isNodeLost ? 'nodeLost' : undefined;
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
