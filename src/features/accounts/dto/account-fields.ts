import { MetadataUpdate } from '../../../rest/metadata.js';
import {
  identifierField,
  objectField,
  oneOfField,
  type ResourceField,
  textField,
} from '../../../rest/resource-field.js';

/** The fixed values of an account (contract, section 7). */
export const ACCOUNT_TYPE = 'application/astra-account';
export const ACCOUNT_VERSION = '1.0';

/** The fields of an account (contract, section 7), as its classes for create, update and response share them. */
export const ACCOUNT_FIELDS = {
  type: oneOfField([ACCOUNT_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField([ACCOUNT_VERSION], { description: 'Version of the resource.' }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '11111111-2222-4333-8444-555555555555',
  }),
  name: textField(1, 63, { description: 'Name of the account.', example: 'Payroll' }),
  isEnabled: oneOfField(['true', 'false'], {
    description: 'Whether the account can be used: while it is disabled, only its owners can. A string, not a boolean.',
    example: 'true',
  }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
