import { createToken } from '../../features/accounts/new-account.js';
import { command, CommandFailure } from '../command.js';
import { identifier, nameOfUpTo63, timestamp } from '../expected.js';
import { withDatabase } from '../with-database.js';

/** A token for whoever lost theirs, or for a program. */
export const createTokenCommand = command({
  name: 'create-token',
  summary: "Creates a token for an account's user",
  details: 'The token is shown this once: only its SHA-256 is stored. It can do what the role of the user allows.',
  declare: (blank) =>
    blank
      .requiredOption('--account <ID>', 'The account that the token is for.', identifier)
      .option('--user <ID>', 'The user; an owner of the account where left out.', identifier)
      .option('--name <NAME>', 'What the token is for.', nameOfUpTo63, 'command line')
      .option('--expires-at <TIMESTAMP>', 'When it stops working, like 2030-01-01T00:00:00Z.', timestamp),
  run: ({ account: accountID, user, name, expiresAt = null }, surroundings) =>
    withDatabase(surroundings, async (database) => {
      const [bound] = await database.query<{ id: string }>(
        {
          text: `
            SELECT user_id AS id FROM role_bindings
            WHERE account_id = $1 AND (user_id = $2 OR ($2 IS NULL AND role = 'owner'))
            ORDER BY created_at, id LIMIT 1`,
        },
        [accountID, user ?? null],
      );
      if (bound === undefined) {
        throw new CommandFailure(
          user === undefined ? 'There is no such account.' : 'There is no such account, or the user has no role in it.',
        );
      }
      if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
        throw new CommandFailure('A token that has expired already would be of no use.');
      }
      const { tokenID, token } = await createToken(database, accountID, bound.id, name, { expiresAt });
      return {
        json: { accountID, userID: bound.id, tokenID, token },
        text: [`User     ${bound.id}`, `Token id ${tokenID}`, `Token    ${token}`].join('\n'),
      };
    }),
});
