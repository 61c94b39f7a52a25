import type { Caller } from '../../access/caller.js';
import type { Queryable, Statement } from '../../database/database.js';
import { type Fragment, sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import { type AppExtent, APPS } from './app.resource.js';

const EXISTS: Statement = { name: 'app-exists', text: `SELECT FROM apps WHERE account_id = $1 AND id = $2` };

/**
 * SQL predicate, over `apps AS a`: the app lies wholly within the namespaces. One that declares none may hold anything,
 * and lies within nothing.
 */
export function appsWithin(namespaces: readonly string[]): Fragment {
  return sql`(a.namespace_scoped_resources <> '[]' AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(a.namespace_scoped_resources) AS r(value)
    WHERE r.value->>'namespace' <> ALL(${namespaces}::text[])))`;
}

/** What {@link appsWithin} says in SQL: whether an app declares namespaces, and only such as these; undefined for all. */
export function isWithin({ namespaceScopedResources }: AppExtent, namespaces: readonly string[] | undefined): boolean {
  if (namespaces === undefined) return true;
  return (
    namespaceScopedResources.length > 0 &&
    namespaceScopedResources.every(({ namespace }) => namespaces.includes(namespace))
  );
}

/**
 * Whether the account has an app that the caller may see: for a caller whose role is limited to namespaces there are no
 * others than those that lie wholly within them (docs/api.md, section 7).
 */
export async function seesApp(
  queryable: Queryable,
  accountId: string,
  appId: string,
  { namespaces }: Caller,
): Promise<boolean> {
  if (namespaces === undefined) return (await queryable.query(EXISTS, [accountId, appId])).length > 0;
  const app = await APPS.find(queryable, [accountId, appId]);
  return app !== undefined && isWithin(app, namespaces);
}

/** The app of the path is there, and the caller may see it. @throws the method's 404 */
export async function requireApp(queryable: Queryable, request: IncomingRequest, caller: Caller): Promise<void> {
  if (!(await seesApp(queryable, request.accountId, request.parameter('app_id'), caller))) throw request.notFound();
}
