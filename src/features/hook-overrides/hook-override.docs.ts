import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { HOOK_OVERRIDE } from './hook-override.resource.js';

const HEAD = { type: 'application/astra-executionHookOverride', version: '1.0' };

const OFF = { ...HEAD, executionHookID: '1b0bdd8f-c2c7-40eb-a602-4af06d3c6e4d', enabled: 'false' };

const STORED = {
  ...HEAD,
  id: 'd6b1c1c7-5a0e-4b0a-9d53-5b1b1c7b2b7b',
  ...OFF,
  appID: '7be5ae7c-151d-4230-ac39-ac1d0b33c2a9',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of overrides. */
export const HOOK_OVERRIDE_DOCS = documented(HOOK_OVERRIDE, {
  within: 'app',
  query: { include: 'executionHookID,enabled', filter: "enabled eq 'false'", orderBy: 'executionHookID' },
  create: {
    examples: { off: { summary: 'A netapp hook that the app does without', value: OFF } },
    answers: { created: { summary: 'The new override', value: STORED } },
    note: 'The hook shows `enabled` as the override says wherever it is seen as a hook of this app.',
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  listed: { summary: 'Overrides', items: [STORED] },
  get: { answers: { stored: { summary: 'An override', value: STORED } } },
  replace: {
    examples: { on: { summary: 'Switch the hook on again', value: { ...HEAD, enabled: 'true' } } },
  },
  delete: { note: 'The hook is for the app again what it is for all.' },
});
