import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareCodePoints } from './code-point-order.js';

describe('compareCodePoints', () => {
  it('puts characters beyond the basic plane after all of it', () => {
    const sorted = ['', 'A', 'Z', 'a', 'a\u0000', 'aa', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'];
    expect(sorted.toReversed().sort(compareCodePoints)).toEqual(sorted);
    expect(sorted.toReversed().sort()).not.toEqual(sorted);
  });

  it('is the order of the UTF-8 bytes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareCodePoints(left, right))).toBe(bytes);
      }),
    );
  });
});
