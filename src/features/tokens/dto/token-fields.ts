import { MetadataUpdate } from '../../../rest/metadata.js';
import { rule } from '../../../rest/resource-body.js';
import {
  identifierField,
  objectField,
  oneOfField,
  type ResourceField,
  textField,
  timestampField,
} from '../../../rest/resource-field.js';
import { SCALARS } from '../../../query/scalar-type.js';

/** The fixed values of a token (contract, section 7). */
export const TOKEN_TYPE = 'application/astra-token';
export const TOKEN_VERSION = '1.0';

/** A point in time that a client chooses: RFC 3339, at most six fractional digits. */
function timestampOfClient(description: string): ResourceField {
  const { expected, accepts } = SCALARS.timestamp;
  return {
    schema: { type: 'string', format: 'date-time', description, example: '2030-01-01T00:00:00Z' },
    rules: [rule('timestamp', `must be ${expected}`, (value) => typeof value === 'string' && accepts(value))],
  };
}

/** The fields of a token (contract, section 7), as its classes for create and response share them. */
export const TOKEN_FIELDS = {
  type: oneOfField([TOKEN_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField([TOKEN_VERSION], { description: 'Version of the resource.' }),
  id: identifierField({
    description: 'Globally unique identifier of the resource.',
    example: '38c6927a-c33f-46a4-9b2c-db59a351b101',
  }),
  name: textField(1, 63, { description: 'What the token is for.', example: 'nightly backup' }),
  userID: identifierField({
    description: "ID of the user whom the token belongs to. A request that has it must have the path's.",
    example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  }),
  expirationTimestamp: timestampOfClient('When the token stops working. Left out, it works until it is deleted.'),
  lastUsedTimestamp: timestampField('When the token was last used, to the minute. Absent before its first use.'),
  token: textField(1, Infinity, {
    description:
      'The token itself: `ehooks_` and 256 random bits in base64url. It is in no other answer, not even that to a repeated request: only its SHA-256 is stored.',
    example: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA',
  }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
