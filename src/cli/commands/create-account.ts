import { createAccount } from '../../features/accounts/new-account.js';
import { violatedConstraint } from '../../database/postgres-problem.js';
import type { Queryable } from '../../database/database.js';
import { command, CommandFailure } from '../command.js';
import { email, identifier, nameOfUpTo63 } from '../expected.js';
import { withDatabase } from '../with-database.js';

/** The first step on an empty database (docs/api.md, section 7). */
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
        .transaction(async (transaction) => {
          if (accountId === undefined) await requireNewName(transaction, name);
          return createAccount(transaction, {
            name,
            ownerEmail,
            ...(accountId === undefined ? {} : { accountId }),
          });
        })
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

/** A command that is repeated, as its answer was lost, makes no second account. @throws CommandFailure */
async function requireNewName(transaction: Queryable, name: string): Promise<void> {
  // Another operator's that is under way counts too.
  await transaction.query({ text: 'LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE' });
  const [existing] = await transaction.query<{ id: string }>({ text: 'SELECT id FROM accounts WHERE name = $1' }, [
    name,
  ]);
  if (existing === undefined) return;
  throw new CommandFailure(
    `There is an account of this name already: create-token --account ${existing.id} makes another token for it. ` +
      'With an --id, another account is made all the same.',
  );
}
