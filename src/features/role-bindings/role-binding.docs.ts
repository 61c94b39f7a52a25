import { NULL_IDENTIFIER } from '../../query/identifier.js';
import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { ROLE_BINDING } from './role-binding.resource.js';

const HEAD = { type: 'application/astra-roleBinding', version: '1.1' };

const ID = '5c1c1c7b-2b7b-4b55-8c55-5b1c1c7b2b7b';
const USER_ID = '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c';

const STORED = {
  ...HEAD,
  id: ID,
  userID: USER_ID,
  groupID: NULL_IDENTIFIER,
  accountID: '11111111-2222-4333-8444-555555555555',
  role: 'member',
  principalType: 'user',
  roleConstraints: ["namespaces:name='payroll-east'"],
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of role bindings. */
export const ROLE_BINDING_DOCS = documented(ROLE_BINDING, {
  query: { include: 'userID,role', filter: "role in 'admin,owner'", orderBy: 'role' },
  create: {
    examples: {
      namespace: {
        summary: 'A member for one namespace',
        value: { ...HEAD, userID: USER_ID, role: 'member', roleConstraints: ["namespaces:name='payroll-east'"] },
      },
      account: { summary: 'An admin of the account', value: { ...HEAD, userID: USER_ID, role: 'admin' } },
    },
    answers: { created: { summary: 'The new role binding', value: STORED } },
    note: "A user has one role in an account. Nobody can give a role above one's own.",
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  listed: { summary: 'Role bindings', items: [STORED] },
  get: { answers: { stored: { summary: 'A role binding', value: STORED } } },
  replace: {
    examples: {
      role: { summary: 'Another role', value: { ...HEAD, role: 'viewer' } },
    },
    note: 'An account cannot be left without an owner.',
    problems: ['ExtendedValidationFailure'],
  },
  delete: { note: 'An account cannot be left without an owner.', problems: ['ResourceConflict'] },
});
