import type { MetadataUpdate } from '../../../rest/metadata.js';
import { ClosedSchema, oneOfField, OptionalField, RequiredField, withDefault } from '../../../rest/resource-field.js';
import { LOCAL_PROVIDER, USER_FIELDS, type USER_TYPE, type USER_VERSION } from './user-fields.js';

const PROVIDER = oneOfField([LOCAL_PROVIDER], {
  description: 'Users of an OpenID Connect issuer are made when they are first seen.',
});

/** The body of a POST (contract, section 7). */
@ClosedSchema('The user to create. A role binding gives them a role, a token lets them in.')
export class CreateUser {
  @RequiredField(USER_FIELDS.type)
  type: typeof USER_TYPE;

  @RequiredField(USER_FIELDS.version)
  version: typeof USER_VERSION;

  @OptionalField(withDefault(USER_FIELDS.isEnabled, 'true'))
  isEnabled?: 'true' | 'false';

  @OptionalField(USER_FIELDS.firstName)
  firstName?: string;

  @OptionalField(USER_FIELDS.lastName)
  lastName?: string;

  @RequiredField(USER_FIELDS.email)
  email: string;

  @OptionalField(withDefault(PROVIDER, LOCAL_PROVIDER))
  authProvider?: typeof LOCAL_PROVIDER;

  @OptionalField(USER_FIELDS.metadata)
  metadata?: MetadataUpdate;
}
