import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import { Database, type Queryable } from '../../database/database.js';
import { ExtendedValidationFailure, NetappHookReadOnly, ResourceConflict } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import type { ResourceAnswer } from '../../rest/answer.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { UpdateBody, Values } from '../../rest/resource.js';
import { type Conflicts, type Change, Overtaken, type Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { appsWithin, requireApp, seesApp } from '../apps/visible-apps.js';
import {
  EXECUTION_HOOK,
  EXECUTION_HOOKS,
  executionHooksOfApp,
  type HookColumns,
  type HookFields,
} from './execution-hook.resource.js';
import { HookLookups, type HookRow } from './hook-lookups.js';
import { brokenRules } from './hook-rules.js';
import { HooksOfApp } from './hooks-of-app.js';
import { seenBy } from './limited-criteria.js';
import { type HookToMatch, MatchingFields } from './matching-fields.js';
import { isSameMatching, SlowCriteria, type WhatToMatch } from './slow-criteria.js';

type Row = StoredRow & HookColumns;

/** What a hook was matched with before it is written, and which of its criteria are too slow for that. */
interface Rehearsed extends WhatToMatch {
  readonly tooSlow: readonly InvalidField[];
}

const MISSING_HOOK_SOURCE = {
  name: 'hookSourceID',
  reason: 'must be the id of an existing hook source of the account',
};
const MISSING_APP = { name: 'appID', reason: 'must be the id of an existing app of the account' };

/** What only execution hooks do, on both route families (docs/api.md, sections 1 to 4). */
@Injectable()
export class ExecutionHookRules implements Rules<HookFields, Row, Rehearsed> {
  readonly resource = EXECUTION_HOOK;
  readonly table = EXECUTION_HOOKS;
  readonly conflicts: Conflicts = {
    execution_hooks_name_unique: () => new ResourceConflict([{ name: 'name', reason: 'is taken' }]),
    execution_hooks_hook_source_fk: () => new ExtendedValidationFailure([MISSING_HOOK_SOURCE]),
    execution_hooks_app_fk: () => new ExtendedValidationFailure([MISSING_APP]),
  };

  constructor(
    private readonly database: Database,
    private readonly lookups: HookLookups,
    private readonly matchingFields: MatchingFields,
    private readonly slowCriteria: SlowCriteria,
  ) {}

  path(request: IncomingRequest): string {
    const appId = request.optionalParameter('app_id');
    return appId === undefined
      ? `/accounts/${request.accountId}/core/v1/executionHooks`
      : `/accounts/${request.accountId}/k8s/v1/apps/${appId}/executionHooks`;
  }

  async requireParent(queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<void> {
    if (request.optionalParameter('app_id') !== undefined) await requireApp(queryable, request, caller);
  }

  list(request: IncomingRequest): ListedCollection {
    const { accountId, caller } = request;
    const appId = request.optionalParameter('app_id');
    const { matchingFields } = this;
    if (appId === undefined) {
      return {
        definition: EXECUTION_HOOK.collection,
        scope: [hooksOfAccount(accountId, caller)],
        walk: [accountId],
        complete: (hook: HookToMatch, wanted, snapshot) =>
          matchingFields.complete(accountId, seenBy(caller, hook), wanted, snapshot),
      };
    }
    const ofApp = new HooksOfApp(accountId, appId, caller.namespaces, this.lookups, matchingFields);
    return {
      definition: executionHooksOfApp(appId),
      scope: (snapshot) => ofApp.scope(snapshot),
      walk: [accountId, appId],
      complete: (hook: HookToMatch, wanted, snapshot) =>
        matchingFields.complete(accountId, seenBy(caller, ofApp.inApp(hook)), wanted, snapshot),
    };
  }

  /** On the routes of an app, a netapp hook is there only where it matches one of the containers. */
  async find(request: IncomingRequest): Promise<HookRow | undefined> {
    const { accountId } = request;
    const appId = request.optionalParameter('app_id');
    const row = await this.lookups.find(accountId, request.parameter('executionHook_id'), appId);
    if (row === undefined || appId === undefined || row.hookType !== 'netapp') return row;
    return (await this.matchingFields.matchesAny(accountId, seenBy(request.caller, row))) ? row : undefined;
  }

  async isVisible(row: Row, queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<boolean> {
    const appId = request.optionalParameter('app_id');
    if (appId !== undefined) return row.appID === null || row.appID === appId;
    return !(await hidesApp(queryable, request, row.appID, caller));
  }

  requireChangeable({ hookType }: Row): void {
    if (hookType === 'netapp') throw new NetappHookReadOnly();
  }

  inspect({ hookType }: { readonly hookType?: 'netapp' | 'custom' }): void {
    if (hookType === 'netapp') throw new NetappHookReadOnly();
  }

  async prepare(
    body: Values<HookFields> | UpdateBody<HookFields>,
    stored: Row | undefined,
    request: IncomingRequest,
  ): Promise<Rehearsed> {
    const { accountId, caller } = request;
    const appID = body.appID ?? stored?.appID ?? null;
    const matchingCriteria = body.matchingCriteria ?? stored?.matchingCriteria ?? [];
    const excludingCriteria = body.excludingCriteria ?? stored?.excludingCriteria ?? null;
    const rehearsed = { appID, matchingCriteria, excludingCriteria };
    const isRehearsed = stored !== undefined && isSameMatching(rehearsed, stored);
    // What the caller must not see, they learn nothing about by how long it takes.
    if (isRehearsed || (await hidesApp(this.database, request, appID, caller))) return { ...rehearsed, tooSlow: [] };
    return { ...rehearsed, tooSlow: await this.slowCriteria.find(accountId, rehearsed) };
  }

  /** @throws ExtendedValidationFailure with every broken rule and every missing reference in one answer; Overtaken */
  async admit(change: Change<HookFields, Row, Rehearsed>): Promise<Values<HookFields>> {
    const { transaction, request, caller, values, stored, prepared } = change;
    const isSame = stored !== undefined && isSameMatching(values, stored);
    // Another writer's criteria and this one's app, say: nobody has matched the two together.
    if (!isSame && !isSameMatching(values, prepared)) throw new Overtaken();
    const { accountId } = request;
    const references = await this.lookups.references(transaction, accountId, values.hookSourceID, values.appID);
    const invalid = [...brokenRules(values), ...(isSame ? [] : prepared.tooSlow)];
    if (!references.hasHookSource) invalid.push(MISSING_HOOK_SOURCE);
    if (!references.hasApp || (await hidesApp(transaction, request, values.appID, caller))) invalid.push(MISSING_APP);
    if (invalid.length > 0) throw new ExtendedValidationFailure(invalid);
    // Answers have the extensions only where a client has set them.
    return {
      ...values,
      excludingCriteria: values.excludingCriteria?.length === 0 ? null : values.excludingCriteria,
    };
  }

  /** The hook with its matching fields; a new one, or the answer to a repeated POST, in the inventory of now. */
  async represent(answer: ResourceAnswer<string>, request: IncomingRequest, row?: Row): Promise<string | Readable> {
    const { accountId, caller } = request;
    const hook = (row as HookRow | undefined) ?? (await this.written(answer.json, request));
    return this.matchingFields.append(accountId, seenBy(caller, hook));
  }

  private async written(json: string, request: IncomingRequest): Promise<HookToMatch & { readonly json: string }> {
    const {
      appID,
      matchingCriteria,
      excludingCriteria = null,
    } = JSON.parse(json) as Pick<HookColumns, 'matchingCriteria'> &
      Partial<Pick<HookColumns, 'excludingCriteria'>> & { readonly appID: string };
    if (await hidesApp(this.database, request, appID, request.caller)) {
      throw new ExtendedValidationFailure([MISSING_APP]);
    }
    const revision = await this.lookups.inventoryRevision(request.accountId, appID);
    return {
      json,
      matchingCriteria,
      excludingCriteria,
      matchedAppId: revision === undefined ? null : appID,
      inventoryRevision: revision ?? null,
    };
  }
}

/** Whether the caller must not see an app; costs nothing while their role is not limited to namespaces. */
async function hidesApp(
  queryable: Queryable,
  { accountId }: IncomingRequest,
  appId: string | null,
  caller: Caller,
): Promise<boolean> {
  if (caller.namespaces === undefined || appId === null) return false;
  return !(await seesApp(queryable, accountId, appId, caller));
}

/** The hooks of an account that the caller may see: those of the apps that they may, and those without an app. */
function hooksOfAccount(accountId: string, { namespaces }: Caller): Fragment {
  if (namespaces === undefined) return sql`h.account_id = ${accountId}`;
  return sql`h.account_id = ${accountId} AND (h.app_id IS NULL OR EXISTS (
    SELECT FROM apps AS a WHERE a.account_id = h.account_id AND a.id = h.app_id AND ${appsWithin(namespaces)}))`;
}
