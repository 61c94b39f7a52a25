import { ApiSchema } from '@nestjs/swagger';
import { Metadata } from '../../../rest/metadata.js';
import { objectField, ReturnedField, ReturnedWhenSet } from '../../../rest/resource-field.js';
import { TOKEN_FIELDS, type TOKEN_TYPE, type TOKEN_VERSION } from './token-fields.js';

/** A token as every response but that of its POST shows it (contract, section 7). */
@ApiSchema({ description: 'A token of a user for one account, without the token itself.' })
export class Token {
  @ReturnedField(TOKEN_FIELDS.type)
  type: typeof TOKEN_TYPE;

  @ReturnedField(TOKEN_FIELDS.version)
  version: typeof TOKEN_VERSION;

  @ReturnedField(TOKEN_FIELDS.id)
  id: string;

  @ReturnedField(TOKEN_FIELDS.name)
  name: string;

  @ReturnedField(TOKEN_FIELDS.userID)
  userID: string;

  @ReturnedWhenSet(TOKEN_FIELDS.expirationTimestamp)
  expirationTimestamp?: string;

  @ReturnedWhenSet(TOKEN_FIELDS.lastUsedTimestamp)
  lastUsedTimestamp?: string;

  @ReturnedField(objectField(() => Metadata, { description: 'Metadata of the resource.' }))
  metadata: Metadata;
}

/** A token as the answer to its POST shows it. */
@ApiSchema({
  description: 'A token that was just created, with the token itself unless the request was a repeated one.',
})
export class CreatedToken extends Token {
  @ReturnedWhenSet(TOKEN_FIELDS.token)
  token?: string;
}
