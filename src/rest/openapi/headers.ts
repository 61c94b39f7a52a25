import type { HeaderObject, HeadersObject } from '@nestjs/swagger';
import { REPLAYED_HEADER } from '../idempotency-key.js';

/** The response headers that the document describes: `components.headers`. */
export const HEADERS = {
  'X-Correlation-ID': {
    description:
      "Names the request in the service's log, and in a problem's `correlationID`: the request's own value where it was well-formed.",
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$' },
    example: '2d1c5f3e-7f7e-4a52-8d3b-6d1c3a4b5c6d',
  },
  ETag: {
    description:
      'Names what is stored of the resource, for `If-Match`. What is computed does not count. Of an inventory: its revision.',
    required: true,
    schema: { type: 'string', pattern: '^"(?:[0-9a-f]{32}|[0-9]+)"$' },
    example: '"1d0f8f4c1c5b4a3e9f6d2b7a8c9e0f1a"',
  },
  'Last-Modified': {
    description: 'When the resource was last modified, in whole seconds, for `If-Unmodified-Since`.',
    required: true,
    schema: { type: 'string' },
    example: 'Thu, 06 Oct 2022 20:58:16 GMT',
  },
  Location: {
    description: 'URL of the new resource.',
    required: true,
    schema: { type: 'string', format: 'uri' },
    example:
      'https://hooks.example/accounts/11111111-2222-4333-8444-555555555555/core/v1/executionHooks/946e60cb-980b-4374-9e6e-9fe1f6780352',
  },
  [REPLAYED_HEADER]: {
    description:
      'Only where the request was sent before with the same `Idempotency-Key`: this is the answer to the first, and nothing was written again.',
    required: false,
    schema: { type: 'string', enum: ['true'] },
    example: 'true',
  },
  'WWW-Authenticate': {
    description: 'Asks for a bearer token (RFC 6750).',
    required: true,
    schema: { type: 'string' },
    example: 'Bearer realm="execution-hooks"',
  },
  'Retry-After': {
    description: 'After how many seconds to try again.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '5',
  },
} satisfies Record<string, HeaderObject>;

/** The `headers` of a response, by their names in any case. Those that the document does not describe are left out. */
export function headerReferences(names: readonly string[]): HeadersObject {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.keys(HEADERS)
      .filter((name) => wanted.has(name.toLowerCase()))
      .map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}
