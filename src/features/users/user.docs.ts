import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { USER } from './user.resource.js';

const HEAD = { type: 'application/astra-user', version: '1.2' };

const ADA = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@payroll.example' };

const STORED = {
  ...HEAD,
  id: '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c',
  state: 'active',
  isEnabled: 'true',
  ...ADA,
  authProvider: 'local',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of users. */
export const USER_DOCS = documented(USER, {
  query: { include: 'id,email', filter: "email eq 'ada@payroll.example'", orderBy: 'lastName' },
  create: {
    examples: { user: { summary: 'A user', value: { ...HEAD, ...ADA } } },
    answers: { created: { summary: 'The new user', value: STORED } },
    note: 'A role binding gives the user a role in the account, a token lets them in.',
  },
  listed: { summary: 'Users', items: [STORED] },
  get: { answers: { stored: { summary: 'A user', value: STORED } } },
  replace: {
    examples: { disable: { summary: 'Disable the user', value: { ...HEAD, isEnabled: 'false' } } },
    note: 'Only the account that made a user can modify them. No account can be left without an owner who is enabled.',
  },
  delete: {
    note: 'The role bindings and tokens of the user are deleted too. Only the account that made a user can delete them, and no account can be left without an owner.',
    problems: ['ResourceConflict'],
  },
});
