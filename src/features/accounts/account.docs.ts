import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { accountCollection } from './account.collection.js';
import { ACCOUNT_TYPE, ACCOUNT_VERSION } from './dto/account-fields.js';
import { Account, CreatedAccount } from './dto/account.js';
import { CreateAccount } from './dto/create-account.js';
import { UpdateAccount } from './dto/update-account.js';

const HEAD = { type: ACCOUNT_TYPE, version: ACCOUNT_VERSION };

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const ID = '11111111-2222-4333-8444-555555555555';

const STORED = { ...HEAD, id: ID, name: 'Payroll', state: 'active', isEnabled: 'true', metadata: METADATA };

const ENVELOPE = { type: accountCollection.type, version: accountCollection.version, metadata: METADATA };

/** What the OpenAPI document says of accounts. */
export const ACCOUNT_DOCS: DocumentedResource = {
  term: 'account',
  noun: 'account',
  article: 'an',
  mediaType: ACCOUNT_TYPE,
  resource: Account,
  collection: accountCollection,
  query: { include: 'id,name', filter: "isEnabled eq 'true'", orderBy: 'name' },
  create: {
    body: CreateAccount,
    examples: { account: { summary: 'An account', value: { ...HEAD, name: 'Payroll' } } },
    answer: CreatedAccount,
    answers: {
      created: {
        summary: 'The new account, with a token for it',
        value: { ...STORED, token: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA' },
      },
    },
    note: 'The caller becomes its owner.',
  },
  lists: {
    resources: { summary: 'Accounts', value: { ...ENVELOPE, items: [STORED] } },
    fields: { summary: 'Only some fields: include=id,name', value: { ...ENVELOPE, items: [[ID, 'Payroll']] } },
  },
  get: { answers: { stored: { summary: 'An account', value: STORED } } },
  replace: {
    body: UpdateAccount,
    examples: { name: { summary: 'Another name', value: { ...HEAD, name: 'Payroll and pensions' } } },
    note: 'While an account is disabled, only its owners can use it.',
  },
  delete: { note: 'Everything that it owns is deleted with it, the token of the request included.' },
};
