import type { DocumentedResource } from '../../rest/openapi/documented-resource.js';
import { CreateToken } from './dto/create-token.js';
import { TOKEN_TYPE, TOKEN_VERSION } from './dto/token-fields.js';
import { CreatedToken, Token } from './dto/token.js';
import { tokenCollection } from './token.collection.js';

const HEAD = { type: TOKEN_TYPE, version: TOKEN_VERSION };

const METADATA = {
  labels: [],
  creationTimestamp: '2022-10-06T20:58:16.305662Z',
  modificationTimestamp: '2022-10-06T20:58:16.305662Z',
  createdBy: '8f84cf09-8036-51e4-b579-bd30cb07b269',
};

const ID = '38c6927a-c33f-46a4-9b2c-db59a351b101';

const STORED = {
  ...HEAD,
  id: ID,
  name: 'nightly backup',
  userID: '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c',
  expirationTimestamp: '2099-01-01T00:00:00.000000Z',
  metadata: METADATA,
};

const ENVELOPE = { type: tokenCollection.type, version: tokenCollection.version, metadata: METADATA };

/** What the OpenAPI document says of tokens. */
export const TOKEN_DOCS: DocumentedResource = {
  term: 'token',
  noun: 'token',
  article: 'a',
  within: 'user',
  mediaType: TOKEN_TYPE,
  resource: Token,
  collection: tokenCollection,
  query: { include: 'id,name', filter: "name eq 'nightly backup'", orderBy: 'lastUsedTimestamp' },
  create: {
    body: CreateToken,
    examples: {
      unlimited: { summary: 'A token that works until it is deleted', value: { ...HEAD, name: 'nightly backup' } },
      expiring: {
        summary: 'A token that expires',
        value: { ...HEAD, name: 'nightly backup', expirationTimestamp: '2099-01-01T00:00:00Z' },
      },
    },
    answer: CreatedToken,
    answers: {
      created: {
        summary: 'The new token',
        value: { ...STORED, token: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA' },
      },
    },
    note: 'The answer is the only one that has the token itself: the answer to a repeated request, with the same `Idempotency-Key`, has it no more.',
    problems: ['ExtendedValidationFailure', 'ResourceConflict'],
  },
  lists: {
    resources: { summary: 'Tokens', value: { ...ENVELOPE, items: [STORED] } },
    fields: { summary: 'Only some fields: include=id,name', value: { ...ENVELOPE, items: [[ID, STORED.name]] } },
  },
  get: { answers: { stored: { summary: 'A token', value: STORED } }, note: 'The token itself is left out.' },
  delete: { note: 'It stops working at once.' },
};
