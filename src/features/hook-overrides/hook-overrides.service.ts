import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { AppsService } from '../apps/apps.service.js';
import { listCollection } from '../../rest/collection-list.js';
import { sql } from '../../query/sql-fragment.js';
import { Database, type Transaction } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Preconditions, Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import {
  CollectionNotFound,
  ExtendedValidationFailure,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { CreateExecutionHookOverride } from './dto/create-hook-override.js';
import type { UpdateExecutionHookOverride } from './dto/update-hook-override.js';
import { hookOverrideCollection } from './hook-override.collection.js';
import {
  type HookOverrideRow,
  HookOverridesRepository,
  type HookOverrideValues,
  type OverriddenApp,
  type StoredHookOverride,
} from './hook-overrides.repository.js';

/** What one app makes of `netapp` hooks, which nobody can change through the API (contract, section 7). */
@Injectable()
export class HookOverridesService {
  constructor(
    private readonly database: Database,
    private readonly repository: HookOverridesRepository,
    private readonly apps: AppsService,
    private readonly writes: IdempotentWrites,
  ) {}

  /**
   * @throws CollectionNotFound, ResourceConflict (appID, executionHookID), ExtendedValidationFailure (there is no such
   *   netapp hook), and what `Incoming` throws
   */
  async create(
    app: OverriddenApp,
    caller: Caller,
    incoming: Incoming<CreateExecutionHookOverride>,
  ): Promise<CreatedAnswer> {
    await this.requireApp(app, caller, CollectionNotFound);
    const body = await incoming.body();
    requireSame([['appID', body.appID, app.appId]]);
    const id = newIdentifier();
    const values: HookOverrideValues = {
      executionHookId: body.executionHookID,
      enabled: body.enabled,
      labels: body.metadata?.labels ?? [],
    };
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      const row = await written(() => this.repository.insert(queryable, app, id, values, caller.userId));
      if (row === undefined) throw new ExtendedValidationFailure([MISSING_HOOK]);
      const path = `${collectionPath(app)}/${id}`;
      return { answer: new CreatedAnswer(row.json, validatorsOf(row), path), keptJson: row.json };
    });
  }

  /** @throws CollectionNotFound, InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable */
  async list(app: OverriddenApp, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    await this.requireApp(app, caller, CollectionNotFound);
    const { accountId, appId } = app;
    const list = await listCollection({
      database: this.database,
      definition: hookOverrideCollection,
      query: incoming.query(hookOverrideCollection, [accountId, appId]),
      scope: [sql`o.account_id = ${accountId} AND o.app_id = ${appId}`],
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(app: OverriddenApp, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    await this.requireApp(app, caller, CollectionNotFound);
    const row = await this.repository.find(app, id);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, ResourceConflict (id, executionHookID, appID), and
   *   what `Incoming` throws
   */
  async replace(
    app: OverriddenApp,
    id: string,
    caller: Caller,
    incoming: Incoming<UpdateExecutionHookOverride>,
  ): Promise<void> {
    const preconditions = await this.admitChange(app, id, caller, incoming);
    const body = await incoming.body();
    await this.database.transaction(async (transaction) => {
      const stored = await this.lock(transaction, app, id);
      preconditions.check(validatorsOf(stored));
      requireSame([
        ['id', body.id, id],
        ['executionHookID', body.executionHookID, stored.executionHookId],
        ['appID', body.appID, app.appId],
      ]);
      await this.repository.update(transaction, app, id, merged(stored, body), caller.userId);
    });
  }

  /** @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported */
  async delete(app: OverriddenApp, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(app, id, caller, incoming);
    incoming.requireNoQuery();
    await this.database.transaction(async (transaction) => {
      preconditions.check(validatorsOf(await this.lock(transaction, app, id)));
      await this.repository.delete(transaction, app, id);
    });
  }

  private async requireApp(
    { accountId, appId }: OverriddenApp,
    caller: Caller,
    NotFound: new () => CollectionNotFound | ResourceNotFound,
  ): Promise<void> {
    if (!(await this.apps.exists(accountId, appId, caller))) throw new NotFound();
  }

  private async admitChange(
    app: OverriddenApp,
    id: string,
    caller: Caller,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<Preconditions> {
    await this.requireApp(app, caller, ResourceNotFound);
    const row = await this.repository.find(app, id);
    if (row === undefined) throw new ResourceNotFound();
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  private async lock(transaction: Transaction, app: OverriddenApp, id: string): Promise<StoredHookOverride> {
    const stored = await this.repository.lock(transaction, app, id);
    if (stored === undefined) throw new ResourceNotFound();
    return stored;
  }
}

const MISSING_HOOK = {
  name: 'executionHookID',
  reason: 'must be the id of an existing execution hook of the account whose hookType is netapp',
};

/** @throws ResourceConflict naming every field that was sent and differs from what it cannot differ from */
function requireSame(fields: readonly [name: string, sent: string | undefined, expected: string][]): void {
  const conflicts = fields.filter(([, sent, expected]) => sent !== undefined && sent !== expected);
  if (conflicts.length > 0) {
    throw new ResourceConflict(conflicts.map(([name, , expected]) => ({ name, reason: `must be "${expected}"` })));
  }
}

/** Settles what only the database can: a hook that is overridden already, or is gone, or whose app is. */
async function written<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'execution_hook_overrides_hook_unique':
        throw new ResourceConflict([{ name: 'executionHookID', reason: 'has an override of this app already' }]);
      case 'execution_hook_overrides_hook_fk':
        throw new ExtendedValidationFailure([MISSING_HOOK]);
      case 'execution_hook_overrides_app_fk':
        throw new CollectionNotFound();
      default:
        throw error;
    }
  }
}

function merged(stored: HookOverrideValues, body: UpdateExecutionHookOverride): HookOverrideValues {
  return {
    executionHookId: stored.executionHookId,
    enabled: body.enabled ?? stored.enabled,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function validatorsOf(row: HookOverrideRow): Validators {
  return { entityTag: entityTag(row.json), modificationTimestamp: row.modifiedAt };
}

function collectionPath({ accountId, appId }: OverriddenApp): string {
  return `/accounts/${accountId}/k8s/v1/apps/${appId}/executionHookOverrides`;
}
