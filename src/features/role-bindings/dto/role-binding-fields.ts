import { ROLES } from '../../../settings/role.js';
import { NULL_IDENTIFIER } from '../../../query/identifier.js';
import { MetadataUpdate } from '../../../rest/metadata.js';
import {
  identifierField,
  objectField,
  oneOfField,
  type ResourceField,
  textsField,
} from '../../../rest/resource-field.js';

/** The fixed values of a role binding (contract, section 7). */
export const ROLE_BINDING_TYPE = 'application/astra-roleBinding';
export const ROLE_BINDING_VERSION = '1.1';

/** Most namespaces that one binding is limited to. */
const MAX_CONSTRAINTS = 256;

/** The fields of a role binding (contract, section 7), as its classes for create, update and response share them. */
export const ROLE_BINDING_FIELDS = {
  type: oneOfField([ROLE_BINDING_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField([ROLE_BINDING_VERSION], { description: 'Version of the resource.' }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '5c1c1c7b-2b7b-4b55-8c55-5b1c1c7b2b7b',
  }),
  userID: identifierField({
    description: 'ID of the user who has the role. It cannot change.',
    example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  }),
  groupID: oneOfField([NULL_IDENTIFIER], { description: 'The null UUID: roles of groups are not supported.' }),
  accountID: identifierField({
    description: "ID of the account in which the user has the role. A request that has it must have the path's.",
    example: '11111111-2222-4333-8444-555555555555',
  }),
  role: oneOfField(ROLES, {
    enumName: 'Role',
    description:
      'viewer reads; member also writes apps, inventories, hooks and hook sources; admin also users, role bindings and the tokens of others; owner also the account.',
    example: 'member',
  }),
  principalType: oneOfField(['user'], { description: 'Who has the role: a user.' }),
  roleConstraints: textsField(MAX_CONSTRAINTS, 1, 128, {
    description:
      "What the role is limited to: `*` is everything, `namespaces:name='payroll-east'` one namespace. Only the roles viewer and member can be limited.",
    example: ['*'],
  }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
