import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, OptionalField, RequiredField, withDefault } from '../../../rest/resource-field.js';
import { ACCOUNT_FIELDS, type ACCOUNT_TYPE, type ACCOUNT_VERSION } from './account-fields.js';

/** The body of a POST (contract, section 7). */
@ClosedSchema('The account to create. Its owner is the user who creates it.')
export class CreateAccount {
  @RequiredField(ACCOUNT_FIELDS.type)
  type: typeof ACCOUNT_TYPE;

  @RequiredField(ACCOUNT_FIELDS.version)
  version: typeof ACCOUNT_VERSION;

  @RequiredField(ACCOUNT_FIELDS.name)
  name: string;

  @OptionalField(withDefault(ACCOUNT_FIELDS.isEnabled, 'true'))
  isEnabled?: 'true' | 'false';

  @OptionalField(ACCOUNT_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
