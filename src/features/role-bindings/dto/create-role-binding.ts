import type { Role } from '../../../settings/role.js';
import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField, withDefault } from '../../../rest/resource-field.js';
import { ROLE_BINDING_FIELDS, type ROLE_BINDING_TYPE, type ROLE_BINDING_VERSION } from './role-binding-fields.js';

/** The body of a POST (contract, section 7). */
@ClosedSchema('The role binding to create: a role of a user in the account.')
export class CreateRoleBinding {
  @RequiredField(ROLE_BINDING_FIELDS.type)
  type: typeof ROLE_BINDING_TYPE;

  @RequiredField(ROLE_BINDING_FIELDS.version)
  version: typeof ROLE_BINDING_VERSION;

  @RequiredField(ROLE_BINDING_FIELDS.userID)
  userID: string;

  @OptionalField(ROLE_BINDING_FIELDS.groupID)
  groupID?: string;

  @OptionalField(ROLE_BINDING_FIELDS.accountID)
  accountID?: string;

  @RequiredField(ROLE_BINDING_FIELDS.role)
  role: Role;

  @OptionalField(withDefault(ROLE_BINDING_FIELDS.principalType, 'user'))
  principalType?: 'user';

  @OptionalField(ROLE_BINDING_FIELDS.roleConstraints)
  roleConstraints?: string[];

  @OptionalField(ROLE_BINDING_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
