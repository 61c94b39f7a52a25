import type { PodOutside } from '../apps/app-namespaces.js';
import { LEFT_OUT_REASONS, type LeftOutReason } from './app-scope.js';
import type { ListedPod } from './listed-pod.js';

/** What came of the pods of one list. `received` is the sum of `kept` and all of `leftOut`. */
export interface PodCounts {
  readonly received: number;
  readonly kept: number;
  readonly leftOut: Readonly<Record<LeftOutReason, number>>;
}

/** What came of the containers of one list: those kept and those left out are all that its pods have. */
export interface ContainerCounts {
  readonly kept: number;
  readonly leftOut: {
    /** Init containers, native sidecars apart, whatever became of their pods. */
    readonly init: number;
    /** Ephemeral containers, whatever became of their pods. */
    readonly ephemeral: number;
    /** Ordinary containers of pods that were left out. */
    readonly ofPodsLeftOut: number;
  };
}

/** How many containers a snapshot adds, changes (their image, their state or their pod's labels) and removes. */
export interface InventoryDifference {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** The answer to `PUT …/inventory` (docs/api.md, section 8). */
export interface InventoryAnswer {
  readonly type: 'application/astra-appInventory';
  readonly version: '1.0';
  /** Of the inventory as it is now; the same as before when nothing differs. */
  readonly revision: number;
  readonly pods: PodCounts;
  readonly containers: ContainerCounts & InventoryDifference;
}

/** Counts pods and containers while a list is read. */
export class ListCount {
  private received = 0;
  private kept = 0;
  private readonly leftOut = Object.fromEntries(LEFT_OUT_REASONS.map((reason) => [reason, 0])) as Record<
    LeftOutReason,
    number
  >;
  private containersKept = 0;
  private readonly containersLeftOut = { init: 0, ephemeral: 0, ofPodsLeftOut: 0 };

  /** @param reason why the pod was left out, undefined when it was kept */
  add(pod: ListedPod, reason: LeftOutReason | undefined): void {
    this.received += 1;
    this.containersLeftOut.init += pod.initContainers;
    this.containersLeftOut.ephemeral += pod.ephemeralContainers;
    if (reason === undefined) {
      this.kept += 1;
      this.containersKept += pod.containers.length;
    } else {
      this.leftOut[reason] += 1;
      this.containersLeftOut.ofPodsLeftOut += pod.containers.length;
    }
  }

  /** A pod that was kept until then lies outside of what the app declares by now. */
  moveOut({ reason, containers }: PodOutside): void {
    this.kept -= 1;
    this.leftOut[reason] += 1;
    this.containersKept -= containers;
    this.containersLeftOut.ofPodsLeftOut += containers;
  }

  answer(revision: number, { added, changed, removed }: InventoryDifference): InventoryAnswer {
    return {
      type: 'application/astra-appInventory',
      version: '1.0',
      revision,
      pods: { received: this.received, kept: this.kept, leftOut: { ...this.leftOut } },
      containers: { kept: this.containersKept, leftOut: { ...this.containersLeftOut }, added, changed, removed },
    };
  }
}
