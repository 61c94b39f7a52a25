import { constant, oneOf, ownIdentifier, text } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';

/** An account: it owns everything below its path (docs/api.md, section 7). */
export const ACCOUNT = resource({
  term: 'account',
  noun: 'account',
  article: 'an',
  table: 'accounts',
  alias: 'a',
  keys: [],
  idParameter: 'account_id',
  collection: { type: 'application/astra-accounts', version: '1.0', batchRows: 500 },
  words: {
    create: 'The account to create. Its owner is the user who creates it.',
    update: 'What of the account to replace. What is left out is kept.',
    resource: 'An account: it owns everything below its path.',
  },
  fields: {
    type: constant('application/astra-account', { set: 'always', description: 'Media type of the resource.' }),
    version: constant('1.0', { set: 'always', description: 'Version of the resource.' }),
    id: ownIdentifier('account_id', '11111111-2222-4333-8444-555555555555'),
    name: text(1, 63, { set: 'required', column: 'name', description: 'Name of the account.', example: 'Payroll' }),
    state: oneOf(['active'], { set: 'shown', column: 'state', description: 'State of the account.' }),
    isEnabled: oneOf(['true', 'false'], {
      set: 'optional',
      column: 'is_enabled',
      default: 'true',
      description:
        'Whether the account can be used: while it is disabled, only its owners can. A string, not a boolean.',
      example: 'true',
    }),
  },
});

/** The stored accounts. */
export const ACCOUNTS = new Table<typeof ACCOUNT.fields>(ACCOUNT);
