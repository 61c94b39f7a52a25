/** The first UTF-16 unit from which UTF-16 order and code point order may differ. */
const FIRST_SURROGATE = 0xd800;
const FIRST_AFTER_SURROGATES = 0xe000;

/**
 * Compares by Unicode code point, which is also UTF-8 byte order and Postgres' `COLLATE "C"` (contract, section 4:
 * the order of `matchingContainers` and `matchingImages`). JavaScript's `<` compares UTF-16 units, and so puts every
 * character beyond the basic plane before U+E000–U+FFFF.
 */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      return a >= FIRST_SURROGATE && b >= FIRST_SURROGATE ? surrogatesLast(a) - surrogatesLast(b) : a - b;
    }
  }
  return left.length - right.length;
}

/** Moves the surrogates behind the rest of the basic plane, where the code points they stand for belong. */
function surrogatesLast(unit: number): number {
  return unit >= FIRST_AFTER_SURROGATES ? unit - (FIRST_AFTER_SURROGATES - FIRST_SURROGATE) : unit + 0x2000;
}

/**
 * The order of `texts` by code point, as indexes into it; equal texts keep their order. Texts that are nearly in order
 * already take a fraction of the time.
 */
export function sortByCodePoint(texts: readonly string[]): number[] {
  // The engine's own comparison is several times faster, and differs only among texts that hold such units.
  const compare = texts.some((text) => FROM_FIRST_SURROGATE.test(text)) ? compareCodePoints : compareUnits;
  return Array.from(texts.keys()).sort((left, right) => compare(texts[left] ?? '', texts[right] ?? ''));
}

const FROM_FIRST_SURROGATE = /[\ud800-\uffff]/;

function compareUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
