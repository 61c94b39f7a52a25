import { constant, identifier, oneOf, ownIdentifier } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';

/** An override: whether a netapp execution hook is enabled for one app (docs/api.md, section 7). */
export const HOOK_OVERRIDE = resource({
  term: 'executionHookOverride',
  noun: 'execution hook override',
  article: 'an',
  table: 'execution_hook_overrides',
  alias: 'o',
  keys: ['account_id', 'app_id'],
  idParameter: 'executionHookOverride_id',
  collection: { type: 'application/astra-executionHookOverrides', version: '1.0', batchRows: 500 },
  words: {
    create: 'The override to create: whether a netapp execution hook is enabled for the app.',
    update: 'What of the override to replace. What is left out is kept.',
    resource: 'An override: whether a netapp execution hook is enabled for one app.',
  },
  fields: {
    type: constant('application/astra-executionHookOverride', {
      set: 'always',
      description: 'Media type of the resource.',
    }),
    version: constant('1.0', { set: 'always', description: 'Version of the resource.' }),
    id: ownIdentifier('executionHookOverride_id', 'd6b1c1c7-5a0e-4b0a-9d53-5b1b1c7b2b7b'),
    executionHookID: identifier({
      set: 'fixed',
      column: 'execution_hook_id',
      description: 'ID of the netapp execution hook that is overridden. It cannot change.',
      example: '1b0bdd8f-c2c7-40eb-a602-4af06d3c6e4d',
    }),
    enabled: oneOf(['true', 'false'], {
      set: 'required',
      column: 'enabled',
      enumName: 'Enabled',
      description: 'Whether the execution hook is enabled for the app. A string, not a boolean.',
      example: 'false',
    }),
    appID: identifier({
      set: 'optional',
      column: 'app_id',
      key: true,
      path: 'app_id',
      description: "ID of the app that the override is for. A request that has it must have the path's.",
      example: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
    }),
  },
});

/** The stored overrides. */
export const HOOK_OVERRIDES = new Table<typeof HOOK_OVERRIDE.fields, { readonly executionHookID: string }>(
  HOOK_OVERRIDE,
  { also: { executionHookID: 'o.execution_hook_id' } },
);
