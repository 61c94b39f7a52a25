import { text } from 'node:stream/consumers';
import { tokenDigest } from '../../access/bearer-token.js';
import { command, CommandFailure } from '../command.js';
import { identifier } from '../expected.js';
import { withDatabase } from '../with-database.js';

/** Ends a token, by its id or, where it leaked, by itself. */
export const revokeToken = command({
  name: 'revoke-token',
  summary: 'Revokes a token, at once on every replica',
  details: [
    'Without --id the token itself is read from standard input: a token that leaked is known, its id is not. It is not',
    'taken from the command line, where other processes could read it.',
  ].join('\n'),
  declare: (blank) => blank.option('--id <ID>', 'Identifier of the token.', identifier),
  run: ({ id }, surroundings) =>
    withDatabase(surroundings, async (database) => {
      const revoked = await database.query<{ tokenID: string; accountID: string; userID: string }>(
        {
          text: `DELETE FROM tokens WHERE ${id === undefined ? 'token_sha256' : 'id'} = $1
            RETURNING id AS "tokenID", account_id AS "accountID", user_id AS "userID"`,
        },
        [id ?? tokenDigest((await text(surroundings.stdin)).trim())],
      );
      const [token] = revoked;
      if (token === undefined) throw new CommandFailure('There is no such token.');
      return { json: token, text: `Revoked token ${token.tokenID} of user ${token.userID}.` };
    }),
});
