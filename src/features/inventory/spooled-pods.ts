import type { InventoryPod, InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../matching/snapshot-builder.js';
import { othersFirst } from '../../turns/others-first.js';
import { inSlices } from './in-slices.js';
import { copiedText } from './inventory-spool.js';
import { MadeOnce } from './made-once.js';

/** A longer piece is read in slices of this many bytes. */
const SLICE_BYTES = 64 * 1024;

/** Makes a snapshot of the rows of a spool while they go by on their way to the database. */
export class SpooledPods {
  private readonly builder = new InventorySnapshotBuilder();
  private rest: Buffer = Buffer.alloc(0);
  private readonly namespaces = new MadeOnce(copiedText);
  private readonly labels = new MadeOnce((text) => JSON.parse(copiedText(text)) as InventoryPod['podLabels']);
  private readonly containers = new MadeOnce((text) => JSON.parse(copiedText(text)) as InventoryPod['containers']);

  /** Hands on what it has read, giving others their turn after each slice: about a millisecond's work. */
  async *passing(rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const bytes of rows) {
      for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
        this.read(bytes.subarray(start, start + SLICE_BYTES));
        // However fast the connection takes them.
        await othersFirst();
      }
      yield bytes;
    }
  }

  /** The snapshot of all rows that went by. @throws Error when a pod is there twice */
  async snapshot(): Promise<InventorySnapshot> {
    return inSlices(this.builder.buildInSlices());
  }

  private read(bytes: Buffer): void {
    const end = bytes.lastIndexOf(LINE_BREAK) + 1;
    if (end === 0) {
      this.rest = Buffer.concat([this.rest, bytes]);
      return;
    }
    const text = Buffer.concat([this.rest, bytes.subarray(0, end - 1)]).toString();
    this.rest = bytes.subarray(end);
    for (const line of text.split('\n')) this.builder.addPod(this.podOf(line));
  }

  private podOf(line: string): InventoryPod {
    const [, namespace = '', pod = '', labels = '', containers = ''] = line.split('\t');
    return {
      namespaceName: this.namespaces.of(namespace),
      podName: copiedText(pod),
      podLabels: this.labels.of(labels),
      containers: this.containers.of(containers),
    };
  }
}

const LINE_BREAK = 0x0a;
