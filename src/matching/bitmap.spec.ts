import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Bitmap,
  clearRange,
  countBits,
  emptyBitmap,
  fullBitmap,
  hasBit,
  hasBitInRange,
  intersect,
  nextBit,
  setBit,
  setRange,
} from './bitmap.js';

const LENGTH = 131;
const indexes = fc.uniqueArray(fc.nat(LENGTH - 1));
const range = fc.tuple(fc.nat(LENGTH), fc.nat(LENGTH)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const bitmapOf = (members: readonly number[]): Bitmap => {
  const bits = emptyBitmap(LENGTH);
  for (const index of members) setBit(bits, index);
  return bits;
};
const membersOf = (bits: Bitmap): number[] => {
  const members: number[] = [];
  for (let index = nextBit(bits, 0); index !== -1; index = nextBit(bits, index + 1)) members.push(index);
  return members;
};
const ascending = (members: Iterable<number>): number[] => [...members].sort((a, b) => a - b);

describe('bitmap', () => {
  it.each([0, 1, 31, 32, 33, 64, 100])('is full with exactly %d bits', (length) => {
    expect(membersOf(fullBitmap(length))).toEqual(Array.from({ length }, (_, index) => index));
    expect(countBits(fullBitmap(length))).toBe(length);
    expect(countBits(emptyBitmap(length))).toBe(0);
  });

  it('is a set of integers', () => {
    fc.assert(
      fc.property(indexes, indexes, range, (some, others, [start, end]) => {
        const bits = bitmapOf(some);
        const inRange = (index: number): boolean => index >= start && index < end;
        const all = Array.from({ length: LENGTH }, (_, index) => index);
        expect(membersOf(bits)).toEqual(ascending(some));
        expect(countBits(bits)).toBe(some.length);
        expect(all.filter((index) => hasBit(bits, index))).toEqual(ascending(some));
        expect(hasBitInRange(bits, start, end)).toBe(some.some(inRange));

        const withRange = bitmapOf(some);
        setRange(withRange, start, end);
        expect(membersOf(withRange)).toEqual(all.filter((index) => inRange(index) || some.includes(index)));
        const withoutRange = bitmapOf(some);
        clearRange(withoutRange, start, end);
        expect(membersOf(withoutRange)).toEqual(ascending(some).filter((index) => !inRange(index)));

        const both = ascending(some).filter((index) => others.includes(index));
        const left = intersect(bits, bitmapOf(others));
        expect(membersOf(bits)).toEqual(both);
        expect(left).toBe(both.length > 0);
      }),
    );
  });
});
