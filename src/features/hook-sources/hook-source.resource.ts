import { constant, oneOf, ownIdentifier, plain, text } from '../../rest/declaration.js';
import { textField } from '../../rest/resource-field.js';
import { resource } from '../../rest/resource.js';
import { Table } from '../../rest/table.js';

/** The longest `source`, in characters of base64. */
export const MAX_SOURCE_LENGTH = 131_072;

const FLAG = 'A string, not a boolean.';

/** A hook source: a script that execution hooks run (docs/api.md, section 10). */
export const HOOK_SOURCE = resource({
  term: 'hookSource',
  noun: 'hook source',
  article: 'a',
  table: 'hook_sources',
  alias: 's',
  keys: ['account_id'],
  idParameter: 'hookSource_id',
  // A script has up to 128 KiB.
  collection: { type: 'application/astra-hookSources', version: '1.0', batchRows: 50 },
  words: {
    create: 'The hook source to create.',
    update: 'What of the hook source to replace. What is left out is kept.',
    resource: 'A hook source: a script that execution hooks run.',
  },
  fields: {
    type: constant('application/astra-hookSource', { set: 'always', description: 'Media type of the resource.' }),
    version: oneOf(['1.0'], { set: 'always', column: 'version', description: 'Version of the resource.' }),
    id: ownIdentifier('hookSource_id', '50e89023-ba84-435d-bb47-1833f4c250ff'),
    name: text(1, 63, {
      set: 'required',
      column: 'name',
      description: 'Name of the hook source. It must be unique in the account.',
      example: 'payroll-quiesce',
    }),
    sourceType: oneOf(['script'], {
      set: 'required',
      column: 'source_type',
      enumName: 'SourceType',
      description: 'What the source is.',
    }),
    source: plain(
      textField(0, MAX_SOURCE_LENGTH, {
        description: 'The script in base64. Decoded, it is UTF-8 without NUL bytes and carriage returns.',
        example: 'IyEvYmluL3NoCmVjaG8gaGk=',
      }),
      {
        set: 'required',
        column: 'source',
        // A private script is not to be guessed by filtering either.
        sql: `CASE WHEN s.private = 'true' THEN NULL ELSE s.source END`,
        whenSet: true,
        orderable: false,
      },
    ),
    private: oneOf(['true', 'false'], {
      set: 'shown',
      column: 'private',
      description: `Whether the source is left out of responses. ${FLAG}`,
      example: 'false',
    }),
    preloaded: oneOf(['true', 'false'], {
      set: 'shown',
      column: 'preloaded',
      description: `Whether the hook source came with the service and is read only. ${FLAG}`,
      example: 'false',
    }),
    sourceMD5Checksum: plain(
      {
        schema: {
          type: 'string',
          pattern: '^[0-9a-f]{32}$',
          description: 'MD5 of the base64 text of the source, in hexadecimal.',
          example: 'dadb4d2f404bb4227f14290d35cf12c2',
        },
        rules: [],
      },
      { set: 'derived', column: 'source_md5' },
    ),
    description: text(0, 511, {
      set: 'optional',
      column: 'description',
      nullable: true,
      description: 'Free text.',
      example: 'Freezes and thaws the payroll database',
    }),
  },
});

/** The stored hook sources. */
export const HOOK_SOURCES = new Table<typeof HOOK_SOURCE.fields, { readonly preloaded: 'true' | 'false' }>(
  HOOK_SOURCE,
  { also: { preloaded: 's.preloaded' } },
);
