import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { appsWithin } from '../apps/app.collection.js';
import { AppsService } from '../apps/apps.service.js';
import { listCollection } from '../../rest/collection-list.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import { Database, type Queryable, type Transaction } from '../../database/database.js';
import { CreatedAnswer, JsonAnswer, type ReplayedAnswer, ResourceAnswer } from '../../rest/answer.js';
import { entityTag } from '../../rest/entity-tag.js';
import { newIdentifier } from '../../query/identifier.js';
import type { Incoming, IncomingList, IncomingWithoutBody } from '../../rest/incoming.js';
import type { Preconditions, Validators } from '../../rest/preconditions.js';
import { IdempotentWrites } from '../../rest/idempotency/idempotent-writes.service.js';
import type { Criterion } from '../../matching/criterion.js';
import { isLarge, mayTakeLong, patternError } from '../../matching/pattern.js';
import { othersFirst } from '../../turns/others-first.js';
import {
  CollectionNotFound,
  ExtendedValidationFailure,
  NetappHookReadOnly,
  ResourceConflict,
  ResourceNotFound,
} from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { CreateExecutionHook } from './dto/create-execution-hook.js';
import type { ExecutionHook } from './dto/execution-hook.js';
import type { UpdateExecutionHook } from './dto/update-execution-hook.js';
import {
  type ExecutionHookColumns,
  executionHookCollection,
  executionHooksOfApp,
} from './execution-hook.collection.js';
import {
  ExecutionHooksRepository,
  type HookRow,
  type HookValues,
  type StoredHook,
} from './execution-hooks.repository.js';
import { brokenRules } from './hook-rules.js';
import type { HookScope } from './hook-scope.js';
import { HooksOfApp } from './hooks-of-app.js';
import { limitedCriteria } from './limited-criteria.js';
import { MatchingFields } from './matching-fields.js';

/** Execution hooks, for both route families (contract, sections 1 to 4). */
@Injectable()
export class ExecutionHooksService {
  constructor(
    private readonly database: Database,
    private readonly repository: ExecutionHooksRepository,
    private readonly matchingFields: MatchingFields,
    private readonly apps: AppsService,
    private readonly writes: IdempotentWrites,
  ) {}

  /**
   * @throws CollectionNotFound, NetappHookReadOnly, ResourceConflict (name, appID), ExtendedValidationFailure, and what
   *   `Incoming` throws
   */
  async create(scope: HookScope, caller: Caller, incoming: Incoming<CreateExecutionHook>): Promise<CreatedAnswer> {
    if (scope.appId !== undefined && !(await this.apps.exists(scope.accountId, scope.appId, caller))) {
      throw new CollectionNotFound();
    }
    const body = await incoming.body();
    if (body.hookType === 'netapp') throw new NetappHookReadOnly();
    requireSame([['appID', body.appID, scope.appId]]);
    const values = newHook(body);
    const hidesApp = await this.hides(scope, body.appID, caller);
    await compileLarge(values.matchingCriteria);
    const tooSlow = await this.rehearse(scope.accountId, values, hidesApp);
    const id = newIdentifier();
    const key = incoming.idempotencyKey();
    const answer = await this.writes.once(caller, key, async (queryable) => {
      // In the transaction that a key makes of it, nothing may be waited for that needs another connection.
      const transaction = key === undefined ? undefined : queryable;
      await this.requireValid(scope.accountId, values, hidesApp, tooSlow, transaction);
      const row = await written(() => this.repository.insert(scope.accountId, id, values, caller.userId, transaction));
      return { answer: new CreatedHook(row, `${collectionPath(scope)}/${id}`), keptJson: row.json };
    });
    const row = answer instanceof CreatedHook ? answer.row : await this.createdBefore(scope.accountId, answer);
    return answer.with(await this.matchingFields.append(scope.accountId, seenBy(caller, row)));
  }

  /** @throws CollectionNotFound, NotAcceptable, QueryParametersNotSupported, InvalidQueryParameters */
  async list(scope: HookScope, caller: Caller, incoming: IncomingList): Promise<JsonAnswer> {
    const { accountId, appId } = scope;
    if (appId !== undefined && !(await this.apps.exists(accountId, appId, caller))) throw new CollectionNotFound();
    const definition = appId === undefined ? executionHookCollection : executionHooksOfApp(appId);
    const query = incoming.query(definition, appId === undefined ? [accountId] : [accountId, appId]);
    const ofApp =
      appId === undefined
        ? undefined
        : new HooksOfApp(accountId, appId, caller.namespaces, this.repository, this.matchingFields);
    const list = await listCollection<ExecutionHookColumns>({
      database: this.database,
      definition,
      query,
      scope: ofApp === undefined ? [hooksOfAccount(accountId, caller)] : (snapshot) => ofApp.scope(snapshot),
      complete: (hook, wanted, snapshot) =>
        this.matchingFields.complete(accountId, seenBy(caller, ofApp?.inApp(hook) ?? hook), wanted, snapshot),
      caller: caller.userId,
      signal: incoming.signal,
    });
    return new JsonAnswer(list);
  }

  /** @throws CollectionNotFound, QueryParametersNotSupported */
  async get(scope: HookScope, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<ResourceAnswer> {
    const row = await this.find(scope, id, caller);
    if (row === undefined) throw new CollectionNotFound();
    incoming.requireNoQuery();
    return new ResourceAnswer(await this.matchingFields.append(scope.accountId, row), validatorsOf(row));
  }

  /**
   * Replaces what the body names and keeps what it leaves out.
   * @throws ResourceNotFound, NetappHookReadOnly, InvalidHeaders, PreconditionNotMet, ResourceConflict (id, name,
   *   hookType, appID), ExtendedValidationFailure, and what `Incoming` throws
   */
  async replace(scope: HookScope, id: string, caller: Caller, incoming: Incoming<UpdateExecutionHook>): Promise<void> {
    const { preconditions, row } = await this.admitChange(scope, id, caller, incoming);
    const body = await incoming.body();
    requireSame([
      ['id', body.id, id],
      ['hookType', body.hookType, row.hookType],
      ['appID', body.appID, scope.appId],
    ]);
    await compileLarge(body.matchingCriteria ?? []);
    const hidesApp = await this.hides(scope, body.appID, caller);
    const planned = async (stored: HookValues): Promise<Plan> => {
      const values = merged(stored, body);
      const tooSlow = isSameMatching(values, stored) ? [] : await this.rehearse(scope.accountId, values, hidesApp);
      return { values, tooSlow };
    };
    await written(async () => {
      let plan = await planned(valuesOf(row));
      await this.requireValid(scope.accountId, plan.values, hidesApp, plan.tooSlow);
      // One statement while it is still what was checked; otherwise it is checked again, under a lock.
      if (await this.repository.updateUnchanged(scope, id, row.modifiedAt, plan.values, caller.userId)) return;
      for (;;) {
        const overtaken = await this.database.transaction(async (transaction) => {
          const stored = await this.lock(transaction, scope, id);
          preconditions.check(validatorsOf(stored));
          const values = merged(stored, body);
          const isSame = isSameMatching(values, stored);
          // Another writer's criteria and this one's app, say: nobody has matched the two together.
          if (!isSame && !isSameMatching(values, plan.values)) return stored;
          await this.requireValid(scope.accountId, values, hidesApp, isSame ? [] : plan.tooSlow, transaction);
          await this.repository.updateUnchanged(scope, id, stored.modifiedAt, values, caller.userId, transaction);
          return undefined;
        });
        if (overtaken === undefined) return;
        plan = await planned(overtaken);
      }
    });
  }

  /** @throws ResourceNotFound, NetappHookReadOnly, InvalidHeaders, PreconditionNotMet, QueryParametersNotSupported */
  async delete(scope: HookScope, id: string, caller: Caller, incoming: IncomingWithoutBody): Promise<void> {
    const { preconditions, row } = await this.admitChange(scope, id, caller, incoming);
    incoming.requireNoQuery();
    // One statement, as a replacement.
    if (await this.repository.deleteUnchanged(scope.accountId, id, row.modifiedAt)) return;
    await this.database.transaction(async (transaction) => {
      preconditions.check(validatorsOf(await this.lock(transaction, scope, id)));
      await this.repository.delete(transaction, scope.accountId, id);
    });
  }

  /**
   * Matches criteria that may take long before a hook with them is written, so that none is written that cannot be
   * matched (ADR 0023). What is found out is kept for the answer.
   *
   * @returns the criteria to refuse
   */
  private async rehearse(
    accountId: string,
    { appId, matchingCriteria: criteria }: WhatToMatch,
    hidesApp: boolean,
  ): Promise<InvalidField[]> {
    const patterns = criteria.map(({ value }) => value);
    if (appId === null || hidesApp || !mayTakeLong(patterns)) return [];
    if (patterns.some((value) => patternError(value) !== undefined)) return [];
    const revision = await this.repository.inventoryRevision(accountId, appId);
    if (revision === undefined) return [];
    const tooSlow = await this.matchingFields.tooSlow({ accountId, appId, revision, criteria });
    return criteria.flatMap((criterion, index) =>
      tooSlow.some((each) => isSameCriterion(each, criterion))
        ? [{ name: `matchingCriteria[${index}].value`, reason: TOO_SLOW }]
        : [],
    );
  }

  /** What a repeated request has created when it was new, to be matched in the inventory of now (contract, section 4). */
  private async createdBefore(accountId: string, { json, validators }: ReplayedAnswer<string>): Promise<HookRow> {
    const { appID, matchingCriteria } = JSON.parse(json) as {
      readonly appID: string;
      readonly matchingCriteria: HookRow['matchingCriteria'];
    };
    const revision = await this.repository.inventoryRevision(accountId, appID);
    return {
      json,
      hookType: 'custom',
      matchingCriteria,
      modifiedAt: validators.modificationTimestamp,
      matchedAppId: revision === undefined ? null : appID,
      inventoryRevision: revision ?? null,
    };
  }

  /**
   * A hook that the route shows to the caller: on an app's route, a netapp hook is there only where it matches a
   * container.
   */
  private async find(scope: HookScope, id: string, caller: Caller): Promise<HookRow | undefined> {
    const found = await this.repository.find(scope, id);
    if (found === undefined || (await this.hides(scope, found.matchedAppId, caller))) return undefined;
    const row = seenBy(caller, found);
    if (scope.appId === undefined || row.hookType !== 'netapp') return row;
    return (await this.matchingFields.matchesAny(scope.accountId, row)) ? row : undefined;
  }

  /** Whether the caller must not see an app; costs nothing while their role is not limited to namespaces. */
  private async hides({ accountId }: HookScope, appId: string | null | undefined, caller: Caller): Promise<boolean> {
    if (caller.namespaces === undefined || appId === null || appId === undefined) return false;
    return !(await this.apps.exists(accountId, appId, caller));
  }

  /** What is checked of a change before its query and body are looked at: the hook is there and the headers hold. */
  private async admitChange(
    scope: HookScope,
    id: string,
    caller: Caller,
    incoming: Pick<IncomingWithoutBody, 'preconditions'>,
  ): Promise<{ readonly preconditions: Preconditions; readonly row: HookRow }> {
    const row = await this.find(scope, id, caller);
    if (row === undefined) throw new ResourceNotFound();
    if (row.hookType === 'netapp') throw new NetappHookReadOnly();
    const preconditions = incoming.preconditions();
    preconditions.check(validatorsOf(row));
    return { preconditions, row };
  }

  private async lock(transaction: Transaction, scope: HookScope, id: string): Promise<StoredHook> {
    const stored = await this.repository.lock(transaction, scope, id);
    if (stored === undefined) throw new ResourceNotFound();
    return stored;
  }

  /** @throws ExtendedValidationFailure with every broken rule and every missing reference in one answer */
  private async requireValid(
    accountId: string,
    values: HookValues,
    hidesApp: boolean,
    tooSlow: readonly InvalidField[],
    transaction?: Queryable,
  ): Promise<void> {
    const missing = await this.repository.missingReferences(accountId, values, transaction);
    const invalid = [...brokenRules(values), ...tooSlow];
    if (missing.hookSource) invalid.push(MISSING_HOOK_SOURCE);
    if (missing.app || hidesApp) invalid.push(MISSING_APP);
    if (invalid.length > 0) throw new ExtendedValidationFailure(invalid);
  }
}

/** A hook that was just created, with what it takes to compute its matching fields once that is committed. */
class CreatedHook extends CreatedAnswer {
  constructor(
    readonly row: HookRow,
    path: string,
  ) {
    super(row.json, validatorsOf(row), path);
  }
}

/** What decides which containers a hook selects. */
type WhatToMatch = Pick<HookValues, 'appId' | 'matchingCriteria'>;

/** What a hook is to become, with the criteria that are too slow for that. */
interface Plan {
  readonly values: HookValues;
  readonly tooSlow: readonly InvalidField[];
}

function isSameMatching(left: WhatToMatch, right: WhatToMatch): boolean {
  const criteria = right.matchingCriteria;
  return (
    left.appId === right.appId &&
    left.matchingCriteria.length === criteria.length &&
    left.matchingCriteria.every((criterion, index) => isSameCriterion(criterion, criteria[index]))
  );
}

function isSameCriterion({ type, value }: Criterion, other: Criterion | undefined): boolean {
  return other?.type === type && other.value === value;
}

/** Has the patterns that take long to compile checked one by one, with a turn for other requests after each. */
async function compileLarge(criteria: HookValues['matchingCriteria']): Promise<void> {
  for (const { value } of criteria) {
    if (!isLarge(value)) continue;
    patternError(value);
    await othersFirst();
  }
}

const TOO_SLOW = "takes too long to match in the app's containers: use a shorter or simpler pattern";
const MISSING_HOOK_SOURCE = {
  name: 'hookSourceID',
  reason: 'must be the id of an existing hook source of the account',
};
const MISSING_APP = { name: 'appID', reason: 'must be the id of an existing app of the account' };

/** The hooks of an account that the caller may see: those of the apps that they may, and those without an app. */
function hooksOfAccount(accountId: string, { namespaces }: Caller): Fragment {
  if (namespaces === undefined) return sql`h.account_id = ${accountId}`;
  return sql`h.account_id = ${accountId} AND (h.app_id IS NULL OR EXISTS (
    SELECT FROM apps AS a WHERE a.account_id = h.account_id AND a.id = h.app_id AND ${appsWithin(namespaces)}))`;
}

/** A hook as it is matched for the caller. */
function seenBy<Hook extends Pick<HookRow, 'matchingCriteria'>>({ namespaces }: Caller, hook: Hook): Hook {
  if (namespaces === undefined) return hook;
  return { ...hook, matchingCriteria: limitedCriteria(hook.matchingCriteria, namespaces) };
}

/** Settles what only the database can: a name taken, or a referenced resource deleted, by a concurrent writer. */
async function written<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    switch (violatedConstraint(error)) {
      case 'execution_hooks_name_unique':
        throw new ResourceConflict([{ name: 'name', reason: 'is taken by another execution hook' }]);
      case 'execution_hooks_hook_source_fk':
        throw new ExtendedValidationFailure([MISSING_HOOK_SOURCE]);
      case 'execution_hooks_app_fk':
        throw new ExtendedValidationFailure([MISSING_APP]);
      default:
        throw error;
    }
  }
}

/** @throws ResourceConflict naming every field that was sent and differs from what it cannot differ from */
function requireSame(fields: readonly [name: string, sent: string | undefined, expected: string | undefined][]): void {
  const conflicts = fields.filter(
    ([, sent, expected]) => sent !== undefined && expected !== undefined && sent !== expected,
  );
  if (conflicts.length > 0) {
    throw new ResourceConflict(
      conflicts.map(([name, , expected]) => ({ name, reason: `must be "${expected ?? ''}"` })),
    );
  }
}

function newHook(body: CreateExecutionHook): HookValues {
  return {
    version: body.version,
    name: body.name,
    hookType: body.hookType,
    matchingCriteria: body.matchingCriteria ?? [],
    action: body.action,
    stage: body.stage,
    hookSourceId: body.hookSourceID,
    arguments: body.arguments ?? [],
    appId: body.appID,
    enabled: body.enabled ?? 'true',
    description: body.description ?? null,
    labels: body.metadata?.labels ?? [],
  };
}

/** A stored hook as a replacement starts from it: what the row is matched with may be limited to the caller's namespaces. */
function valuesOf({ json }: Pick<HookRow, 'json'>): HookValues {
  const stored = JSON.parse(json) as ExecutionHook;
  return {
    version: stored.version,
    name: stored.name,
    hookType: stored.hookType,
    matchingCriteria: stored.matchingCriteria,
    action: stored.action,
    stage: stored.stage,
    hookSourceId: stored.hookSourceID,
    arguments: stored.arguments,
    appId: stored.appID ?? null,
    enabled: stored.enabled,
    description: stored.description ?? null,
    labels: stored.metadata.labels,
  };
}

function merged(stored: HookValues, body: UpdateExecutionHook): HookValues {
  return {
    version: body.version,
    name: body.name ?? stored.name,
    hookType: stored.hookType,
    matchingCriteria: body.matchingCriteria ?? stored.matchingCriteria,
    action: body.action ?? stored.action,
    stage: body.stage ?? stored.stage,
    hookSourceId: body.hookSourceID ?? stored.hookSourceId,
    arguments: body.arguments ?? stored.arguments,
    appId: body.appID ?? stored.appId,
    enabled: body.enabled ?? stored.enabled,
    description: body.description ?? stored.description,
    labels: body.metadata?.labels ?? stored.labels,
  };
}

function validatorsOf(hook: Pick<HookRow, 'json' | 'modifiedAt'>): Validators {
  return { entityTag: entityTag(hook.json), modificationTimestamp: hook.modifiedAt };
}

function collectionPath(scope: HookScope): string {
  return scope.appId === undefined
    ? `/accounts/${scope.accountId}/core/v1/executionHooks`
    : `/accounts/${scope.accountId}/k8s/v1/apps/${scope.appId}/executionHooks`;
}
