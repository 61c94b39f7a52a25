import { createHash } from 'node:crypto';
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
  HookSourceReferenced,
  OperationNotPermitted,
  PreloadedHookSourceReadOnly,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { CreateHookSource } from './dto/create-hook-source.js';
import type { UpdateHookSource } from './dto/update-hook-source.js';
import {
  type HookSourceRow,
  HookSourcesRepository,
  type HookSourceValues,
  type StoredHookSource,
} from './hook-sources.repository.js';
import { hookSourceCollection } from './hook-source.collection.js';
import { brokenSourceRules } from './source-rules.js';

/** Hook sources: the scripts that hooks run (contract, section 10). */
@Injectable()
export class HookSourcesService {
  constructor(
    private readonly database: Database,
    private readonly repository: HookSourcesRepository,
    private readonly writes: IdempotentWrites,
  ) {}

  /** @throws ExtendedValidationFailure, ResourceConflict (name), and what `Incoming` throws */
  async create(accountId: string, caller: Caller, incoming: Incoming<CreateHookSource>): Promise<CreatedAnswer> {
    const body = await incoming.body();
    requireValid(body.source);
    const id = newIdentifier();
    const values: HookSourceValues = {
      version: body.version,
      name: body.name,
      sourceType: body.sourceType,
      source: body.source,
      sourceMd5: md5(body.source),
      description: body.description ?? null,
      labels: body.metadata?.labels ?? [],
    };
    return this.writes.once(caller, incoming.idempotencyKey(), async (queryable) => {
      const row = await written(() => this.repository.insert(queryable, accountId, id, values, caller.userId));
      const path = `/accounts/${accountId}/core/v1/hookSources/${id}`;
      return { answer: new CreatedAnswer(row.json, validatorsOf(row), path), keptJson: row.json };
    });
  }

  /** @throws InvalidQueryParameters, QueryParametersNotSupported, NotAcceptable */
  async list(accountId: string, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const list = await listCollection({
      database: this.database,
      definition: hookSourceCollection,
      query: incoming.query(hookSourceCollection, [accountId]),
      scope: [sql`s.account_id = ${accountId}`],
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(accountId: string, id: string, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(row.json, validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out.
   * @throws ResourceNotFound, PreloadedHookSourceReadOnly, InvalidHeaders, PreconditionNotMet, ResourceConflict (id,
   *   name), OperationNotPermitted, ExtendedValidationFailure, and what `Incoming` throws
   */
  async replace(accountId: string, id: string, caller: Caller, incoming: Incoming<UpdateHookSource>): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, incoming);
    const body = await incoming.body();
    if (body.id !== undefined && body.id !== id) {
      throw new ResourceConflict([{ name: 'id', reason: `must be "${id}"` }]);
    }
    if (body.source !== undefined) requireValid(body.source);
    await written(() =>
      this.database.transaction(async (transaction) => {
        const stored = await this.lock(transaction, accountId, id);
        preconditions.check(validatorsOf(stored));
        await this.requireWithin(transaction, accountId, id, caller);
        await this.repository.update(transaction, accountId, id, merged(stored, body), caller.userId);
      }),
    );
  }

  /**
   * @throws ResourceNotFound, PreloadedHookSourceReadOnly, HookSourceReferenced, InvalidHeaders, PreconditionNotMet,
   *   QueryParametersNotSupported
   */
  async delete(accountId: string, id: string, incoming: IncomingWithoutBody): Promise<void> {
    const preconditions = await this.admitChange(accountId, id, incoming);
    incoming.requireNoQuery();
    await written(() =>
      this.database.transaction(async (transaction) => {
        preconditions.check(validatorsOf(await this.lock(transaction, accountId, id)));
        await this.repository.delete(transaction, accountId, id);
      }),
    );
  }

  private async admitChange(
    accountId: string,
    id: string,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<Preconditions> {
    const row = await this.repository.find(accountId, id);
    if (row === undefined) throw new ResourceNotFound();
    if (row.preloaded === 'true') throw new PreloadedHookSourceReadOnly();
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return preconditions;
  }

  /**
   * A script is shared by the whole account: a caller who is limited to namespaces must not change what runs in others.
   * @throws OperationNotPermitted
   */
  private async requireWithin(
    transaction: Transaction,
    accountId: string,
    id: string,
    { namespaces }: Caller,
  ): Promise<void> {
    if (namespaces === undefined) return;
    if (await this.repository.isRunOutside(transaction, accountId, id, namespaces)) throw new OperationNotPermitted();
  }

  private async lock(transaction: Transaction, accountId: string, id: string): Promise<StoredHookSource> {
    const stored = await this.repository.lock(transaction, accountId, id);
    if (stored === undefined) throw new ResourceNotFound();
    return stored;
  }
}

/** @throws ExtendedValidationFailure */
function requireValid(source: string): void {
  const broken = brokenSourceRules(source);
  if (broken.length > 0) throw new ExtendedValidationFailure(broken);
}

/** Settles what only the database can: a name taken, or a hook made for the source, by a concurrent writer. */
async function written<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'hook_sources_name_unique':
        throw new ResourceConflict([{ name: 'name', reason: 'is taken by another hook source of the account' }]);
      case 'execution_hooks_hook_source_fk':
        throw new HookSourceReferenced();
      default:
        throw error;
    }
  }
}

function merged(stored: HookSourceValues, body: UpdateHookSource): HookSourceValues {
  const source = body.source ?? stored.source;
  return {
    version: body.version,
    name: body.name ?? stored.name,
    sourceType: body.sourceType ?? stored.sourceType,
    source,
    sourceMd5: md5(source),
    description: body.description ?? stored.description,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function validatorsOf(row: Pick<HookSourceRow, 'json' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(row.json), modificationTimestamp: row.modifiedAt };
}
