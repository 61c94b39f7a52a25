import { ApiSchema } from '@nestjs/swagger';
import { documented, EXAMPLE_METADATA } from '../../rest/openapi/documented-resource.js';
import { ReturnedWhenSet, textField } from '../../rest/resource-field.js';
import { TOKEN } from './token.resource.js';

/** A token as the answer to its POST shows it. */
@ApiSchema({
  description: 'A token that was just created, with the token itself unless the request was a repeated one.',
})
export class CreatedToken extends TOKEN.Shown {
  @ReturnedWhenSet(
    textField(1, Infinity, {
      description:
        'The token itself: `ehooks_` and 256 random bits in base64url. It is in no other answer, not even that to a repeated request: only its SHA-256 is stored.',
      example: 'ehooks_uLrX0sQ0mJ4m1o8rBv2Yy2m8sYw3VqfD0aWlXn5k0fA',
    }),
  )
  token?: string;
}

const HEAD = { type: 'application/astra-token', version: '1.0' };

const STORED = {
  ...HEAD,
  id: '38c6927a-c33f-46a4-9b2c-db59a351b101',
  name: 'nightly backup',
  userID: '64182074-ddb6-42eb-b7f4-b6a02cf9ba7c',
  expirationTimestamp: '2099-01-01T00:00:00.000000Z',
  metadata: EXAMPLE_METADATA,
};

/** What the OpenAPI document says of tokens. */
export const TOKEN_DOCS = documented(TOKEN, {
  within: 'user',
  query: { include: 'id,name', filter: "name eq 'nightly backup'", orderBy: 'lastUsedTimestamp' },
  create: {
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
  listed: { summary: 'Tokens', items: [STORED] },
  get: { answers: { stored: { summary: 'A token', value: STORED } }, note: 'The token itself is left out.' },
  delete: { note: 'It stops working at once.' },
});
