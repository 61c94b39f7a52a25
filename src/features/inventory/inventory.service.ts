import type { Readable } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { sql } from '../../query/sql-fragment.js';
import { Database, type Queryable } from '../../database/database.js';
import { JsonAnswer } from '../../rest/answer.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import { Lists } from '../../rest/lists.js';
import { duringTurn } from '../../rest/turn-of-request.js';
import { Admission } from '../../operations/admission.js';
import type { InventorySnapshot } from '../../matching/inventory-snapshot.js';
import { Metrics } from '../../operations/metrics.js';
import { ResourceNotFound } from '../../problems/catalogue.js';
import { Settings } from '../../settings/settings.js';
import { APPS } from '../apps/app.resource.js';
import { requireApp } from '../apps/visible-apps.js';
import { inventoryCollection } from './inventory.collection.js';
import { AppScope } from './app-scope.js';
import { type InventoryAnswer, ListCount } from './inventory-answer.js';
import { InventoryCache } from './inventory-cache.js';
import { inventoryState } from './inventory-reader.js';
import { InventorySpool, SPOOL_MEMORY_BYTES } from './inventory-spool.js';
import { replaceInventory, type Replacing } from './inventory-writer.js';
import { podListBytes } from './pod-list-bytes.js';
import { POD_LIMITS, readPodList } from './pod-list-reader.js';

/**
 * The containers of each app: taken in whole as a pod list, listed, and given to the matching (docs/api.md, section 8).
 */
@Injectable()
export class InventoryService {
  private readonly logger = new Logger(InventoryService.name);
  private readonly cache: InventoryCache;

  constructor(
    private readonly database: Database,
    private readonly lists: Lists,
    private readonly admission: Admission,
    private readonly settings: Settings,
    private readonly metrics: Metrics,
  ) {
    const { inventoryCacheBytes } = settings;
    this.cache = new InventoryCache(
      database,
      inventoryCacheBytes,
      (result) => {
        metrics.cacheAsked(result);
      },
      ({ appId }, error) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.logger.warn(`The copy of the inventory of app ${appId} cannot be used, its rows are read: ${reason}`);
      },
    );
    const { cache } = this;
    metrics.gauge('inventory_cache_bytes', 'Memory of the inventories that are kept.', () => cache.usage.bytes);
    metrics.gauge('inventory_cache_inventories', 'How many inventories are kept.', () => cache.usage.snapshots);
    metrics.gauge('inventory_cache_limit_bytes', 'The most that they may take.', () => inventoryCacheBytes);
  }

  /**
   * Replaces an app's inventory by the pod list of a request.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, NotAcceptable, QueryParametersNotSupported,
   *   PlainProblem 415, RequestBodyTooLarge, InvalidJsonPayload, SchemaViolation, ExtendedValidationFailure
   */
  async replace(request: IncomingRequest): Promise<JsonAnswer> {
    return duringTurn(this.admission, 'ingest', request, async () => {
      await requireApp(this.database, request, request.caller);
      const { accountId } = request;
      const preconditions = request.preconditions();
      const state = await inventoryState(this.database, { accountId, appId: request.parameter('app_id') });
      if (state === undefined) throw new ResourceNotFound();
      preconditions.check({ entityTag: entityTagOf(state.revision), modificationTimestamp: state.reportedAt });
      const { body, contentEncoding } = request.stream();
      const admit: Replacing['admit'] = async ({ revision, reportedAt }, transaction) => {
        // Permission, and what the caller may see, are those of the moment of writing.
        await requireApp(transaction, request, await request.permit(transaction));
        preconditions.check({ entityTag: entityTagOf(revision), modificationTimestamp: reportedAt });
      };
      const answer = await this.ingest(accountId, request.parameter('app_id'), body, contentEncoding, admit);
      return new JsonAnswer(JSON.stringify(answer), entityTagOf(answer.revision));
    });
  }

  /**
   * Replaces an app's inventory by a pod list, `gzip` or not. Nothing is written before the list has been read to its
   * end, and then all of it in one transaction.
   *
   * @param admit {@link Replacing.admit}
   * @throws ResourceNotFound, and what reading the list throws
   */
  async ingest(
    accountId: string,
    appId: string,
    podList: Readable,
    contentEncoding?: string,
    admit?: Replacing['admit'],
  ): Promise<InventoryAnswer> {
    const app = await APPS.find(this.database, [accountId, appId]);
    if (app === undefined) throw new ResourceNotFound();
    const scope = new AppScope(app.namespaceScopedResources);
    const bytes = podListBytes(podList, contentEncoding, { bytes: this.settings.inventoryBodyLimitBytes });
    let size = 0;
    const spool = new InventorySpool(SPOOL_MEMORY_BYTES);
    const count = new ListCount();
    try {
      for await (const pod of readPodList(
        counted(bytes, (length) => (size += length)),
        POD_LIMITS,
      )) {
        const reason = scope.reasonToLeaveOut(pod);
        count.add(pod, reason);
        if (reason === undefined) await spool.add(pod);
      }
      const replacement = await replaceInventory(this.database, { accountId, appId }, spool, {
        scope,
        ...(admit && { admit }),
        leftOut: (pod) => {
          count.moveOut(pod);
        },
      });
      if (replacement === undefined) throw new ResourceNotFound();
      const { revision, snapshot } = replacement;
      if (snapshot !== undefined) this.cache.renew({ accountId, appId }, { revision, snapshot });
      this.metrics.ingested(size, spool.podCount);
      return count.answer(Number(revision), replacement);
    } finally {
      await spool.dispose();
    }
  }

  /** @throws CollectionNotFound, NotAcceptable, QueryParametersNotSupported, InvalidQueryParameters */
  async list(request: IncomingRequest): Promise<JsonAnswer> {
    await requireApp(this.database, request, request.caller);
    const { accountId, caller } = request;
    const appId = request.parameter('app_id');
    const ofApp = sql`p.account_id = ${accountId} AND p.app_id = ${appId}`;
    // Before the containers are: an inventory that comes between the two makes the tag an old one, never a wrong one.
    const revision = (await inventoryState(this.database, { accountId, appId }))?.revision;
    const { namespaces } = caller;
    const { json } = await this.lists.answer(request, {
      definition: inventoryCollection,
      scope: [namespaces === undefined ? ofApp : sql`${ofApp} AND p.namespace = ANY(${namespaces}::text[])`],
      walk: [accountId, appId],
    });
    return new JsonAnswer(json, revision === undefined ? undefined : entityTagOf(revision));
  }

  /**
   * The snapshot of an app's containers at a revision that was read just now, from the cache where it is there.
   * @param queryable the transaction that the revision was read in, where there is one
   */
  snapshot(accountId: string, appId: string, revision: string, queryable?: Queryable): Promise<InventorySnapshot> {
    return this.cache.snapshot({ accountId, appId }, revision, queryable);
  }

  /** {@link snapshot} where it is in the cache. */
  keptSnapshot(accountId: string, appId: string, revision: string): InventorySnapshot | undefined {
    return this.cache.keptSnapshot({ accountId, appId }, revision);
  }
}

/** What `If-Match` names an inventory by: its revision. */
function entityTagOf(revision: string | number): string {
  return `"${revision}"`;
}

async function* counted(bytes: AsyncIterable<Buffer>, add: (length: number) => void): AsyncGenerator<Buffer, void> {
  for await (const chunk of bytes) {
    add(chunk.length);
    yield chunk;
  }
}
