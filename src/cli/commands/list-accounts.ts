import { command } from '../command.js';
import { withDatabase } from '../with-database.js';

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly isEnabled: string;
  readonly users: number;
  readonly tokens: number;
  readonly createdAt: string;
}

/** Which accounts there are. */
export const listAccounts = command({
  name: 'list-accounts',
  summary: 'Lists the accounts of the database',
  declare: (blank) => blank,
  run: (_options, surroundings) =>
    withDatabase(surroundings, async (database) => {
      const accounts = await database.query<AccountRow>({
        text: `
          SELECT a.id, a.name, a.is_enabled AS "isEnabled",
            (SELECT count(*)::int FROM role_bindings b WHERE b.account_id = a.id) AS users,
            (SELECT count(*)::int FROM tokens t WHERE t.account_id = a.id) AS tokens,
            a.created_at AS "createdAt"
          FROM accounts a
          ORDER BY a.created_at, a.id`,
      });
      const lines = accounts.map(({ id, createdAt, users, tokens, name }) =>
        [id, createdAt, `${users} users`, `${tokens} tokens`, name].join('  '),
      );
      return { json: accounts, text: lines.length === 0 ? 'There is no account.' : lines.join('\n') };
    }),
});
