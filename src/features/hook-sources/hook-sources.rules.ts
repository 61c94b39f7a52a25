import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../../access/caller.js';
import {
  ExtendedValidationFailure,
  HookSourceReferenced,
  OperationNotPermitted,
  PreloadedHookSourceReadOnly,
  ResourceConflict,
} from '../../problems/catalogue.js';
import { bind, sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Values } from '../../rest/resource.js';
import type { Conflicts, Change, Rules } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { appsWithin } from '../apps/visible-apps.js';
import { HOOK_SOURCE, HOOK_SOURCES } from './hook-source.resource.js';
import { brokenSourceRules } from './source-rules.js';

type Fields = typeof HOOK_SOURCE.fields;
type Row = StoredRow & { readonly preloaded: 'true' | 'false' };

/** What only hook sources do (docs/api.md, section 10). */
@Injectable()
export class HookSourceRules implements Rules<Fields, Row> {
  readonly resource = HOOK_SOURCE;
  readonly table = HOOK_SOURCES;
  readonly conflicts: Conflicts = {
    hook_sources_name_unique: () => new ResourceConflict([{ name: 'name', reason: 'is taken' }]),
    execution_hooks_hook_source_fk: () => new HookSourceReferenced(),
  };

  path({ accountId }: IncomingRequest): string {
    return `/accounts/${accountId}/core/v1/hookSources`;
  }

  list({ accountId }: IncomingRequest): ListedCollection {
    return {
      definition: HOOK_SOURCE.collection,
      scope: [sql`s.account_id = ${accountId}`],
      walk: [accountId],
    };
  }

  requireChangeable({ preloaded }: Row): void {
    if (preloaded === 'true') throw new PreloadedHookSourceReadOnly();
  }

  inspect({ source }: { readonly source?: string }): void {
    const broken = source === undefined ? [] : brokenSourceRules(source);
    if (broken.length > 0) throw new ExtendedValidationFailure(broken);
  }

  async admit(change: Change<Fields, Row>): Promise<Values<Fields>> {
    await this.requireWithin(change);
    return { ...change.values, sourceMD5Checksum: createHash('md5').update(change.values.source).digest('hex') };
  }

  /**
   * A script is shared by the whole account: a caller who is limited to namespaces must not change what runs in an app
   * that is not wholly within them.
   */
  private async requireWithin({ transaction, stored, caller, request, id }: Change<Fields, Row>): Promise<void> {
    const { namespaces }: Caller = caller;
    if (namespaces === undefined || stored === undefined) return;
    const { text, values } = bind(sql`
      SELECT FROM execution_hooks AS h
      LEFT JOIN apps AS a ON a.account_id = h.account_id AND a.id = h.app_id
      WHERE h.account_id = ${request.accountId} AND h.hook_source_id = ${id}
        AND (h.app_id IS NULL OR NOT ${appsWithin(namespaces)})
      LIMIT 1`);
    if ((await transaction.query({ text }, values)).length > 0) throw new OperationNotPermitted();
  }
}
