import { newIdentifier, NULL_IDENTIFIER } from '../../src/query/identifier.js';
import type { Criterion } from '../../src/matching/criterion.js';
import { uniqueName } from './resources.js';
import type { TestService } from './service.js';

/**
 * A `netapp` hook, as the operator's installation leaves it in the database: no client can make one.
 *
 * @returns its id
 */
export async function insertNetappHook(
  { database, account }: TestService,
  hookSourceID: string,
  matchingCriteria: readonly Criterion[],
): Promise<string> {
  const id = newIdentifier();
  await database.query(
    {
      text: `
        INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action,
          stage, hook_source_id, created_by)
        VALUES ($1, $2, '1.2', $3, $4, 'netapp', $5, 'snapshot', 'pre', $6, $4)`,
    },
    [account.accountID, id, uniqueName('netapp'), NULL_IDENTIFIER, JSON.stringify(matchingCriteria), hookSourceID],
  );
  return id;
}
