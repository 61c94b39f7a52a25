import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { finish, TimeSlice } from './time-slice.js';

describe('TimeSlice', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is over after a millisecond, and again after each next one', () => {
    let now = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const slice = new TimeSlice();
    for (let round = 0; round < 3; round++) {
      now += 0.9;
      expect(slice.isOver).toBe(false);
      now += 0.2;
      expect(slice.isOver).toBe(true);
      const steps = slice.next();
      expect(steps.next().done).toBe(false);
      // Others have the event loop meanwhile: their time does not count.
      now += 100;
      expect(steps.next().done).toBe(true);
    }
  });
});

describe('finish', () => {
  it('does all steps and gives the result', () => {
    let done = 0;
    const result = finish(
      (function* () {
        while (done < 5) {
          done += 1;
          yield;
        }
        return 'result';
      })(),
    );
    expect([done, result]).toEqual([5, 'result']);
  });
});
