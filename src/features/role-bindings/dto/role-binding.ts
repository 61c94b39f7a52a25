import { ApiSchema } from '@nestjs/swagger';
import type { Role } from '../../../settings/role.js';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, ReturnedField } from '../../../rest/resource-field.js';
import { ROLE_BINDING_FIELDS, type ROLE_BINDING_TYPE, type ROLE_BINDING_VERSION } from './role-binding-fields.js';

/** A role binding as every response shows it (contract, section 7). */
@ApiSchema({ description: 'A role binding: the role of a user in the account.' })
export class RoleBinding {
  @ReturnedField(ROLE_BINDING_FIELDS.type)
  type: typeof ROLE_BINDING_TYPE;

  @ReturnedField(ROLE_BINDING_FIELDS.version)
  version: typeof ROLE_BINDING_VERSION;

  @ReturnedField(ROLE_BINDING_FIELDS.id)
  id: string;

  @ReturnedField(ROLE_BINDING_FIELDS.userID)
  userID: string;

  @ReturnedField(ROLE_BINDING_FIELDS.groupID)
  groupID: string;

  @ReturnedField(ROLE_BINDING_FIELDS.accountID)
  accountID: string;

  @ReturnedField(ROLE_BINDING_FIELDS.role)
  role: Role;

  @ReturnedField(ROLE_BINDING_FIELDS.principalType)
  principalType: 'user';

  @ReturnedField(ROLE_BINDING_FIELDS.roleConstraints)
  roleConstraints: string[];

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
