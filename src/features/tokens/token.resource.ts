import { SCALARS } from '../../query/scalar-type.js';
import { constant, identifier, text, timestamp } from '../../rest/declaration.js';
import { resource } from '../../rest/resource.js';
import { rule } from '../../rest/resource-body.js';
import type { ResourceField } from '../../rest/resource-field.js';
import { Table } from '../../rest/table.js';

/** A point in time that a client chooses: RFC 3339, at most six fractional digits. */
function timestampOfClient(description: string): ResourceField {
  const { expected, accepts } = SCALARS.timestamp;
  return {
    schema: { type: 'string', format: 'date-time', description, example: '2030-01-01T00:00:00Z' },
    rules: [rule('timestamp', `must be ${expected}`, (value) => typeof value === 'string' && accepts(value))],
  };
}

/** A token of a user for one account; the token itself is not stored (docs/api.md, section 7). */
export const TOKEN = resource({
  term: 'token',
  noun: 'token',
  article: 'a',
  table: 'tokens',
  alias: 't',
  keys: ['account_id', 'user_id'],
  idParameter: 'token_id',
  collection: { type: 'application/astra-tokens', version: '1.0', batchRows: 500 },
  words: {
    create: 'The token to create. It opens the account of the path and no other.',
    update: 'A token cannot be modified.',
    resource: 'A token of a user for one account, without the token itself.',
  },
  fields: {
    type: constant('application/astra-token', { set: 'always', description: 'Media type of the resource.' }),
    version: constant('1.0', { set: 'always', description: 'Version of the resource.' }),
    id: identifier({
      set: 'echoed',
      column: 'id',
      description: 'Globally unique identifier of the resource.',
      example: '38c6927a-c33f-46a4-9b2c-db59a351b101',
    }),
    name: text(1, 63, {
      set: 'required',
      column: 'name',
      description: 'What the token is for.',
      example: 'nightly backup',
    }),
    userID: identifier({
      set: 'optional',
      column: 'user_id',
      key: true,
      path: 'user_id',
      description: "ID of the user whom the token belongs to. A request that has it must have the path's.",
      example: '8f84cf09-8036-51e4-b579-bd30cb07b269',
    }),
    expirationTimestamp: timestamp(
      { set: 'optional', column: 'expires_at', nullable: true },
      timestampOfClient('When the token stops working. Left out, it works until it is deleted.'),
    ),
    lastUsedTimestamp: timestamp({
      set: 'shown',
      column: 'last_used_at',
      nullable: true,
      volatile: true,
      description: 'When the token was last used, to the minute. Absent before its first use.',
    }),
  },
});

/** The stored tokens. The digest never leaves the database. */
export const TOKENS = new Table<typeof TOKEN.fields>(TOKEN, {
  hidden: { token_sha256: 'bytea', role_limit: 'text' },
});
