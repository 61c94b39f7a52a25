import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { InventoryService } from '../inventory/inventory.service.js';
import type { ComputedFields } from '../../rest/collection-list.js';
import type { Queryable } from '../../database/database.js';
import { ChunkStream } from '../../rest/chunk-stream.js';
import type { Criterion } from '../../matching/criterion.js';
import { matchContainers } from '../../matching/match.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import type { Selection } from '../../matching/selection.js';
import { Metrics } from '../../operations/metrics.js';
import { othersFirst } from '../../turns/others-first.js';
import { ServiceNotReady } from '../../problems/catalogue.js';
import { Settings } from '../../settings/settings.js';

/** From this many containers on a single hook's answer is streamed rather than made as one string. */
const STREAMED_FROM = 2_000;

/** A hook with where its matching fields are computed. */
export interface HookToMatch {
  readonly matchingCriteria: readonly Criterion[];
  /** Null where nothing is excluded. */
  readonly excludingCriteria: readonly Criterion[] | null;
  /** The app to match in; null for a hook without one. */
  readonly matchedAppId: string | null;
  /** That app's inventory revision, read with the hook. */
  readonly inventoryRevision: string | null;
}

/** What decides the matching fields of a hook: where to look and what for. */
export interface Matched {
  readonly accountId: string;
  readonly appId: string;
  /** The inventory revision that was read together with the hook. */
  readonly revision: string;
  readonly criteria: readonly Criterion[];
  /** Criteria of which a container must meet none. */
  readonly excluding?: readonly Criterion[] | null;
}

/** Computes `matchingContainers` and `matchingImages` (docs/api.md, section 4). */
@Injectable()
export class MatchingFields {
  constructor(
    private readonly inventory: InventoryService,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  /** The stored resource's JSON with the matching fields added, where the hook has an app to match in. */
  async append(accountId: string, hook: HookToMatch & { readonly json: string }): Promise<string | Readable> {
    const selection = await this.selectFor(accountId, hook);
    if (selection === undefined) return hook.json;
    this.countNothing(selection);
    const head = `${hook.json.slice(0, -1)},"matchingImages":${JSON.stringify(selection.images())},"matchingContainers":`;
    if (selection.count < STREAMED_FROM) return `${head}${selection.containersJson()}}`;
    const length = selection.containersJsonLength();
    return new ChunkStream(
      selection.containersJsonChunks(head, END),
      length === undefined ? undefined : Buffer.byteLength(head) + length + END.length,
    );
  }

  /** Whether a hook matches at least one container of the app that it is to be matched in. */
  async matchesAny(accountId: string, hook: HookToMatch): Promise<boolean> {
    return ((await this.selectFor(accountId, hook))?.count ?? 0) > 0;
  }

  private async selectFor(accountId: string, hook: HookToMatch): Promise<Selection | undefined> {
    const { matchedAppId: appId, inventoryRevision: revision, matchingCriteria: criteria, excludingCriteria } = hook;
    const excluding = excludingCriteria ?? [];
    return appId === null || revision === null
      ? undefined
      : this.select({ accountId, appId, revision, criteria, excluding });
  }

  /**
   * The containers of the app that meet all criteria. Long work gives the event loop its turns.
   *
   * @throws ServiceNotReady when it takes too long: a hook is written only if that takes a third of the time at most, but
   *   the app may have grown since. The next request goes on where this one stopped.
   */
  async select(
    { accountId, appId, revision, criteria, excluding }: Matched,
    queryable?: Queryable,
  ): Promise<Selection> {
    return this.selectFrom(
      await this.inventory.snapshot(accountId, appId, revision, queryable),
      criteria,
      excluding ?? [],
    );
  }

  /** Without a promise where one turn is enough: with what is known already, the promise would be most of the cost. */
  private selectFrom(
    snapshot: InventorySnapshot,
    criteria: readonly Criterion[],
    excluding: readonly Criterion[],
  ): Selection | Promise<Selection> {
    const start = performance.now();
    const steps = matchContainers(snapshot, criteria, excluding);
    const step = steps.next();
    if (step.done !== true) return this.selectInSlices(steps, start);
    this.metrics.matched((performance.now() - start) / 1000);
    return step.value;
  }

  private async selectInSlices(steps: Generator<void, Selection>, start: number): Promise<Selection> {
    const selection = await workedOff(steps, new WorkingTime(), this.settings.matchingTimeoutMs);
    if (selection === undefined) {
      throw new ServiceNotReady({ cause: new Error('The matching of a hook took too long.') });
    }
    this.metrics.matched((performance.now() - start) / 1000);
    return selection;
  }

  /**
   * Which criteria take too long to match for a hook to be written with them; none where what the hook selects is found
   * out in time: that is kept, and the answer to the write costs nothing more. Each criterion gets an equal share of the
   * time, and what the others leave of theirs. What was refused once is refused at once while the inventory is the same.
   *
   * A write gets a third of a read's time, so that the app may grow threefold before its hook cannot be read.
   */
  async tooSlow({ accountId, appId, revision, criteria }: Matched): Promise<readonly Criterion[]> {
    const snapshot = await this.inventory.snapshot(accountId, appId, revision);
    const refused = refusedIn(snapshot);
    const key = createHash('sha256').update(JSON.stringify(criteria)).digest('base64');
    const before = refused.get(key);
    if (before !== undefined) return before;
    const slow = await tooSlowWithin(this.settings.matchingTimeoutMs / READS_TO_WRITES, snapshot, criteria);
    if (slow.length > 0) refused.set(key, slow);
    return slow;
  }

  /** The computed fields that a list asks for, of one of its hooks; none for a hook without an app. */
  complete(
    accountId: string,
    hook: HookToMatch,
    wanted: ReadonlySet<string>,
    queryable: Queryable,
  ): ComputedFields | Promise<ComputedFields> {
    const { matchedAppId: appId, inventoryRevision: revision, matchingCriteria: criteria, excludingCriteria } = hook;
    const excluding = excludingCriteria ?? [];
    if (appId === null || revision === null) return {};
    const snapshot = this.inventory.keptSnapshot(accountId, appId, revision);
    const selection =
      snapshot === undefined
        ? this.select({ accountId, appId, revision, criteria, excluding }, queryable)
        : this.selectFrom(snapshot, criteria, excluding);
    const fields = (made: Selection): ComputedFields => {
      this.countNothing(made);
      return fieldsOf(made, wanted);
    };
    return selection instanceof Promise ? selection.then(fields) : fields(selection);
  }

  private countNothing({ count }: Selection): void {
    if (count === 0) this.metrics.matchedNothing();
  }
}

/** How many times as long as for a write a hook may be matched for a read. */
const READS_TO_WRITES = 3;

/** How many hooks that were refused are remembered with an inventory, by the digest of their criteria. */
const REFUSED_KEPT = 256;

const refusedBySnapshot = new WeakMap<InventorySnapshot, LRUCache<string, readonly Criterion[]>>();

function refusedIn(snapshot: InventorySnapshot): LRUCache<string, readonly Criterion[]> {
  let refused = refusedBySnapshot.get(snapshot);
  if (refused === undefined) {
    refused = new LRUCache({ max: REFUSED_KEPT });
    refusedBySnapshot.set(snapshot, refused);
  }
  return refused;
}

/** The criteria that could not be settled within so many milliseconds of work for all of them. */
async function tooSlowWithin(
  milliseconds: number,
  snapshot: InventorySnapshot,
  criteria: readonly Criterion[],
): Promise<readonly Criterion[]> {
  const time = new WorkingTime();
  const settled: Criterion[] = [];
  // Pod names are tested only on the pods that the others have left.
  let open = criteria.toSorted((left, right) => Number(left.type === 'podName') - Number(right.type === 'podName'));
  while (open.length > 0 && time.milliseconds < milliseconds) {
    const share = (milliseconds - time.milliseconds) / open.length;
    const unsettled: Criterion[] = [];
    for (const criterion of open) {
      const steps = matchContainers(snapshot, [...settled, criterion]);
      const selection = await workedOff(steps, time, time.milliseconds + share);
      // Nothing is left that the others could select from.
      if (selection?.count === 0) return [];
      (selection === undefined ? unsettled : settled).push(criterion);
    }
    open = unsettled;
  }
  return open;
}

/**
 * The time that one piece of work has worked, in milliseconds: not that of others whose turn came in between, nor that
 * in which a busy machine let neither work.
 */
class WorkingTime {
  milliseconds = 0;

  /** Does a piece of the work, and counts its time. */
  of<T>(work: () => T): T {
    const start = performance.now();
    const usage = process.cpuUsage();
    try {
      return work();
    } finally {
      const { user, system } = process.cpuUsage(usage);
      // The processor's time is that of all threads, of which others may have worked meanwhile.
      this.milliseconds += Math.min(performance.now() - start, (user + system) / 1_000);
    }
  }
}

/**
 * Does the steps, giving the event loop to others before every one.
 *
 * @param end until when to go on, by `time`, in milliseconds
 * @returns undefined when that was not long enough: what was found out is kept
 */
async function workedOff(
  steps: Generator<void, Selection | undefined>,
  time: WorkingTime,
  end: number,
): Promise<Selection | undefined> {
  do {
    await othersFirst();
    const step = time.of(() => steps.next());
    if (step.done === true) return step.value;
  } while (time.milliseconds < end);
  steps.return(undefined);
  return undefined;
}

function fieldsOf(selection: Selection, wanted: ReadonlySet<string>): ComputedFields {
  return {
    ...(wanted.has('matchingImages') ? { matchingImages: JSON.stringify(selection.images()) } : {}),
    ...(wanted.has('matchingContainers') ? { matchingContainers: selection.containersJson() } : {}),
  };
}

/** What follows the last field. */
const END = '}';
