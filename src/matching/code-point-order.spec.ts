import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { compareCodePoints, sortByCodePointInSlices } from './code-point-order.js';
import { TimeSlice } from './time-slice.js';

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

describe('sorting in slices', () => {
  function sorted(texts: readonly string[]): { order: readonly number[]; slices: number } {
    const steps = sortByCodePointInSlices(texts, new TimeSlice());
    for (let slices = 0; ; slices++) {
      const step = steps.next();
      if (step.done === true) return { order: step.value, slices };
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

  it('lets others have the event loop', () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now++);
    const { slices } = sorted(Array.from({ length: 20_000 }, (_, index) => String(index)));
    expect(slices).toBeGreaterThan(500);
    jest.restoreAllMocks();
  });
});
