import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { CreateHookSource } from './dto/create-hook-source.js';
import { HOOK_SOURCE_TYPE } from './dto/hook-source-fields.js';
import { HookSource } from './dto/hook-source.js';
import { UpdateHookSource } from './dto/update-hook-source.js';
import { hookSourceCollection } from './hook-source.collection.js';

const HEAD = { type: HOOK_SOURCE_TYPE, version: '1.0' };

const VALUES = {
  name: 'payroll-quiesce',
  sourceType: 'script',
  source: 'IyEvYmluL3NoCmVjaG8gaGk=',
  description: 'Freezes and thaws the payroll database',
};

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const ID = '50e89023-ba84-435d-bb47-1833f4c250ff';

const STORED = {
  ...HEAD,
  id: ID,
  ...VALUES,
  private: 'false',
  preloaded: 'false',
  sourceMD5Checksum: 'dadb4d2f404bb4227f14290d35cf12c2',
  metadata: METADATA,
};

const ENVELOPE = { type: hookSourceCollection.type, version: hookSourceCollection.version, metadata: METADATA };

/** What the OpenAPI document says of hook sources. */
export const HOOK_SOURCE_DOCS: DocumentedResource = {
  term: 'hookSource',
  noun: 'hook source',
  article: 'a',
  mediaType: HOOK_SOURCE_TYPE,
  resource: HookSource,
  collection: hookSourceCollection,
  query: { include: 'id,name', filter: "name eq 'payroll-quiesce'", orderBy: 'name' },
  create: {
    body: CreateHookSource,
    examples: { script: { summary: 'A script', value: { ...HEAD, ...VALUES } } },
    answers: { created: { summary: 'The new hook source', value: STORED } },
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  lists: {
    resources: { summary: 'Hook sources', value: { ...ENVELOPE, items: [STORED] } },
    fields: { summary: 'Only some fields: include=id,name', value: { ...ENVELOPE, items: [[ID, VALUES.name]] } },
  },
  get: {
    answers: { stored: { summary: 'A hook source', value: STORED } },
    note: 'A private source is left out.',
  },
  replace: {
    body: UpdateHookSource,
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
};
