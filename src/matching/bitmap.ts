/** A set of small integers: bit `i & 31` of word `i >>> 5`. Bits at and beyond the length it was made for are 0. */
export type Bitmap = Uint32Array<ArrayBuffer>;

/** A bitmap of `length` bits, all 0. */
export function emptyBitmap(length: number): Bitmap {
  return new Uint32Array((length + 31) >>> 5);
}

/** A bitmap of `length` bits, all 1. */
export function fullBitmap(length: number): Bitmap {
  const bits = emptyBitmap(length).fill(0xffffffff);
  if ((length & 31) !== 0) bits[bits.length - 1] = 0xffffffff >>> (32 - (length & 31));
  return bits;
}

/** The bitmap of all `i` for which `flags[indexes[i]]` is 1. Flags are 0 or 1. */
export function bitmapOfFlags(flags: Uint8Array, indexes: Uint32Array): Bitmap {
  const count = indexes.length;
  const bits = emptyBitmap(count);
  const flag = (index: number): number => flags[indexes[index] ?? 0] ?? 0;
  const fullWords = count >>> 5;
  let index = 0;
  for (let at = 0; at < fullWords; at++) {
    let value = 0;
    // Eight at a time: this loop is most of the cost of a criterion on a property of few values.
    for (let bit = 0; bit < 32; bit += 8, index += 8) {
      const four = flag(index) | (flag(index + 1) << 1) | (flag(index + 2) << 2) | (flag(index + 3) << 3);
      const next = flag(index + 4) | (flag(index + 5) << 1) | (flag(index + 6) << 2) | (flag(index + 7) << 3);
      value |= (four | (next << 4)) << bit;
    }
    bits[at] = value;
  }
  for (; index < count; index++) bits[fullWords] = word(bits, fullWords) | (flag(index) << (index & 31));
  return bits;
}

/** One byte for each of `length` bits: 0 or 1. */
export function flagsOfBitmap(bits: Bitmap, length: number): Uint8Array {
  const flags = new Uint8Array(length);
  for (let index = 0; index < length; index++) flags[index] = (word(bits, index >>> 5) >>> (index & 31)) & 1;
  return flags;
}

/** Makes bit `index` 1. */
export function setBit(bits: Bitmap, index: number): void {
  bits[index >>> 5] = word(bits, index >>> 5) | (1 << (index & 31));
}

/** Whether bit `index` is 1. */
export function hasBit(bits: Bitmap, index: number): boolean {
  return ((word(bits, index >>> 5) >>> (index & 31)) & 1) === 1;
}

/** What is in both. They have the same length. */
export function intersection(left: Bitmap, right: Bitmap): Bitmap {
  const both = new Uint32Array(left.length);
  for (let at = 0; at < both.length; at++) both[at] = word(left, at) & word(right, at);
  return both;
}

/** What is in one, but not in the other. They have the same length. */
export function difference(left: Bitmap, right: Bitmap): Bitmap {
  const rest = new Uint32Array(left.length);
  for (let at = 0; at < rest.length; at++) rest[at] = word(left, at) & ~word(right, at);
  return rest;
}

/** How many bits are 1. */
export function countBits(bits: Bitmap): number {
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    const some = word(bits, at);
    if (some !== 0) count += countBitsOfWord(some);
  }
  return count;
}

/** How many bits of one word are 1. */
export function countBitsOfWord(value: number): number {
  const pairs = ((value | 0) - ((value >>> 1) & 0x55555555)) | 0;
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The lowest 1 bit of a word that is not 0. */
export function lowestBitOfWord(value: number): number {
  return 31 - Math.clz32(value & -value);
}

/** The first 1 bit at or after `from`, or -1. */
export function nextBit(bits: Bitmap, from: number): number {
  let at = from >>> 5;
  if (at >= bits.length) return -1;
  let rest = (word(bits, at) >>> (from & 31)) << (from & 31);
  while (rest === 0) {
    if (++at >= bits.length) return -1;
    rest = word(bits, at);
  }
  return (at << 5) + lowestBitOfWord(rest);
}

/** The first 0 bit from `from` on, or `end` where there is none before. */
export function nextZeroBit(bits: Bitmap, from: number, end: number): number {
  let at = from >>> 5;
  let rest = (~word(bits, at) >>> (from & 31)) << (from & 31);
  while (rest === 0) {
    at += 1;
    if (at << 5 >= end) return end;
    rest = ~word(bits, at);
  }
  return Math.min(end, (at << 5) + lowestBitOfWord(rest));
}

function word(bits: Bitmap, at: number): number {
  return bits[at] ?? 0;
}
