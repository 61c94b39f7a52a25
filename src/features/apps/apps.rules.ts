import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import type { Queryable } from '../../database/database.js';
import { ExtendedValidationFailure, OperationNotPermitted, ResourceConflict } from '../../problems/catalogue.js';
import type { InvalidField } from '../../problems/problem.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Conflicts, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { narrowInventory } from './app-namespaces.js';
import { APP, type AppExtent, APPS } from './app.resource.js';
import { labelSelectorError } from './label-selector.js';
import { appsWithin, isWithin } from './visible-apps.js';

type Fields = typeof APP.fields;
type Row = StoredRow & AppExtent;

/** What only apps do (docs/api.md, sections 7 and 8). */
@Injectable()
export class AppRules implements Rules<Fields, Row> {
  readonly resource = APP;
  readonly table = APPS;
  readonly conflicts: Conflicts = {
    apps_name_unique: () => new ResourceConflict([{ name: 'name', reason: 'is taken' }]),
  };

  path({ accountId }: IncomingRequest): string {
    return `/accounts/${accountId}/k8s/v2/apps`;
  }

  list({ accountId, caller: { namespaces } }: IncomingRequest): ListedCollection {
    const ofAccount = sql`a.account_id = ${accountId}`;
    return {
      definition: APP.collection,
      scope: [namespaces === undefined ? ofAccount : sql`${ofAccount} AND ${appsWithin(namespaces)}`],
      walk: [accountId],
    };
  }

  isVisible(row: Row, _queryable: Queryable, _request: IncomingRequest, { namespaces }: Caller): boolean {
    return isWithin(row, namespaces);
  }

  /** @throws ExtendedValidationFailure with every selector that Kubernetes would refuse */
  inspect({ namespaceScopedResources = [] }: Partial<AppExtent>): void {
    const invalid = namespaceScopedResources.flatMap(({ labelSelectors = [] }, index) =>
      labelSelectors.flatMap((selector, at): InvalidField[] => {
        const reason = labelSelectorError(selector);
        const name = `namespaceScopedResources[${index}].labelSelectors[${at}]`;
        return reason === undefined ? [] : [{ name, reason }];
      }),
    );
    if (invalid.length > 0) throw new ExtendedValidationFailure(invalid);
  }

  /**
   * The pods that are no longer the app's leave its inventory with the change.
   * @throws OperationNotPermitted for an app that would not lie within the namespaces of the caller's role
   */
  async admit({ values, caller, stored, transaction, request, id }: Change<Fields, Row>): Promise<Values<Fields>> {
    if (!isWithin(values, caller.namespaces)) throw new OperationNotPermitted();
    if (stored !== undefined && values.namespaceScopedResources !== stored.namespaceScopedResources) {
      await narrowInventory(transaction, request.accountId, id, values.namespaceScopedResources);
    }
    return values;
  }
}
