import type { Database } from '../src/database/database.js';
import type { SeededAccount } from './seed.js';

/** Rows of one INSERT: large enough to be fast, small enough to show progress and to stay below the timeouts. */
const BATCH = 50_000;

/**
 * Fills an account's app with hooks named `hook 1`, `hook 2`, …, in every action and stage, made a millisecond apart.
 */
export async function insertHooks(database: Database, account: SeededAccount, hooks: number): Promise<void> {
  const { accountID, userID, appID, hookSourceID } = account;
  for (let first = 1; first <= hooks; first += BATCH) {
    await database.query(
      {
        text: `
          INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action,
            stage, hook_source_id, arguments, app_id, description, created_by, created_at, modified_at)
          SELECT $1::uuid, gen_random_uuid(), '1.2', 'hook ' || n, '00000000-0000-0000-0000-000000000000', 'custom',
            '[{"type": "containerImage", "value": "payroll"}, {"type": "podName", "value": "^payroll-master"}]',
            (ARRAY['snapshot', 'backup', 'restore'])[n % 3 + 1], CASE WHEN n % 3 = 2 THEN 'post' ELSE 'pre' END,
            $2::uuid, '["freeze"]', $3::uuid, 'Payroll production hook', $4::uuid, at, at
          FROM generate_series($5::integer, $6::integer) AS n,
            LATERAL (SELECT timestamptz '2024-01-01' + n * interval '1 millisecond' AS at) AS made`,
      },
      [accountID, hookSourceID, appID, userID, first, Math.min(first + BATCH - 1, hooks)],
    );
  }
}
