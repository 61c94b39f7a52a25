import { fileURLToPath } from 'node:url';
import type { Transaction } from '../../database/database.js';
import { type HookFile, HookFileError, readHookFile } from '../../features/netapp-hooks/hook-file.js';
import {
  type InstalledHook,
  installNetappHooks,
  listNetappHooks,
  NameTaken,
  removeNetappHooks,
} from '../../features/netapp-hooks/netapp-hooks.js';
import { command, CommandFailure, UsageError } from '../command.js';
import { identifier } from '../expected.js';
import { withDatabase } from '../with-database.js';

const FILE = ['--file <PATH>', 'YAML file with hooks and their hook sources.'] as const;
const ACCOUNT = ['--account <ID>', 'The account.', identifier] as const;
const ALL_ACCOUNTS = ['--all-accounts', 'Every account that there is now.'] as const;

interface AccountOptions {
  readonly account?: string;
  readonly allAccounts?: true;
}

const DEFAULTS = 'Without --file it is the hooks for MariaDB, MySQL and PostgreSQL that come with the service.';

/** Switches netapp hooks on for accounts (docs/api.md, section 7). */
export const installHooks = command({
  name: 'netapp-hooks install',
  summary: 'Installs netapp hooks, which nobody can change through the API, in accounts',
  details: [
    DEFAULTS,
    'Hooks and hook sources are known by their names: installing a changed file changes them, and those that it does',
    'not name stay.',
  ].join('\n'),
  declare: (blank) =>
    blank
      .option(...FILE)
      .option(...ACCOUNT)
      .option(...ALL_ACCOUNTS),
  run: async (options, surroundings) => {
    requireOneAccountOption(options);
    const file = await hookFile(options.file);
    return withDatabase(surroundings, (database) =>
      database.transaction(async (transaction) => {
        const accounts = [];
        for (const accountID of await accountsOf(transaction, options)) {
          const installation = await installNetappHooks(transaction, accountID, file).catch(
            explainNameTaken(accountID),
          );
          accounts.push({ accountID, ...installation });
        }
        const lines = accounts.map(({ accountID, hooks: { added, changed, unchanged } }) => {
          return `${accountID}  ${added.length} hooks added, ${changed.length} changed, ${unchanged.length} unchanged`;
        });
        return { json: accounts, text: lines.join('\n') };
      }),
    );
  },
});

/** Which netapp hooks there are. */
export const listHooks = command({
  name: 'netapp-hooks list',
  summary: 'Lists the netapp hooks that are installed, or those of a file',
  details: 'With --file it checks and lists the file, and needs no database.',
  declare: (blank) => blank.option(...FILE).option('--account <ID>', 'Only this account.', identifier),
  run: async ({ file: path, account }, surroundings) => {
    if (path !== undefined) {
      const { hooks } = await hookFile(path);
      return { json: hooks, text: table(hooks) };
    }
    return withDatabase(surroundings, async (database) => {
      const hooks = await database.transaction((transaction) => listNetappHooks(transaction, account));
      return { json: hooks, text: hooks.length === 0 ? 'No netapp hook is installed.' : table(hooks) };
    });
  },
});

/** Switches netapp hooks off again. */
export const removeHooks = command({
  name: 'netapp-hooks remove',
  summary: 'Removes netapp hooks from accounts',
  details: 'Their hook sources go too, unless hooks of the account run them. Without --file every netapp hook goes.',
  declare: (blank) =>
    blank
      .option(...FILE)
      .option(...ACCOUNT)
      .option(...ALL_ACCOUNTS),
  run: async (options, surroundings) => {
    requireOneAccountOption(options);
    const file = options.file === undefined ? undefined : await hookFile(options.file);
    return withDatabase(surroundings, (database) =>
      database.transaction(async (transaction) => {
        const accounts = [];
        for (const accountID of await accountsOf(transaction, options)) {
          accounts.push({ accountID, ...(await removeNetappHooks(transaction, accountID, file)) });
        }
        const lines = accounts.map(({ accountID, hooks, hookSources, kept }) => {
          const stay = kept.length === 0 ? '' : `; ${kept.join(', ')} stays, because other hooks run it`;
          return `${accountID}  ${hooks.length} hooks and ${hookSources.length} hook sources removed${stay}`;
        });
        return { json: accounts, text: lines.join('\n') };
      }),
    );
  },
});

/** @throws CommandFailure */
async function hookFile(path = fileURLToPath(import.meta.resolve('#netapp-hooks/defaults.yaml'))): Promise<HookFile> {
  try {
    return await readHookFile(path);
  } catch (error) {
    if (error instanceof HookFileError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

/** @throws UsageError */
function requireOneAccountOption({ account, allAccounts }: AccountOptions): void {
  if ((account === undefined) !== (allAccounts === true)) {
    throw new UsageError('One of --account and --all-accounts is needed.');
  }
}

/** @throws CommandFailure when there is no such account */
async function accountsOf(transaction: Transaction, { account: accountId }: AccountOptions): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>(
    { text: 'SELECT id FROM accounts WHERE $1::uuid IS NULL OR id = $1 ORDER BY id FOR KEY SHARE' },
    [accountId ?? null],
  );
  if (accountId !== undefined && rows.length === 0) throw new CommandFailure('There is no such account.');
  return rows.map(({ id }) => id);
}

function explainNameTaken(accountId: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof NameTaken)
      throw new CommandFailure(`Account ${accountId}: ${error.message}`, { cause: error });
    throw error;
  };
}

function table(hooks: readonly Partial<InstalledHook>[]): string {
  return hooks
    .map(({ accountID, id, name, action, stage, hookSource, enabled }) =>
      [accountID, id, name, `${action ?? ''}/${stage ?? ''}`, hookSource, enabled === 'true' ? '' : 'disabled']
        .filter((part) => part !== undefined && part !== '')
        .join('  '),
    )
    .join('\n');
}
