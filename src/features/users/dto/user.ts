import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, oneOfField, ReturnedField, ReturnedWhenSet, textField } from '../../../rest/resource-field.js';
import { USER_FIELDS, type USER_TYPE, type USER_VERSION } from './user-fields.js';

/** A user as every response shows it (contract, section 7). */
@ApiSchema({ description: 'A user: who has a role in an account by a role binding.' })
export class User {
  @ReturnedField(USER_FIELDS.type)
  type: typeof USER_TYPE;

  @ReturnedField(USER_FIELDS.version)
  version: typeof USER_VERSION;

  @ReturnedField(USER_FIELDS.id)
  id: string;

  @ReturnedField(oneOfField(['active'], { description: 'State of the user.' }))
  state: 'active';

  @ReturnedField(USER_FIELDS.isEnabled)
  isEnabled: 'true' | 'false';

  @ReturnedField(USER_FIELDS.firstName)
  firstName: string;

  @ReturnedField(USER_FIELDS.lastName)
  lastName: string;

  @ReturnedWhenSet(USER_FIELDS.email)
  email?: string;

  @ReturnedField(
    textField(1, Infinity, {
      description: '`local`, or the URL of the OpenID Connect issuer that knows the user.',
      example: 'local',
    }),
  )
  authProvider: string;

  @ReturnedWhenSet(textField(1, Infinity, { description: 'What the issuer calls the user.', example: 'ada' }))
  authID?: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}
