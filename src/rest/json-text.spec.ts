import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonFault, parseJsonText } from './json-text.js';

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return true;
  } catch {
    return false;
  }
}

describe('the fault of a JSON text', () => {
  const bytes = fc
    .tuple(
      fc.json({ maxDepth: 4 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(2),
      fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '\\', '\\u12', '0', '-', 'e', ' ', '\0', 't', '\xe9'),
      fc.constantFrom<BufferEncoding>('utf8', 'latin1'),
    )
    .map(([text, place, remove, insert, encoding]) => {
      const at = Math.floor(place * text.length);
      return Buffer.from(text.slice(0, at) + insert + text.slice(at + remove), encoding);
    });

  it('is found where JSON.parse refuses, and nowhere else', () => {
    const seen = { json: 0, fault: 0 };
    fc.assert(
      fc.property(bytes, (any) => {
        const fault = jsonFault(any);
        seen[fault === undefined ? 'json' : 'fault'] += 1;
        expect(fault === undefined).toBe(isJson(any));
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.json, seen.fault)).toBeGreaterThan(100);
  });

  it.each([
    ['', 0, 'expected a value, found the end: was it cut off?'],
    ['{"a":1', 6, 'expected "," or "}", found the end: was it cut off?'],
    ['{"a" 1}', 5, 'expected ":" after a name, found "1"'],
    ['{a:1}', 1, 'expected a name in double quotes, found "a"'],
    ['[1,]', 3, 'expected a value, found "]"'],
    ['[1 2]', 3, 'expected "," or "]", found "2"'],
    ['[tru]', 1, 'expected a value, found "t"'],
    ['["\n"]', 2, 'has to be escaped in a string, found "\\n"'],
    ['["\\x"]', 2, 'is no escape of JSON, found "\\\\"'],
    ['["a', 3, 'expected the end of a string, found the end: was it cut off?'],
    ['["ä", ö]', 7, 'expected a value, found "ö"'],
    ['1 1', 2, 'something follows the end of the JSON, found "1"'],
  ])('of %j is at byte %i: %s', (text, byte, reason) => {
    expect(jsonFault(Buffer.from(text))).toEqual({ byte, reason });
  });

  it('is found in what is as long as a body may be', () => {
    const long = 1024 ** 2;
    expect(jsonFault(Buffer.from('['.repeat(long)))).toMatchObject({ byte: long });
    expect(jsonFault(Buffer.from(`"${'x'.repeat(long)}`))).toMatchObject({ byte: long + 1 });
    expect(jsonFault(Buffer.from(`"${'\\n'.repeat(long)}`))).toMatchObject({ byte: 2 * long + 1 });
  });
});

describe('a JSON text', () => {
  it('may begin with a byte order mark, behind which places stay what they are', () => {
    expect(parseJsonText(Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 });
    expect(() => parseJsonText(Buffer.from('\ufeff{"a":x}'))).toThrow(
      expect.objectContaining({
        members: { invalidFields: [{ name: 'body', reason: 'byte 8: expected a value, found "x"' }] },
      }),
    );
  });
});
