import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { CreateExecutionHookOverride } from './dto/create-hook-override.js';
import { HOOK_OVERRIDE_TYPE, HOOK_OVERRIDE_VERSION } from './dto/hook-override-fields.js';
import { ExecutionHookOverride } from './dto/hook-override.js';
import { UpdateExecutionHookOverride } from './dto/update-hook-override.js';
import { hookOverrideCollection } from './hook-override.collection.js';

const HEAD = { type: HOOK_OVERRIDE_TYPE, version: HOOK_OVERRIDE_VERSION };

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const ID = 'd6b1c1c7-5a0e-4b0a-9d53-5b1b1c7b2b7b';

const OFF = { ...HEAD, executionHookID: '1b0bdd8f-c2c7-40eb-a602-4af06d3c6e4d', enabled: 'false' };

const STORED = { ...HEAD, id: ID, ...OFF, appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9', metadata: METADATA };

const ENVELOPE = { type: hookOverrideCollection.type, version: hookOverrideCollection.version, metadata: METADATA };

/** What the OpenAPI document says of overrides. */
export const HOOK_OVERRIDE_DOCS: DocumentedResource = {
  term: 'executionHookOverride',
  noun: 'execution hook override',
  article: 'an',
  within: 'app',
  mediaType: HOOK_OVERRIDE_TYPE,
  resource: ExecutionHookOverride,
  collection: hookOverrideCollection,
  query: { include: 'executionHookID,enabled', filter: "enabled eq 'false'", orderBy: 'executionHookID' },
  create: {
    body: CreateExecutionHookOverride,
    examples: { off: { summary: 'A netapp hook that the app does without', value: OFF } },
    answers: { created: { summary: 'The new override', value: STORED } },
    note: 'The hook shows `enabled` as the override says wherever it is seen as a hook of this app.',
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  lists: {
    resources: { summary: 'Overrides', value: { ...ENVELOPE, items: [STORED] } },
    fields: {
      summary: 'Only some fields: include=executionHookID,enabled',
      value: { ...ENVELOPE, items: [[STORED.executionHookID, STORED.enabled]] },
    },
  },
  get: { answers: { stored: { summary: 'An override', value: STORED } } },
  replace: {
    body: UpdateExecutionHookOverride,
    examples: { on: { summary: 'Switch the hook on again', value: { ...HEAD, enabled: 'true' } } },
  },
  delete: { note: 'The hook is for the app again what it is for all.' },
};
