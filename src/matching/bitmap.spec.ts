import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Bitmap,
  bitmapOfFlags,
  countBits,
  countBitsOfWord,
  difference,
  emptyBitmap,
  flagsOfBitmap,
  fullBitmap,
  hasBit,
  intersection,
  nextBit,
  nextZeroBit,
  setBit,
} from './bitmap.js';

const LENGTH = 131;
const indexes = fc.uniqueArray(fc.nat(LENGTH - 1));
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
const ascending = (members: readonly number[]): number[] => [...members].sort((a, b) => a - b);

describe('bitmap', () => {
  it.each([0, 1, 31, 32, 33, 64, 100])('is full with exactly %d bits', (length) => {
    expect(membersOf(fullBitmap(length))).toEqual(Array.from({ length }, (_, index) => index));
    expect(countBits(fullBitmap(length))).toBe(length);
    expect(countBits(emptyBitmap(length))).toBe(0);
  });

  it('is a set of integers', () => {
    fc.assert(
      fc.property(indexes, indexes, (some, others) => {
        const bits = bitmapOf(some);
        expect(membersOf(bits)).toEqual(ascending(some));
        expect(countBits(bits)).toBe(some.length);
        expect(membersOf(difference(bits, bitmapOf(others)))).toEqual(
          ascending(some).filter((index) => !others.includes(index)),
        );
        expect(membersOf(intersection(bits, bitmapOf(others)))).toEqual(
          ascending(some).filter((index) => others.includes(index)),
        );
        for (let index = 0; index < LENGTH; index++) expect(hasBit(bits, index)).toBe(some.includes(index));
        for (let from = 0; from < LENGTH; from++) {
          for (const end of [from, from + 1, from + 40, LENGTH]) {
            const rest = Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
            expect(nextZeroBit(bits, from, end)).toBe(rest.find((index) => !some.includes(index)) ?? end);
          }
        }
        const flags = flagsOfBitmap(bits, LENGTH);
        expect(Array.from(flags)).toEqual(Array.from({ length: LENGTH }, (_, index) => Number(some.includes(index))));
        const picked = Uint32Array.from([...others, ...others]);
        expect(membersOf(bitmapOfFlags(flags, picked))).toEqual(
          Array.from(picked.keys()).filter((index) => some.includes(picked[index] ?? -1)),
        );
      }),
    );
  });

  it('counts the bits of a word of any sign', () => {
    expect([0, 1, -1, 0x80000000, 0x80000001 | 0, 0xffffffff].map(countBitsOfWord)).toEqual([0, 1, 32, 1, 2, 32]);
  });
});
