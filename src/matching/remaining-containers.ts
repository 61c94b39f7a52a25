import { type Bitmap, countBitsOfWord, emptyBitmap, lowestBitOfWord } from './bitmap.js';
import type { Indexes } from './inventory-snapshot.js';
import { keepShapeOf } from './kept-shapes.js';

/**
 * The containers that the criteria so far have left: a bitmap, and which of its words are not 0, so that the fewer are
 * left, the less there is to look at.
 */
export class RemainingContainers {
  readonly #bits: Bitmap;
  /** The words that were not 0 when last looked at, `#wordCount` of them, ascending. */
  readonly #words: Indexes;
  #wordCount: number;

  /** @param containers is copied */
  constructor(containers: Bitmap) {
    this.#bits = containers.slice();
    this.#words = new Uint32Array(containers.length);
    for (let at = 0; at < this.#words.length; at++) this.#words[at] = at;
    this.#wordCount = containers.length;
    this.retain(containers);
  }

  get isEmpty(): boolean {
    return this.#wordCount === 0;
  }

  /** How many are left. */
  get count(): number {
    let count = 0;
    for (let index = 0; index < this.#wordCount; index++) count += countBitsOfWord(this.#word(index));
    return count;
  }

  /** Leaves only those that are among `containers` too, a bitmap of the same length. */
  retain(containers: Bitmap): void {
    const bits = this.#bits;
    const words = this.#words;
    const wordCount = this.#wordCount;
    let kept = 0;
    for (let index = 0; index < wordCount; index++) {
      const at = words[index] ?? 0;
      const word = (bits[at] ?? 0) & (containers[at] ?? 0);
      bits[at] = word;
      words[kept] = at;
      kept += word === 0 ? 0 : 1;
    }
    this.#wordCount = kept;
  }

  /** Whether all that are left are among `containers`, a bitmap of the same length. */
  areIn(containers: Bitmap): boolean {
    for (let index = 0; index < this.#wordCount; index++) {
      if ((this.#word(index) & ~(containers[this.#words[index] ?? 0] ?? 0)) !== 0) return false;
    }
    return true;
  }

  /** The numbers of those that are left, ascending. */
  numbers(): Indexes {
    const numbers = new Uint32Array(this.count);
    let next = 0;
    for (let index = 0; index < this.#wordCount; index++) {
      const first = (this.#words[index] ?? 0) << 5;
      for (let left = this.#word(index); left !== 0; left &= left - 1) numbers[next++] = first + lowestBitOfWord(left);
    }
    return numbers;
  }

  /** A copy. */
  toBitmap(): Bitmap {
    return this.#bits.slice();
  }

  #word(index: number): number {
    return this.#bits[this.#words[index] ?? 0] ?? 0;
  }
}

keepShapeOf(new RemainingContainers(emptyBitmap(0)));
