import type { Scope } from '../../query/collection-sql.js';
import { sql } from '../../query/sql-fragment.js';
import type { Queryable } from '../../database/database.js';
import { CollectionNotFound } from '../../problems/catalogue.js';
import type { HookLookups } from './hook-lookups.js';
import { limitedCriteria } from './limited-criteria.js';
import type { HookToMatch, MatchingFields } from './matching-fields.js';

/**
 * What the list of one app's hooks consists of: the app's own, and the account's netapp hooks that match at least one
 * of its containers (docs/api.md, section 2). One instance a list, which is of one inventory revision.
 */
export class HooksOfApp {
  private inventoryRevision: string | null = null;

  constructor(
    private readonly accountId: string,
    private readonly appId: string,
    /** Those that the caller is limited to; undefined for all. */
    private readonly namespaces: readonly string[] | undefined,
    private readonly lookups: HookLookups,
    private readonly matchingFields: MatchingFields,
  ) {}

  /**
   * Which rows of `execution_hooks AS h` are listed.
   *
   * @param snapshot the transaction that the list is read in
   * @throws CollectionNotFound when the app is gone
   */
  async scope(snapshot: Queryable): Promise<Scope> {
    const { accountId, appId } = this;
    const netapp = await this.lookups.netappHooks(snapshot, accountId, appId);
    if (netapp === undefined) throw new CollectionNotFound();
    this.inventoryRevision = netapp.inventoryRevision;
    const matching: string[] = [];
    for (const { id, criteria, excluding } of netapp.hooks) {
      const inventory = { accountId, appId, revision: netapp.inventoryRevision };
      const selection = await this.matchingFields.select(
        { ...inventory, criteria: limitedCriteria(criteria, this.namespaces), excluding },
        snapshot,
      );
      if (selection.count > 0) matching.push(id);
    }
    const own = sql`h.account_id = ${accountId} AND h.app_id = ${appId}`;
    if (matching.length === 0) return [own];
    return [own, sql`h.account_id = ${accountId} AND h.app_id IS NULL AND h.id = ANY(${matching}::uuid[])`];
  }

  /** A hook of the list with where its matching fields are computed: in this app, even if it has none itself. */
  inApp(hook: Pick<HookToMatch, 'matchingCriteria' | 'excludingCriteria'>): HookToMatch {
    return { ...hook, matchedAppId: this.appId, inventoryRevision: this.inventoryRevision };
  }
}
