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

/** Whether bit `index` is 1. */
export function hasBit(bits: Bitmap, index: number): boolean {
  return ((word(bits, index >>> 5) >>> (index & 31)) & 1) === 1;
}

/** Makes bit `index` 1. */
export function setBit(bits: Bitmap, index: number): void {
  bits[index >>> 5] = word(bits, index >>> 5) | (1 << (index & 31));
}

/** Makes the bits of [start, end) 1. */
export function setRange(bits: Bitmap, start: number, end: number): void {
  eachWordOfRange(start, end, (at, mask) => {
    bits[at] = word(bits, at) | mask;
  });
}

/** Makes the bits of [start, end) 0. */
export function clearRange(bits: Bitmap, start: number, end: number): void {
  eachWordOfRange(start, end, (at, mask) => {
    bits[at] = word(bits, at) & ~mask;
  });
}

/** Whether any bit of [start, end) is 1. */
export function hasBitInRange(bits: Bitmap, start: number, end: number): boolean {
  for (let index = start; index < end;) {
    const rest = word(bits, index >>> 5) >>> (index & 31);
    const width = Math.min(32 - (index & 31), end - index);
    if ((rest & lowBits(width)) !== 0) return true;
    index += width;
  }
  return false;
}

/** Keeps in `bits` only what is also in `others`, and answers whether anything is left. Both have the same length. */
export function intersect(bits: Bitmap, others: Bitmap): boolean {
  let left = 0;
  for (let at = 0; at < bits.length; at++) {
    const both = word(bits, at) & word(others, at);
    bits[at] = both;
    left |= both;
  }
  return left !== 0;
}

/** How many bits are 1. */
export function countBits(bits: Bitmap): number {
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    let v = word(bits, at);
    v -= (v >>> 1) & 0x55555555;
    v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
    count += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
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
  return (at << 5) + (31 - Math.clz32(rest & -rest));
}

function word(bits: Bitmap, at: number): number {
  return bits[at] ?? 0;
}

/** `width` is 1 to 32. */
function lowBits(width: number): number {
  return 0xffffffff >>> (32 - width);
}

function eachWordOfRange(start: number, end: number, change: (at: number, mask: number) => void): void {
  for (let index = start; index < end;) {
    const width = Math.min(32 - (index & 31), end - index);
    change(index >>> 5, lowBits(width) << (index & 31));
    index += width;
  }
}
