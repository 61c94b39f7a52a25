import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { NULL_IDENTIFIER } from '../../query/identifier.js';
import { CreateRoleBinding } from './dto/create-role-binding.js';
import { ROLE_BINDING_TYPE, ROLE_BINDING_VERSION } from './dto/role-binding-fields.js';
import { RoleBinding } from './dto/role-binding.js';
import { UpdateRoleBinding } from './dto/update-role-binding.js';
import { roleBindingCollection } from './role-binding.collection.js';

const HEAD = { type: ROLE_BINDING_TYPE, version: ROLE_BINDING_VERSION };

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

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
  metadata: METADATA,
};

const ENVELOPE = { type: roleBindingCollection.type, version: roleBindingCollection.version, metadata: METADATA };

/** What the OpenAPI document says of role bindings. */
export const ROLE_BINDING_DOCS: DocumentedResource = {
  term: 'roleBinding',
  noun: 'role binding',
  article: 'a',
  mediaType: ROLE_BINDING_TYPE,
  resource: RoleBinding,
  collection: roleBindingCollection,
  query: { include: 'userID,role', filter: "role in 'admin,owner'", orderBy: 'role' },
  create: {
    body: CreateRoleBinding,
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
  lists: {
    resources: { summary: 'Role bindings', value: { ...ENVELOPE, items: [STORED] } },
    fields: { summary: 'Only some fields: include=userID,role', value: { ...ENVELOPE, items: [[USER_ID, 'member']] } },
  },
  get: { answers: { stored: { summary: 'A role binding', value: STORED } } },
  replace: {
    body: UpdateRoleBinding,
    examples: {
      role: { summary: 'Another role', value: { ...HEAD, role: 'viewer' } },
    },
    note: 'An account cannot be left without an owner.',
    problems: ['ExtendedValidationFailure'],
  },
  delete: { note: 'An account cannot be left without an owner.', problems: ['ResourceConflict'] },
};
