import type { Role } from '../../../settings/role.js';
import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { ROLE_BINDING_FIELDS, type ROLE_BINDING_TYPE, type ROLE_BINDING_VERSION } from './role-binding-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 7). */
@ClosedSchema('What of the role binding to replace. What is left out is kept.')
export class UpdateRoleBinding {
  @RequiredField(ROLE_BINDING_FIELDS.type)
  type: typeof ROLE_BINDING_TYPE;

  @RequiredField(ROLE_BINDING_FIELDS.version)
  version: typeof ROLE_BINDING_VERSION;

  @OptionalField(ROLE_BINDING_FIELDS.id)
  id?: string;

  @OptionalField(ROLE_BINDING_FIELDS.userID)
  userID?: string;

  @OptionalField(ROLE_BINDING_FIELDS.groupID)
  groupID?: string;

  @OptionalField(ROLE_BINDING_FIELDS.accountID)
  accountID?: string;

  @OptionalField(ROLE_BINDING_FIELDS.role)
  role?: Role;

  @OptionalField(ROLE_BINDING_FIELDS.principalType)
  principalType?: 'user';

  @OptionalField(ROLE_BINDING_FIELDS.roleConstraints)
  roleConstraints?: string[];

  @OptionalField(ROLE_BINDING_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
