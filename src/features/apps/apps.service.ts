import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
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
  OperationNotPermitted,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import { appCollection, appsWithin } from './app.collection.js';
import { type AppRow, AppsRepository, type AppValues, isWithin, type StoredApp } from './apps.repository.js';
import type { CreateApp } from './dto/create-app.js';
import type { UpdateApp } from './dto/update-app.js';
import { labelSelectorError } from './label-selector.js';

/**
 * Apps: what hooks belong to (contract, section 8). For a caller whose role is limited to namespaces there are no others
 * than those that lie wholly within them (section 7).
 */
@Injectable()
export class AppsService {
  constructor(
    private readonly database: Database,
    private readonly repository: AppsRepository,
    private readonly writes: IdempotentWrites,
  ) {}

  /** Whether the account has the app, and the caller may see it. */
  exists(accountId: string, id: string, caller: Caller): Promise<boolean> {
    return this.repository.exists(accountId, id, caller.namespaces);
  }

  /** @throws OperationNotPermitted, ExtendedValidationFailure, ResourceConflict (name), and what `Incoming` throws */
  async create(accountId: string, caller: Caller, incoming: Incoming<CreateApp>): Promise<CreatedAnswer> {
    const body = await incoming.body();
    requireValidSelectors(body.namespaceScopedResources);
    const id = newIdentifier();
    const values: AppValues = {
      version: body.version,
      name: body.name,
      clusterId: body.clusterID ?? null,
      namespaceScopedResources: body.namespaceScopedResources ?? [],
      labels: body.metadata?.labels ?? [],
    };
    requireWithin(values, caller);
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      const row = await written(() => this.repository.insert(queryable, accountId, id, values, caller.userId));
      const path = `/accounts/${accountId}/k8s/v2/apps/${id}`;
      return { answer: new CreatedAnswer(row.json, validatorsOf(row), path), keptJson: row.json };
    });
  }

  /** @throws InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable */
  async list(accountId: string, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const list = await listCollection({
      database: this.database,
      definition: appCollection,
      query: incoming.query(appCollection, [accountId]),
      scope: [
        caller.namespaces === undefined
          ? sql`a.account_id = ${accountId}`
          : sql`a.account_id = ${accountId} AND ${appsWithin(caller.namespaces)}`,
      ],
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(accountId: string, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined || !isWithin(row, caller.namespaces)) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out. The inventory stays as it was taken: other namespaces
   * or selectors count from the next one on.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, ResourceConflict (id, name), OperationNotPermitted,
   *   ExtendedValidationFailure, and what `Incoming` throws
   */
  async replace(accountId: string, id: string, caller: Caller, incoming: Incoming<UpdateApp>): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    const body = await incoming.body();
    if (body.id !== undefined && body.id !== id) {
      throw new ResourceConflict([{ name: 'id', reason: `must be "${id}"` }]);
    }
    requireValidSelectors(body.namespaceScopedResources);
    await written(() =>
      this.database.transaction(async (transaction) => {
        const stored = await this.lock(transaction, accountId, id, caller);
        preconditions.check(validatorsOf(stored));
        const values = merged(stored, body);
        requireWithin(values, caller);
        await this.repository.update(transaction, accountId, id, values, caller.userId);
      }),
    );
  }

  /**
   * Deletes the app with its inventory and its hooks.
   * @throws ResourceNotFound, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported
   */
  async delete(accountId: string, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, caller, incoming);
    incoming.requireNoQuery();
    await this.database.transaction(async (transaction) => {
      preconditions.check(validatorsOf(await this.lock(transaction, accountId, id, caller)));
      await this.repository.delete(transaction, accountId, id);
    });
  }

  private async admitChange(
    accountId: string,
    id: string,
    caller: Caller,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<Preconditions> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined || !isWithin(row, caller.namespaces)) throw new ResourceNotFound();
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  private async lock(transaction: Transaction, accountId: string, id: string, caller: Caller): Promise<StoredApp> {
    const stored = await this.repository.lock(transaction, accountId, id);
    if (stored === undefined || !isWithin(stored, caller.namespaces)) throw new ResourceNotFound();
    return stored;
  }
}

/** @throws OperationNotPermitted for an app that would not lie within the namespaces of the caller's role */
function requireWithin(values: AppValues, { namespaces }: Caller): void {
  if (!isWithin(values, namespaces)) throw new OperationNotPermitted();
}

/** @throws ExtendedValidationFailure with every selector that Kubernetes would refuse */
function requireValidSelectors(resources: AppValues['namespaceScopedResources'] | undefined): void {
  const invalid: InvalidField[] = [];
  resources?.forEach(({ labelSelectors = [] }, index) => {
    labelSelectors.forEach((selector, at) => {
      const reason = labelSelectorError(selector);
      if (reason !== undefined) {
        invalid.push({ name: `namespaceScopedResources[${index}].labelSelectors[${at}]`, reason });
      }
    });
  });
  if (invalid.length > 0) throw new ExtendedValidationFailure(invalid);
}

/** Settles what only the database can: a name taken by a concurrent writer. */
async function written<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (violatedConstraint(error) !== 'apps_name_unique') throw error;
    throw new ResourceConflict([{ name: 'name', reason: 'is taken by another app of the account' }]);
  }
}

function merged(stored: AppValues, body: UpdateApp): AppValues {
  return {
    version: body.version,
    name: body.name ?? stored.name,
    clusterId: body.clusterID ?? stored.clusterId,
    namespaceScopedResources: body.namespaceScopedResources ?? stored.namespaceScopedResources,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

/** A new inventory must not make an editor's `If-Match` fail: the tag is of the stored part alone. */
function validatorsOf(row: Pick<AppRow, 'storedJson' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(row.storedJson), modificationTimestamp: row.modifiedAt };
}
