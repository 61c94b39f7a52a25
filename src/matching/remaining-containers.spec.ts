import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Bitmap, emptyBitmap, hasBit, setBit } from './bitmap.js';
import { RemainingContainers } from './remaining-containers.js';

const COUNT = 131;
const containers = fc.uniqueArray(fc.nat(COUNT - 1));

function bitmapOf(numbers: readonly number[]): Bitmap {
  const bits = emptyBitmap(COUNT);
  for (const number of numbers) setBit(bits, number);
  return bits;
}

describe('remaining containers', () => {
  it('are those that are in every bitmap', () => {
    fc.assert(
      fc.property(containers, fc.array(containers, { maxLength: 4 }), containers, (first, others, some) => {
        const given = bitmapOf(first);
        const remaining = new RemainingContainers(given);
        for (const other of others) remaining.retain(bitmapOf(other));
        const expected = first
          .filter((number) => others.every((other) => other.includes(number)))
          .sort((left, right) => left - right);
        expect([...remaining.numbers()]).toEqual(expected);
        expect(remaining.count).toBe(expected.length);
        expect(remaining.isEmpty).toBe(expected.length === 0);
        expect(remaining.toBitmap()).toEqual(bitmapOf(expected));
        expect(remaining.areIn(bitmapOf(some))).toBe(expected.every((number) => some.includes(number)));
        expect(remaining.areIn(bitmapOf([...some, ...expected]))).toBe(true);
        expect(given).toEqual(bitmapOf(first));
      }),
    );
  });

  it('leave a copy of them as it is', () => {
    const remaining = new RemainingContainers(bitmapOf([1, 40, 130]));
    const copy = remaining.toBitmap();
    remaining.retain(bitmapOf([40]));
    expect(hasBit(copy, 130)).toBe(true);
  });
});
