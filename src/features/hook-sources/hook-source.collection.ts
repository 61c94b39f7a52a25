import type { CollectionDefinition } from '../../query/collection-definition.js';
import { constantField, identifierField, plainField, stringField } from '../../query/field.js';
import { metadataFields } from '../../query/metadata-fields.js';
import { resourceJson } from '../../query/resource-json.js';

/** The hook sources of an account (contract, sections 5 and 10). */
export const hookSourceCollection: CollectionDefinition = {
  type: 'application/astra-hookSources',
  version: '1.0',
  from: { table: 'hook_sources', alias: 's' },
  fields: {
    type: constantField('application/astra-hookSource'),
    version: plainField('s.version'),
    id: identifierField('s.id'),
    name: stringField('s.name'),
    sourceType: plainField('s.source_type'),
    // A private script is not to be guessed by filtering either. Too long to be the position in a token.
    source: plainField(`CASE WHEN s.private = 'true' THEN NULL ELSE s.source END`, {
      nullable: true,
      orderable: false,
    }),
    private: plainField('s.private'),
    preloaded: plainField('s.preloaded'),
    sourceMD5Checksum: plainField('s.source_md5'),
    description: stringField('s.description', { nullable: true }),
    ...metadataFields('s'),
  },
  defaultOrder: 'metadata.creationTimestamp',
  key: ['id'],
  // A script has up to 128 KiB.
  batchRows: 50,
};

/** SQL expression, over `hook_sources AS s`, of the stored resource's JSON as text. */
export const HOOK_SOURCE_JSON = resourceJson(hookSourceCollection);
