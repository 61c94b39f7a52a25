import { describe, expect, it } from '@jest/globals';
import { CORRELATION_HEADER, correlationIdOf } from './correlation-id.js';
import { isIdentifier } from '../query/identifier.js';

function idOf(sent?: string | string[]): string {
  // Node joins a header that is sent twice, other than in its types.
  const headers = sent === undefined ? {} : { [CORRELATION_HEADER]: sent };
  return correlationIdOf({ headers });
}

describe('correlationIdOf', () => {
  it.each(['a', '2d1c5f3e-7f7e-4a52-8d3b-6d1c3a4b5c6d', 'Trace.1:2_3', '0'.repeat(128)])(
    "keeps the caller's %s",
    (id) => {
      expect(idOf(id)).toBe(id);
    },
  );

  it.each(['', '-a', '.a', 'a b', 'a,b', 'a\n', 'é', '"a"', '<a>', '0'.repeat(129)])(
    'makes another one for %j',
    (id) => {
      expect(isIdentifier(idOf(id))).toBe(true);
    },
  );

  it('makes a new one for each request that has none', () => {
    expect(isIdentifier(idOf())).toBe(true);
    expect(idOf()).not.toBe(idOf());
    expect(isIdentifier(idOf(['a', 'b']))).toBe(true);
  });
});
