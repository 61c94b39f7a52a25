import { MetadataUpdate } from '../../../rest/metadata.js';
import { identifierField, objectField, oneOfField, type ResourceField } from '../../../rest/resource-field.js';

/** The fixed values of an override (contract, section 7). */
export const HOOK_OVERRIDE_TYPE = 'application/astra-executionHookOverride';
export const HOOK_OVERRIDES_TYPE = 'application/astra-executionHookOverrides';
export const HOOK_OVERRIDE_VERSION = '1.0';

/** The fields of an override (contract, section 7), as its classes for create, update and response share them. */
export const HOOK_OVERRIDE_FIELDS = {
  type: oneOfField([HOOK_OVERRIDE_TYPE], { description: 'Media type of the resource.' }),
  version: oneOfField([HOOK_OVERRIDE_VERSION], { description: 'Version of the resource.' }),
  id: identifierField({
    description: "Globally unique identifier of the resource. A request that has it must have the path's.",
    example: 'd6b1c1c7-5a0e-4b0a-9d53-5b1b1c7b2b7b',
  }),
  executionHookID: identifierField({
    description: 'ID of the netapp execution hook that is overridden. It cannot change.',
    example: '1b0bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
  }),
  enabled: oneOfField(['true', 'false'], {
    enumName: 'Enabled',
    description: 'Whether the execution hook is enabled for the app. A string, not a boolean.',
    example: 'false',
  }),
  appID: identifierField({
    description: "ID of the app that the override is for. A request that has it must have the path's.",
    example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  }),
  metadata: objectField(() => MetadataUpdate, { description: 'Metadata, of which only the labels can be set.' }),
} satisfies Record<string, ResourceField>;
