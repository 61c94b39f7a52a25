import { Injectable } from '@nestjs/common';
import type { Statement } from '../../database/database.js';
import { sql } from '../../query/sql-fragment.js';
import type { IncomingRequest } from '../../rest/incoming.js';
import type { ListedCollection } from '../../rest/lists.js';
import type { Change, Rules, Write } from '../../rest/rules.js';
import type { StoredRow } from '../../rest/table.js';
import { ACCOUNT, ACCOUNTS } from './account.resource.js';
import { bindOwner, createToken } from './new-account.js';

type Fields = typeof ACCOUNT.fields;

/**
 * Everything below an account, in an order that no foreign key objects to: hooks refer to hook sources. Apps take
 * their inventories along, hooks the overrides of them.
 */
const DELETE_CONTENT: readonly Statement[] = ['execution_hooks', 'hook_sources', 'apps', 'tokens', 'role_bindings'].map(
  (table) => ({ text: `DELETE FROM ${table} WHERE account_id = $1` }),
);

/** Once the row is locked, nobody can bind a user any more: so those who are bound nowhere can be told. */
const LOCK_USERS: Statement = { text: `SELECT FROM users WHERE account_id = $1 ORDER BY id FOR UPDATE` };

const DELETE_USERS: Statement = {
  text: `
    DELETE FROM users
    WHERE account_id = $1 AND NOT EXISTS (SELECT FROM role_bindings WHERE user_id = users.id)`,
};

/** What only accounts do (docs/api.md, section 7). */
@Injectable()
export class AccountRules implements Rules<Fields> {
  readonly resource = ACCOUNT;
  readonly table = ACCOUNTS;

  path(): string {
    return '/accounts';
  }

  /** The accounts that the caller's token opens. */
  list({ caller: { userId, tokenId, accountId, withheldAccountId } }: IncomingRequest): ListedCollection {
    const opened =
      tokenId === undefined
        ? sql`a.id IN (SELECT account_id FROM role_bindings WHERE user_id = ${userId})
            AND a.id IS DISTINCT FROM ${withheldAccountId ?? null}`
        : sql`a.id = ${accountId}`;
    return { definition: ACCOUNT.collection, scope: [opened], walk: [userId] };
  }

  /**
   * The caller owns the new account. Where their token opens its own account only, the answer has one for the new
   * account, or they could not enter it.
   */
  async created({
    transaction,
    caller,
    id,
  }: Change<Fields, StoredRow>): Promise<Readonly<Record<string, string>> | undefined> {
    const { userId, expiresAt } = caller;
    await bindOwner(transaction, id, userId, userId);
    if (caller.tokenId === undefined) return undefined;
    const { token } = await createToken(transaction, id, userId, 'first token', { createdBy: userId, expiresAt });
    return { token };
  }

  /**
   * Deletes a locked account with everything below it, and those of its users who have no role in another account; the
   * others belong to no account from then on.
   */
  async remove({ transaction, id }: Write): Promise<void> {
    for (const statement of DELETE_CONTENT) await transaction.query(statement, [id]);
    await transaction.query(LOCK_USERS, [id]);
    await transaction.query(DELETE_USERS, [id]);
    await ACCOUNTS.delete(transaction, [id]);
  }
}
