import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountRules } from '../../src/features/accounts/accounts.rules.js';
import { AppRules } from '../../src/features/apps/apps.rules.js';
import { HookOverrideRules } from '../../src/features/hook-overrides/hook-overrides.rules.js';
import { HookSourceRules } from '../../src/features/hook-sources/hook-sources.rules.js';
import { ExecutionHookRules } from '../../src/features/hooks/execution-hooks.rules.js';
import { RoleBindingRules } from '../../src/features/role-bindings/role-bindings.rules.js';
import { TokenRules } from '../../src/features/tokens/tokens.rules.js';
import { UserRules } from '../../src/features/users/users.rules.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * A write that loses against another one violates a constraint of the database. Each constraint that a request can
 * violate so has its problem; of the others it is said here why they have none.
 */
const NEVER_VIOLATED: Readonly<Record<string, string>> = {
  users_auth_unique: 'only issuers have an authID, and their users are inserted with ON CONFLICT',
  tokens_sha256_unique: '256 random bits',
  users_account_fk: 'the account of a user is set to null when it goes',
  idempotency_keys_account_fk: 'answered as every _account_fk',
  inventory_pods_app_fk: 'written with the app locked',
  inventory_copies_app_fk: 'written with the app locked',
};

interface Constraint {
  readonly name: string;
  readonly table: string;
  /** The table that a foreign key refers to. */
  readonly refersTo: string | null;
  /** Whether rows that refer to a deleted one are in its way. */
  readonly isRestricting: boolean;
}

let service: TestService;
let constraints: readonly Constraint[];
beforeAll(async () => {
  service = await startTestService();
  constraints = await service.database.query<Constraint>({
    text: `
      SELECT conname AS name, conrelid::regclass::text AS "table", nullif(confrelid, 0)::regclass::text AS "refersTo",
        confdeltype IN ('a', 'r') AND contype = 'f' AS "isRestricting"
      FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'u', 'x') AND conparentid = 0
      UNION ALL
      SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, NULL, false
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND NOT i.indisprimary
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
      ORDER BY 1`,
  });
});
afterAll(() => service.stop());

/** The names of the constraints that the rules of a table have a problem for. */
function mapped(): ReadonlyMap<string, readonly string[]> {
  const { app } = service;
  const rules = [
    app.get(AccountRules),
    app.get(UserRules),
    app.get(RoleBindingRules),
    app.get(TokenRules),
    app.get(AppRules),
    app.get(HookSourceRules),
    app.get(ExecutionHookRules),
    app.get(HookOverrideRules),
  ];
  return new Map(rules.map((of) => [of.resource.table, Object.keys('conflicts' in of ? of.conflicts : {})] as const));
}

/** Foreign keys to an account by itself are the protocol's: the account has gone, and the path's 404 says so. */
function isOfAccount({ name }: Constraint): boolean {
  return name.endsWith('_account_fk');
}

describe('each constraint of the database', () => {
  it('has its problem where its rows are written', () => {
    const problems = mapped();
    const without = constraints.filter(
      (constraint) =>
        !(constraint.name in NEVER_VIOLATED) &&
        !isOfAccount(constraint) &&
        problems.get(constraint.table)?.includes(constraint.name) !== true,
    );
    expect(without).toEqual([]);
  });

  it('has its problem where the rows that it refers to are deleted', () => {
    const problems = mapped();
    const without = constraints.filter(
      (constraint) =>
        constraint.isRestricting &&
        !isOfAccount(constraint) &&
        problems.get(constraint.refersTo ?? '')?.includes(constraint.name) !== true,
    );
    expect(without).toEqual([]);
  });

  it('is one of the database, wherever it is named', () => {
    const names = constraints.map(({ name }) => name);
    const named = [...Object.keys(NEVER_VIOLATED), ...[...mapped().values()].flat()];
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});
