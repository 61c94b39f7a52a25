import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Turn } from './turn.js';

describe('Turn', () => {
  let now: number;
  let reads: number;

  beforeEach(() => {
    now = 1_000;
    reads = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => {
      reads++;
      return now;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Takes `steps` steps of `milliseconds` each; the time at which each turn was over. */
  function take(steps: number, milliseconds: number, turn: Turn): number[] {
    const ends: number[] = [];
    for (let step = 0; step < steps; step++) {
      now += milliseconds;
      if (turn.isOver(1)) {
        ends.push(now);
        expect(Array.from(turn.pass())).toHaveLength(1);
      }
    }
    return ends;
  }

  it('is over after each step that takes longer than a turn', () => {
    expect(take(3, 10, new Turn())).toEqual([1_010, 1_020, 1_030]);
  });

  it('is over after some 1 ms of fast steps, reading the clock a few times', () => {
    const turn = new Turn();
    const ends = take(100_000, 0.001, turn);
    expect(turn.isSlow).toBe(false);
    expect(ends.length).toBeGreaterThanOrEqual(72);
    expect(ends.length).toBeLessThanOrEqual(100);
    expect(reads).toBeLessThan(100 * 20);
  });

  it('notices when steps become slow', () => {
    const turn = new Turn();
    take(100_000, 0.001, turn);
    const ends = take(2_000, 1, turn);
    expect(turn.isSlow).toBe(true);
    expect((ends.at(-1) ?? 0) - (ends.at(-2) ?? 0)).toBe(1);
  });
});
