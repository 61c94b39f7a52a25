import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { TOKEN_FIELDS, type TOKEN_TYPE, type TOKEN_VERSION } from './token-fields.js';

/** The body of a POST (contract, section 7). */
@ClosedSchema('The token to create. It opens the account of the path and no other.')
export class CreateToken {
  @RequiredField(TOKEN_FIELDS.type)
  type: typeof TOKEN_TYPE;

  @RequiredField(TOKEN_FIELDS.version)
  version: typeof TOKEN_VERSION;

  @RequiredField(TOKEN_FIELDS.name)
  name: string;

  @OptionalField(TOKEN_FIELDS.userID)
  userID?: string;

  @OptionalField(TOKEN_FIELDS.expirationTimestamp)
  expirationTimestamp?: string;

  @OptionalField(TOKEN_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
