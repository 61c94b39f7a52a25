import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { compareCodePoints, sortByCodePointInTurns } from './code-point-order.js';
import { Turn } from './turn.js';

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

describe('sorting in turns', () => {
  function sorted(texts: readonly string[]): { order: readonly number[]; turns: number } {
    const steps = sortByCodePointInTurns(texts, new Turn());
    for (let turns = 0; ; turns++) {
      const step = steps.next();
      if (step.done === true) return { order: step.value, turns };
    }
  }

  it.each([0, 1, 2_047, 2_048, 2_049, 20_000])('orders %i texts, and keeps the order of equal ones', (count) => {
    const texts = Array.from({ length: count }, (_, index) => {
      const number = (index * 7_919) % 5_003;
      return `${['', '\uffff', '\u{10000}', 'z'][number % 4] ?? ''}${number}`;
    });
    const expected = Array.from(texts.keys()).sort((left, right) =>
      compareCodePoints(texts[left] ?? '', texts[right] ?? ''),
    );
    expect(sorted(texts).order).toEqual(expected);
  });

  it('gives others their turn', () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now++);
    const { turns } = sorted(Array.from({ length: 20_000 }, (_, index) => String(index)));
    expect(turns).toBeGreaterThan(1_000);
    jest.restoreAllMocks();
  });
});
