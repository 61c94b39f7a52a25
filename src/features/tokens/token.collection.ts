import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, stringField, timestampField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';

/** The tokens of a user for an account (contract, sections 5 and 7). The digest is in no field. */
export const tokenCollection: CollectionDefinition = {
  type: 'application/astra-tokens',
  version: '1.0',
  from: { table: 'tokens', alias: 't' },
  fields: {
    type: constantField('application/astra-token'),
    version: constantField('1.0'),
    id: identifierField('t.id'),
    name: stringField('t.name'),
    userID: identifierField('t.user_id'),
    expirationTimestamp: timestampField('t.expires_at', { nullable: true }),
    lastUsedTimestamp: timestampField('t.last_used_at', { nullable: true }),
    ...metadataFields('t'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  batchRows: 500,
};

/** SQL expression, over `tokens AS t`, of the stored resource's JSON as text. */
export const TOKEN_JSON = resourceJson(tokenCollection);

/** TOKEN_JSON without what using the token changes: what its ETag is made of (contract, section 3). */
export const TOKEN_STORED_JSON = resourceJson({
  fields: Object.fromEntries(Object.entries(tokenCollection.fields).filter(([path]) => path !== 'lastUsedTimestamp')),
});
