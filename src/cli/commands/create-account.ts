import { createAccount } from '../../features/accounts/new-account.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import { command, CommandFailure } from '../command.js';
import { email, identifier, nameOfUpTo63 } from '../expected.js';
import { withDatabase } from '../with-database.js';

/** The first step on an empty database (contract, section 7). */
export const createAccountCommand = command({
  name: 'create-account',
  summary: 'Creates an account, its owner and a token for the owner',
  details: 'The token is shown this once: only its SHA-256 is stored.',
  declare: (blank) =>
    blank
      .requiredOption('--name <NAME>', 'Name of the account.', nameOfUpTo63)
      .requiredOption('--email <ADDRESS>', 'E-mail address of the owner.', email)
      .option('--id <ID>', 'Identifier of the account; a random one is made otherwise.', identifier),
  run: ({ name, email: ownerEmail, id: accountId }, surroundings) =>
    withDatabase(surroundings, async (database) => {
      const account = await database
        .transaction((transaction) =>
          createAccount(transaction, {
            name,
            ownerEmail,
            ...(accountId === undefined ? {} : { accountId }),
          }),
        )
        .catch((error: unknown) => {
          if (violatedConstraint(error) !== 'accounts_pk') throw error;
          throw new CommandFailure('There is an account with this id already.', { cause: error });
        });
      const { accountID, userID, tokenID, token } = account;
      return {
        json: account,
        text: [`Account  ${accountID}`, `Owner    ${userID}`, `Token id ${tokenID}`, `Token    ${token}`].join('\n'),
      };
    }),
});
