import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InventoryService } from '../apps/inventory.service.js';
import type { ComputedFields } from '../collections/collection-list.js';
import type { Queryable } from '../database/database.js';
import { ChunkStream } from '../http/chunk-stream.js';
import type { Criterion } from '../matching/criterion.js';
import { matchContainers } from '../matching/match.js';
import type { InventorySnapshot } from '../matching/inventory-snapshot.js';
import type { Selection } from '../matching/selection.js';
import { Metrics } from '../operations/metrics.js';
import { ServiceNotReady } from '../problems/catalogue.js';
import { Settings } from '../settings/settings.js';
import type { ExecutionHookColumns } from './execution-hook.collection.js';
import type { HookRow } from './execution-hooks.repository.js';

/** From this many containers on a single hook's answer is streamed rather than made as one string. */
const STREAMED_FROM = 2_000;

/** What decides the matching fields of a hook: where to look and what for. */
export interface Matched {
  readonly accountId: string;
  readonly appId: string;
  /** The inventory revision that was read together with the hook. */
  readonly revision: string;
  readonly criteria: readonly Criterion[];
}

/** Computes `matchingContainers` and `matchingImages` (contract, section 4). */
@Injectable()
export class MatchingFields {
  constructor(
    private readonly inventory: InventoryService,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {}

  /** The stored resource's JSON with the matching fields added, where the hook has an app to match in. */
  async append(accountId: string, hook: HookRow): Promise<string | Readable> {
    const selection = await this.selectFor(accountId, hook);
    if (selection === undefined) return hook.json;
    const head = `${hook.json.slice(0, -1)},"matchingImages":${JSON.stringify(selection.images())},"matchingContainers":`;
    if (selection.count < STREAMED_FROM) return `${head}${selection.containersJson()}}`;
    const start = Buffer.from(head);
    const length = selection.containersJsonLength();
    return new ChunkStream(
      pieces(start, selection),
      length === undefined ? undefined : start.length + length + END.length,
    );
  }

  /** Whether a hook matches at least one container of the app that it is to be matched in. */
  async matchesAny(accountId: string, hook: HookRow): Promise<boolean> {
    return ((await this.selectFor(accountId, hook))?.count ?? 0) > 0;
  }

  private async selectFor(accountId: string, hook: HookRow): Promise<Selection | undefined> {
    const { matchedAppId: appId, inventoryRevision: revision, matchingCriteria: criteria } = hook;
    return appId === null || revision === null ? undefined : this.select({ accountId, appId, revision, criteria });
  }

  /**
   * The containers of the app that meet all criteria. Long work gives the event loop its turns.
   *
   * @throws ServiceNotReady when it takes too long: patterns of usual size need milliseconds, but ten of the largest that
   *   RE2 takes could need hours in a large inventory. The next request goes on where this one stopped.
   */
  async select({ accountId, appId, revision, criteria }: Matched, queryable?: Queryable): Promise<Selection> {
    return this.selectFrom(await this.inventory.snapshot(accountId, appId, revision, queryable), criteria);
  }

  /** Without a promise where one turn is enough: with what is known already, the promise would be most of the cost. */
  private selectFrom(snapshot: InventorySnapshot, criteria: readonly Criterion[]): Selection | Promise<Selection> {
    const start = performance.now();
    const steps = matchContainers(snapshot, criteria);
    const step = steps.next();
    if (step.done !== true) return this.selectInTurns(steps, start);
    this.metrics.matched((performance.now() - start) / 1000);
    return step.value;
  }

  private async selectInTurns(steps: Generator<void, Selection>, start: number): Promise<Selection> {
    for (;;) {
      if (performance.now() - start > this.settings.matchingTimeoutMs) {
        steps.throw(new ServiceNotReady({ cause: new Error('The matching of a hook took too long.') }));
      }
      await setImmediate();
      const step = steps.next();
      if (step.done === true) {
        this.metrics.matched((performance.now() - start) / 1000);
        return step.value;
      }
    }
  }

  /** The computed fields that a list asks for, of one of its hooks; none for a hook without an app. */
  complete(
    accountId: string,
    hook: ExecutionHookColumns,
    wanted: ReadonlySet<string>,
    queryable: Queryable,
  ): ComputedFields | Promise<ComputedFields> {
    const { appId, inventoryRevision: revision, matchingCriteria: criteria } = hook;
    if (appId === null || revision === null) return {};
    const snapshot = this.inventory.keptSnapshot(accountId, appId, revision);
    const selection =
      snapshot === undefined
        ? this.select({ accountId, appId, revision, criteria }, queryable)
        : this.selectFrom(snapshot, criteria);
    return selection instanceof Promise
      ? selection.then((made) => fieldsOf(made, wanted))
      : fieldsOf(selection, wanted);
  }
}

function fieldsOf(selection: Selection, wanted: ReadonlySet<string>): ComputedFields {
  return {
    ...(wanted.has('matchingImages') ? { matchingImages: JSON.stringify(selection.images()) } : {}),
    ...(wanted.has('matchingContainers') ? { matchingContainers: selection.containersJson() } : {}),
  };
}

const END = Buffer.from('}');

function* pieces(start: Buffer, selection: Selection): Generator<Buffer, void> {
  yield start;
  yield* selection.containersJsonChunks();
  yield END;
}
