import { MetadataUpdate } from '../../../rest/metadata.js';
import {
  identifierField,
  objectField,
  oneOfField,
  type ResourceField,
  textField,
} from '../../../rest/resource-field.js';

/** The fixed values of a hook source (contract, section 10). */
export const HOOK_SOURCE_TYPE = 'application/astra-hookSource';
export const HOOK_SOURCE_VERSIONS = ['1.0'] as const;
export const SOURCE_TYPES = ['script'] as const;

export type HookSourceVersion = (typeof HOOK_SOURCE_VERSIONS)[number];
export type SourceType = (typeof SOURCE_TYPES)[number];

/** The longest `source`, in characters of base64. */
export const MAX_SOURCE_LENGTH = 131_072;

/** The fields of a hook source (contract, section 10), as its classes for create, update and response share them. */
export const HOOK_SOURCE_FIELDS = {
  type: oneOfField([HOOK_SOURCE_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField(HOOK_SOURCE_VERSIONS, { description: 'Version of the resource.' }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: '50e89023-ba84-435d-bb47-1833f4c250ff',
  }),
  name: textField(1, 63, {
    description: 'Name of the hook source. It must be unique in the account.',
    example: 'payroll-quiesce',
  }),
  sourceType: oneOfField(SOURCE_TYPES, { enumName: 'SourceType', description: 'What the source is.' }),
  source: textField(0, MAX_SOURCE_LENGTH, {
    description: 'The script in base64. Decoded, it is UTF-8 without NUL bytes and carriage returns.',
    example: 'IyEvYmluL3NoCmVjaG8gaGk=',
  }),
  description: textField(0, 511, { description: 'Free text.', example: 'Freezes and thaws the payroll database' }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
