import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, stringField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';

/** The users whom an account made or gave a role (contract, sections 5 and 7). */
export const userCollection: CollectionDefinition = {
  type: 'application/astra-users',
  version: '1.2',
  from: { table: 'users', alias: 'u' },
  fields: {
    type: constantField('application/astra-user'),
    version: constantField('1.2'),
    id: identifierField('u.id'),
    state: stringField('u.state'),
    isEnabled: stringField('u.is_enabled'),
    firstName: stringField('u.first_name'),
    lastName: stringField('u.last_name'),
    email: stringField('u.email', { nullable: true }),
    authProvider: stringField('u.auth_provider'),
    authID: stringField('u.auth_id', { nullable: true }),
    ...metadataFields('u'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 500,
};

/** SQL expression, over `users AS u`, of the stored resource's JSON as text. */
export const USER_JSON = resourceJson(userCollection);
