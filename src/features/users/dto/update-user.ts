import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, IgnoredField, OptionalField, RequiredField } from '../../../rest/resource-field.js';
import { USER_FIELDS, type USER_TYPE, type USER_VERSION } from './user-fields.js';

/** The body of a PUT: what it leaves out is kept (contract, section 7). */
@ClosedSchema('What of the user to replace. What is left out is kept.')
export class UpdateUser {
  @RequiredField(USER_FIELDS.type)
  type: typeof USER_TYPE;

  @RequiredField(USER_FIELDS.version)
  version: typeof USER_VERSION;

  @OptionalField(USER_FIELDS.id)
  id?: string;

  @IgnoredField()
  state?: unknown;

  @OptionalField(USER_FIELDS.isEnabled)
  isEnabled?: 'true' | 'false';

  @OptionalField(USER_FIELDS.firstName)
  firstName?: string;

  @OptionalField(USER_FIELDS.lastName)
  lastName?: string;

  @OptionalField(USER_FIELDS.email)
  email?: string;

  @IgnoredField()
  authProvider?: unknown;

  @IgnoredField()
  authID?: unknown;

  @OptionalField(USER_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
