import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { HOOK_SOURCE } from './hook-source.resource.js';

const HEAD = { type: 'application/astra-hookSource', version: '1.0' };

const VALUES = {
  name: 'payroll-quiesce',
  sourceType: 'script',
  source: 'IyEvYmluL3NoCmVjaG8gaGk=',
  description: 'Freezes and thaws the payroll database',
};

const STORED = {
  ...HEAD,
  id: '50e89023-ba84-435d-bb47-1833f4c250ff',
  ...VALUES,
  private: 'false',
  preloaded: 'false',
  sourceMD5Checksum: 'dadb4d2f404bb4227f14290d35cf12c2',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of hook sources. */
export const HOOK_SOURCE_DOCS = documented(HOOK_SOURCE, {
  query: { include: 'id,name', filter: "name eq 'payroll-quiesce'", orderBy: 'name' },
  create: {
    examples: { script: { summary: 'A script', value: { ...HEAD, ...VALUES } } },
    answers: { created: { summary: 'The new hook source', value: STORED } },
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  listed: { summary: 'Hook sources', items: [STORED] },
  get: {
    answers: { stored: { summary: 'A hook source', value: STORED } },
    note: 'A private source is left out.',
  },
  replace: {
    examples: {
      source: {
        summary: 'Another script',
        value: { ...HEAD, sourceType: 'script', source: 'IyEvYmluL3NoCmVjaG8gYnllCg==' },
      },
    },
    note: 'The change has an effect on all future runs of the execution hooks that refer to it.',
    problems: ['ExtendedValidationFailure', 'PreloadedHookSourceReadOnly'],
  },
  delete: {
    note: 'A hook source that an execution hook refers to cannot be deleted.',
    problems: ['PreloadedHookSourceReadOnly', 'HookSourceReferenced'],
  },
});
