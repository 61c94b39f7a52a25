import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, stringField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';

/** The accounts of a caller (contract, sections 5 and 7). */
export const accountCollection: CollectionDefinition = {
  type: 'application/astra-accounts',
  version: '1.0',
  from: { table: 'accounts', alias: 'a' },
  fields: {
    type: constantField('application/astra-account'),
    version: constantField('1.0'),
    id: identifierField('a.id'),
    name: stringField('a.name'),
    state: stringField('a.state'),
    isEnabled: stringField('a.is_enabled'),
    ...metadataFields('a'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 500,
};

/** SQL expression, over `accounts AS a`, of the stored resource's JSON as text. */
export const ACCOUNT_JSON = resourceJson(accountCollection);
