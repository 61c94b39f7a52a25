import { createToken } from '../../features/accounts/new-account.js';
import { type Command, CommandFailure } from '../command.js';
import { identifier, nameOfUpTo63, timestamp } from '../expected.js';
import { withDatabase } from '../with-database.js';

/** A token for whoever lost theirs, or for a program. */
export const createTokenCommand: Command = {
  name: 'create-token',
  summary: "Creates a token for an account's user",
  details: 'The token is shown this once: only its SHA-256 is stored. It can do what the role of the user allows.',
  options: {
    account: { value: 'ID', description: 'The account that the token is for.', required: true, expected: identifier },
    user: { value: 'ID', description: 'The user; an owner of the account where left out.', expected: identifier },
    name: { value: 'NAME', description: 'What the token is for.', expected: nameOfUpTo63 },
    'expires-at': {
      value: 'TIMESTAMP',
      description: 'When it stops working, like 2030-01-01T00:00:00Z.',
      expected: timestamp,
    },
  },
  run: (options, surroundings) =>
    withDatabase(surroundings, async (database) => {
      const accountID = options.required('account');
      const user = options.optional('user');
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
      const name = options.optional('name') ?? 'command line';
      const expiresAt = options.optional('expires-at') ?? null;
      if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
        throw new CommandFailure('A token that has expired already would be of no use.');
      }
      const { tokenID, token } = await createToken(database, accountID, bound.id, name, { expiresAt });
      return {
        json: { accountID, userID: bound.id, tokenID, token },
        text: [`User     ${bound.id}`, `Token id ${tokenID}`, `Token    ${token}`].join('\n'),
      };
    }),
};
