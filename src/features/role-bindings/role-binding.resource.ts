import { NULL_IDENTIFIER } from '../../query/identifier.js';
import { constant, identifier, oneOf, ownIdentifier, texts } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';
import { type Role, ROLES } from '../../settings/role.js';

/** Most namespaces that one binding is limited to. */
const MAX_CONSTRAINTS = 256;

/** A role binding: the role of a user in an account (docs/api.md, section 7). */
export const ROLE_BINDING = resource({
  term: 'roleBinding',
  noun: 'role binding',
  article: 'a',
  table: 'role_bindings',
  alias: 'b',
  keys: ['account_id'],
  idParameter: 'roleBinding_id',
  collection: { type: 'application/astra-roleBindings', version: '1.1', batchRows: 500 },
  words: {
    create: 'The role binding to create: a role of a user in the account.',
    update: 'What of the role binding to replace. What is left out is kept.',
    resource: 'A role binding: the role of a user in the account.',
  },
  fields: {
    type: constant('application/astra-roleBinding', { set: 'always', description: 'Media type of the resource.' }),
    version: constant('1.1', { set: 'always', description: 'Version of the resource.' }),
    id: ownIdentifier('roleBinding_id', '5c1c1c7b-2b7b-4b55-8c55-5b1c1c7b2b7b'),
    userID: identifier({
      set: 'fixed',
      column: 'user_id',
      description: 'ID of the user who has the role. It cannot change.',
      example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
    }),
    groupID: constant(NULL_IDENTIFIER, {
      set: 'optional',
      description: 'The null UUID: roles of groups are not supported.',
    }),
    accountID: identifier({
      set: 'optional',
      column: 'account_id',
      key: true,
      path: 'account_id',
      description: "ID of the account in which the user has the role. A request that has it must have the path's.",
      example: '11111111-2222-4333-8444-555555555555',
    }),
    role: oneOf<Role, { set: 'required'; column: string; enumName: string; description: string; example: string }>(
      ROLES,
      {
        set: 'required',
        column: 'role',
        enumName: 'Role',
        description:
          'viewer reads; member also writes apps, inventories, hooks and hook sources; admin also users, role bindings and the tokens of others; owner also the account.',
        example: 'member',
      },
    ),
    principalType: constant('user', {
      set: 'optional',
      default: 'user',
      description: 'Who has the role: a user.',
    }),
    roleConstraints: texts(MAX_CONSTRAINTS, 1, 128, {
      set: 'optional',
      column: 'role_constraints',
      default: ['*'],
      description:
        "What the role is limited to: `*` is everything, `namespaces:name='payroll-east'` one namespace. Only the roles viewer and member can be limited.",
      example: ['*'],
    }),
  },
});

/** The stored role bindings. */
export const ROLE_BINDINGS = new Table<typeof ROLE_BINDING.fields, { readonly role: Role; readonly userID: string }>(
  ROLE_BINDING,
  { also: { role: 'b.role', userID: 'b.user_id' } },
);
