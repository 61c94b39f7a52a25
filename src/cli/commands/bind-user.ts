import type { Statement } from '../../database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../query/identifier.js';
import { command, CommandFailure } from '../command.js';
import { identifier, role } from '../expected.js';
import { withDatabase } from '../with-database.js';

const EMAIL_IS_TAKEN: Statement = {
  text: `
    SELECT FROM users AS u
    LEFT JOIN role_bindings AS b ON b.account_id = $1 AND b.user_id = u.id
    WHERE u.id <> $2 AND (u.account_id = $1 OR b.account_id IS NOT NULL)
      AND lower(u.email) = (SELECT lower(email) FROM users WHERE id = $2)
    LIMIT 1`,
};

const BIND: Statement = {
  text: `
    INSERT INTO role_bindings (account_id, id, user_id, role, created_by)
    SELECT a.id, $3, u.id, $4, $5 FROM accounts a, users u WHERE a.id = $1 AND u.id = $2
    ON CONFLICT (account_id, user_id) DO NOTHING
    RETURNING id`,
};

/** Brings a user into another account: through the API, an account sees none of the users of others. */
export const bindUser = command({
  name: 'bind-user',
  summary: 'Gives a user of another account a role in an account',
  details: 'Ask the user first: the account sees their name and e-mail address, and manages their tokens for it.',
  declare: (blank) =>
    blank
      .requiredOption('--account <ID>', 'The account that the user gets a role in.', identifier)
      .requiredOption('--user <ID>', 'The user.', identifier)
      .requiredOption('--role <ROLE>', 'viewer, member, admin or owner.', role),
  run: ({ account: accountID, user: userID, role: given }, surroundings) =>
    withDatabase(surroundings, (database) =>
      database.transaction(async (transaction) => {
        // No user of the account gets the address of another at the same moment.
        await transaction.query({ text: 'SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE' }, [accountID]);
        if ((await transaction.query(EMAIL_IS_TAKEN, [accountID, userID])).length > 0) {
          throw new CommandFailure("Another user of the account has the user's e-mail address.");
        }
        const binding = [accountID, userID, newIdentifier(), given, NULL_IDENTIFIER];
        const [bound] = await transaction.query<{ id: string }>(BIND, binding);
        if (bound === undefined) {
          throw new CommandFailure('There is no such account or user, or the user has a role in the account already.');
        }
        return { json: { accountID, userID, roleBindingID: bound.id, role: given }, text: `Role binding ${bound.id}` };
      }),
    ),
});
