import { Injectable } from '@nestjs/common';
import type { Statement } from '../../database/database.js';
import { CollectionNotFound, ExtendedValidationFailure, ResourceConflict } from '../../problems/catalogue.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Conflicts, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { requireApp } from '../apps/visible-apps.js';
import { HOOK_OVERRIDE, HOOK_OVERRIDES } from './hook-override.resource.js';

type Fields = typeof HOOK_OVERRIDE.fields;
type Row = StoredRow & { readonly executionHookID: string };

const IS_NETAPP_HOOK: Statement = {
  name: 'is-netapp-hook',
  text: `SELECT FROM execution_hooks WHERE account_id = $1 AND id = $2 AND hook_type = 'netapp'`,
};

const MISSING_HOOK = {
  name: 'executionHookID',
  reason: 'must be the id of an existing execution hook of the account whose hookType is netapp',
};

/** What one app makes of `netapp` hooks, which nobody can change through the API (docs/api.md, section 7). */
@Injectable()
export class HookOverrideRules implements Rules<Fields, Row> {
  readonly resource = HOOK_OVERRIDE;
  readonly table = HOOK_OVERRIDES;
  readonly requireParent = requireApp;
  readonly conflicts: Conflicts = {
    execution_hook_overrides_hook_unique: () =>
      new ResourceConflict([{ name: 'executionHookID', reason: 'has an override of this app already' }]),
    execution_hook_overrides_hook_fk: () => new ExtendedValidationFailure([MISSING_HOOK]),
    execution_hook_overrides_app_fk: () => new CollectionNotFound(),
  };

  path(request: IncomingRequest): string {
    return `/accounts/${request.accountId}/k8s/v1/apps/${request.parameter('app_id')}/executionHookOverrides`;
  }

  list(request: IncomingRequest): ListedCollection {
    const { accountId } = request;
    const appId = request.parameter('app_id');
    return {
      definition: HOOK_OVERRIDE.collection,
      scope: [sql`o.account_id = ${accountId} AND o.app_id = ${appId}`],
      walk: [accountId, appId],
    };
  }

  async admit({ transaction, request, values }: Change<Fields, Row>): Promise<Values<Fields>> {
    const found = await transaction.query(IS_NETAPP_HOOK, [request.accountId, values.executionHookID]);
    if (found.length === 0) throw new ExtendedValidationFailure([MISSING_HOOK]);
    return values;
  }
}
