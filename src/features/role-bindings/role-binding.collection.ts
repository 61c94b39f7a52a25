import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, jsonField, memberField, stringField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';
import { NULL_IDENTIFIER } from '../../query/identifier.js';

/** The role bindings of an account (contract, sections 5 and 7). */
export const roleBindingCollection: CollectionDefinition = {
  type: 'application/astra-roleBindings',
  version: '1.1',
  from: { table: 'role_bindings', alias: 'b' },
  fields: {
    type: constantField('application/astra-roleBinding'),
    version: constantField('1.1'),
    id: identifierField('b.id'),
    userID: identifierField('b.user_id'),
    groupID: constantField(NULL_IDENTIFIER),
    accountID: identifierField('b.account_id'),
    role: stringField('b.role'),
    principalType: constantField('user'),
    roleConstraints: jsonField('b.role_constraints'),
    'roleConstraints[*]': memberField('b.role_constraints'),
    ...metadataFields('b'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 500,
};

/** SQL expression, over `role_bindings AS b`, of the stored resource's JSON as text. */
export const ROLE_BINDING_JSON = resourceJson(roleBindingCollection);
