import { describe, expect, it } from '@jest/globals';
import { isStorableText, MAX_DEPTH, MAX_INVALID_FIELDS, unstorableFields } from './storable-text.js';

const MALFORMED = 'must be well-formed Unicode without NUL';

describe('unstorableFields', () => {
  it('finds nothing in what Postgres can keep', () => {
    expect(unstorableFields({ text: 'é😀\n', list: [1, null, true, { deep: '' }], 'key.[0]': {} })).toEqual([]);
    expect(unstorableFields('text')).toEqual([]);
    expect(unstorableFields(null)).toEqual([]);
  });

  it('names every text with a NUL or half a surrogate pair by its path, in order', () => {
    expect(unstorableFields({ name: 'a\0', list: ['a', '\ud83d', { value: '\ude00' }], pair: '\ud83d\ude00' })).toEqual(
      [
        { name: 'name', reason: MALFORMED },
        { name: 'list[1]', reason: MALFORMED },
        { name: 'list[2].value', reason: MALFORMED },
      ],
    );
    expect(unstorableFields('\0')).toEqual([{ name: 'body', reason: MALFORMED }]);
  });

  it('names a field in well-formed text even where the name is not', () => {
    const [field] = unstorableFields({ '\ud800': '\0' });
    expect(field?.name).toBe('\ufffd');
  });

  it(`allows ${MAX_DEPTH} levels and names what lies deeper`, () => {
    const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);
    expect(unstorableFields(nested(MAX_DEPTH))).toEqual([]);
    expect(unstorableFields(nested(MAX_DEPTH + 1))).toEqual([
      { name: '[0]'.repeat(MAX_DEPTH), reason: `must not nest deeper than ${MAX_DEPTH} levels` },
    ]);
    expect(unstorableFields(nested(100_000))).toHaveLength(1);
  });

  it('stops where the answer is full', () => {
    expect(unstorableFields(Array.from({ length: 5_000 }, () => '\0'))).toHaveLength(MAX_INVALID_FIELDS);
  });
});

describe('isStorableText', () => {
  it.each([
    ['', true],
    ['\u0001\ufffe😀', true],
    ['a\0b', false],
    ['\udc00\ud800', false],
  ])('of %j is %s', (text, expected) => {
    expect(isStorableText(text)).toBe(expected);
  });
});
