/** Random numbers of a seed: the same seed makes the same ones (Mulberry32, Tommy Ettinger). */
export class Random {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed >>> 0;
  }

  /** At least 0, less than 1. */
  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** True in this share of all cases. */
  chance(share: number): boolean {
    return this.fraction() < share;
  }

  /** @throws RangeError when there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('There is nothing to choose from.');
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  /** A generator of its own, so that what one consumer takes changes nothing for another. */
  fork(): Random {
    return new Random(this.integer(0, 2 ** 32 - 1));
  }
}
