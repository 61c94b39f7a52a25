import { MetadataUpdate } from '../../../rest/metadata.js';
import {
  identifierField,
  objectField,
  oneOfField,
  type ResourceField,
  textField,
} from '../../../rest/resource-field.js';
import { rule } from '../../../rest/resource-body.js';

/** The fixed values of a user (contract, section 7). */
export const USER_TYPE = 'application/astra-user';
export const USER_VERSION = '1.2';
/** Users whom this service made itself; others come from an issuer, whose URL is their provider. */
export const LOCAL_PROVIDER = 'local';

/** The longest e-mail address (RFC 5321, 4.5.3.1.3). */
const MAX_EMAIL_LENGTH = 254;

/** Whether a text may be an e-mail address; only a message to it could tell whether it is one. */
export function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_LENGTH && /^[^\s@]+@[^\s@]+$/.test(text);
}

/** The fields of a user (contract, section 7), as its classes for create, update and response share them. */
export const USER_FIELDS = {
  type: oneOfField([USER_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField([USER_VERSION], { description: 'Version of the resource.' }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
  }),
  isEnabled: oneOfField(['true', 'false'], {
    description: 'Whether the user can use the API, in any account. A string, not a boolean.',
    example: 'true',
  }),
  firstName: textField(0, 63, { description: 'First name of the user.', example: 'Ada' }),
  lastName: textField(0, 63, { description: 'Last name of the user.', example: 'Lovelace' }),
  email: {
    schema: {
      type: 'string',
      format: 'email',
      maxLength: MAX_EMAIL_LENGTH,
      description: 'E-mail address of the user.',
      example: 'ada@payroll.example',
    },
    rules: [
      rule(
        'email',
        `must be an e-mail address of at most ${MAX_EMAIL_LENGTH} characters`,
        (value) => typeof value === 'string' && isEmail(value),
      ),
    ],
  },
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
