import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, IgnoredField, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { ACCOUNT_FIELDS, type ACCOUNT_TYPE, type ACCOUNT_VERSION } from './account-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 7). */
@ClosedSchema('What of the account to replace. What is left out is kept.')
export class UpdateAccount {
  @RequiredField(ACCOUNT_FIELDS.type)
  type: typeof ACCOUNT_TYPE;

  @RequiredField(ACCOUNT_FIELDS.version)
  version: typeof ACCOUNT_VERSION;

  @OptionalField(ACCOUNT_FIELDS.id)
  id?: string;

  @OptionalField(ACCOUNT_FIELDS.name)
  name?: string;

  @IgnoredField()
  state?: unknown;

  @OptionalField(ACCOUNT_FIELDS.isEnabled)
  isEnabled?: 'true' | 'false';

  @OptionalField(ACCOUNT_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
