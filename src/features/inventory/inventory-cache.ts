import { LRUCache } from 'lru-cache';
import type { Database, Queryable } from '../../database/database.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { InventorySnapshotBuilder } from '../../matching/snapshot-builder.js';
import type { AppKey } from './app-key.js';
import { readInventory, type RevisedInventory } from './inventory-reader.js';

/** A snapshot that is being read; others who want it wait for the same reading. */
interface Reading {
  readonly inventory: Promise<RevisedInventory | undefined>;
  /** Whether it already has a connection, that of its caller's transaction. */
  readonly isInTransaction: boolean;
}

/**
 * The inventories that this process has read, the latest of each app, as many as a budget of bytes allows; the longest
 * unused ones go first. What is kept is only used for the revision that was asked for, which the caller has just read
 * from the database: nobody has to tell this process of changes.
 */
export class InventoryCache {
  private readonly kept: LRUCache<string, RevisedInventory> | undefined;
  private readonly readings = new Map<string, Reading>();
  /** App and revision of the copy that was complained about last. */
  private lastUnreadable = '';

  /**
   * @param budgetBytes for all snapshots together; with 0 each is read anew, and a larger one never stays
   * @param asked hears whether what is asked for is there
   * @param unreadable hears why the stored copy of an inventory could not be used, once a revision
   */
  constructor(
    private readonly database: Database,
    budgetBytes: number,
    private readonly asked: (result: 'hit' | 'miss') => void,
    private readonly unreadable: (app: AppKey, error: unknown) => void,
  ) {
    if (budgetBytes === 0) return;
    this.kept = new LRUCache({ maxSize: budgetBytes, sizeCalculation: ({ snapshot }) => snapshot.byteSize });
  }

  /** What is kept: how many snapshots, and their bytes. */
  get usage(): { readonly snapshots: number; readonly bytes: number } {
    return { snapshots: this.kept?.size ?? 0, bytes: this.kept?.calculatedSize ?? 0 };
  }

  /** {@link snapshot}, where it is there: without a promise, for those who ask for each of many hooks. */
  keptSnapshot(app: AppKey, revision: string): InventorySnapshot | undefined {
    const kept = this.kept?.get(idOf(app));
    if (kept?.revision !== revision) return undefined;
    this.asked('hit');
    return kept.snapshot;
  }

  /**
   * An app's inventory at the revision that was read just now. Where the inventory has changed since, it is the newer
   * one, and an empty one where the app is gone: always whole, as it was committed while the request was served.
   *
   * @param transaction the "repeatable read" transaction that the revision was read in: what comes is exactly that
   *   revision then, and no other connection is used. To be given whenever there is one: waiting for a second connection
   *   while holding a first one would bring everything to a stop once all requests did.
   */
  async snapshot(app: AppKey, revision: string, transaction?: Queryable): Promise<InventorySnapshot> {
    const kept = this.keptSnapshot(app, revision);
    if (kept !== undefined) return kept;
    this.asked('miss');
    const appId = idOf(app);

    const readingId = `${appId}/${revision}`;
    const other = this.readings.get(readingId);
    if (other !== undefined && (transaction === undefined || other.isInTransaction)) {
      // What goes wrong for another request (its client leaves, its transaction ends) is not this one's failure.
      const inventory = await other.inventory.catch(() => undefined);
      if (inventory !== undefined) return inventory.snapshot;
    }

    const reading = { inventory: this.read(app, transaction), isInTransaction: transaction !== undefined };
    this.readings.set(readingId, reading);
    try {
      const inventory = await reading.inventory;
      if (inventory === undefined) return new InventorySnapshotBuilder().build();
      this.kept?.set(appId, inventory);
      return inventory.snapshot;
    } finally {
      if (this.readings.get(readingId) === reading) this.readings.delete(readingId);
    }
  }

  /**
   * Takes an inventory that was committed by this process, where it is one of those that are kept: its next reader need
   * not read it. One that nobody here has asked for displaces no other.
   */
  renew(app: AppKey, inventory: RevisedInventory): void {
    const appId = idOf(app);
    if (this.kept?.has(appId) === true) this.kept.set(appId, inventory);
  }

  private read(app: AppKey, transaction: Queryable | undefined): Promise<RevisedInventory | undefined> {
    const unreadable = (revision: string, error: unknown): void => {
      const copy = `${idOf(app)}/${revision}`;
      if (copy === this.lastUnreadable) return;
      this.lastUnreadable = copy;
      this.unreadable(app, error);
    };
    if (transaction !== undefined) return readInventory(transaction, app, unreadable);
    return this.database.transaction((own) => readInventory(own, app, unreadable), {
      isolation: 'repeatable read',
      readOnly: true,
    });
  }
}

function idOf({ accountId, appId }: AppKey): string {
  return `${accountId}/${appId}`;
}
