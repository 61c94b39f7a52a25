import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { CreateUser } from './dto/create-user.js';
import { UpdateUser } from './dto/update-user.js';
import { LOCAL_PROVIDER, USER_TYPE, USER_VERSION } from './dto/user-fields.js';
import { User } from './dto/user.js';
import { userCollection } from './user.collection.js';

const HEAD = { type: USER_TYPE, version: USER_VERSION };

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const ID = '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c';

const ADA = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@payroll.example' };

const STORED = {
  ...HEAD,
  id: ID,
  state: 'active',
  isEnabled: 'true',
  ...ADA,
  authProvider: LOCAL_PROVIDER,
  metadata: METADATA,
};

const ENVELOPE = { type: userCollection.type, version: userCollection.version, metadata: METADATA };

/** What the OpenAPI document says of users. */
export const USER_DOCS: DocumentedResource = {
  term: 'user',
  noun: 'user',
  article: 'a',
  mediaType: USER_TYPE,
  resource: User,
  collection: userCollection,
  query: { include: 'id,email', filter: "email eq 'ada@payroll.example'", orderBy: 'lastName' },
  create: {
    body: CreateUser,
    examples: { user: { summary: 'A user', value: { ...HEAD, ...ADA } } },
    answers: { created: { summary: 'The new user', value: STORED } },
    note: 'A role binding gives the user a role in the account, a token lets them in.',
  },
  lists: {
    resources: { summary: 'Users', value: { ...ENVELOPE, items: [STORED] } },
    fields: { summary: 'Only some fields: include=id,email', value: { ...ENVELOPE, items: [[ID, ADA.email]] } },
  },
  get: { answers: { stored: { summary: 'A user', value: STORED } } },
  replace: {
    body: UpdateUser,
    examples: { disable: { summary: 'Disable the user', value: { ...HEAD, isEnabled: 'false' } } },
    note: 'Only the account that made a user can modify them. No account can be left without an owner who is enabled.',
  },
  delete: {
    note: 'The role bindings and tokens of the user are deleted too. Only the account that made a user can delete them, and no account can be left without an owner.',
    problems: ['ResourceConflict'],
  },
};
