import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { NoTurn, type TurnLimits, Turns } from './turns.js';

const { signal: wanted } = new AbortController();

const turns = (limits: Partial<TurnLimits> = {}): Turns =>
  new Turns({ ofAccount: 2, ofAll: 3, waitingOfAccount: 10, waitMs: 2 ** 31 - 1, ...limits });

/** What of promises has come so far. */
async function settled(...promises: readonly Promise<unknown>[]): Promise<boolean[]> {
  return Promise.all(promises.map((promise) => Promise.race([promise.then(() => true), setImmediate(false)])));
}

describe('turns', () => {
  it('are given to as many of an account, and of all, as the limits say', async () => {
    const all = turns();
    const endFirst = await all.take('a', wanted);
    await all.take('a', wanted);
    const third = all.take('a', wanted);
    expect(await settled(third)).toEqual([false]);
    const endOther = await all.take('b', wanted);
    const fourth = all.take('c', wanted);
    expect(await settled(third, fourth)).toEqual([false, false]);
    expect(all.atWork).toBe(3);

    // The account that waits longest has reached its limit: the other one's turn comes first.
    endOther();
    expect(await settled(third, fourth)).toEqual([false, true]);
    endFirst();
    endFirst();
    expect(await settled(third)).toEqual([true]);
    expect(all.atWork).toBe(3);
  });

  it('go to the account with the fewest at work, however many of another wait longer', async () => {
    const all = turns({ ofAccount: 3, ofAll: 3 });
    const [end, next, last] = await Promise.all([all.take('a', wanted), all.take('a', wanted), all.take('a', wanted)]);
    const longest = all.take('a', wanted);
    const first = all.take('b', wanted);
    const second = all.take('b', wanted);
    const third = all.take('c', wanted);
    end();
    expect(await settled(longest, first, second, third)).toEqual([false, true, false, false]);
    next();
    expect(await settled(longest, second, third)).toEqual([false, false, true]);
    last();
    expect(await settled(longest, second)).toEqual([true, false]);
  });

  it('are given in the order of asking', async () => {
    const all = turns({ ofAccount: 1 });
    const end = await all.take('a', wanted);
    const second = all.take('a', wanted);
    const third = all.take('a', wanted);
    end();
    expect(await settled(second, third)).toEqual([true, false]);
    (await second)();
    expect(await settled(third)).toEqual([true]);
  });

  it('are refused once the wait is over, or too many wait, for the limit that is reached', async () => {
    const all = turns({ waitMs: 1, waitingOfAccount: 1 });
    await all.take('a', wanted);
    await all.take('a', wanted);
    const waiting = all.take('a', wanted);
    await expect(all.take('a', wanted)).rejects.toEqual(new NoTurn('account'));
    await expect(waiting).rejects.toMatchObject({ limit: 'account' });
    const end = await all.take('b', wanted);
    await expect(all.take('b', wanted)).rejects.toMatchObject({ limit: 'all' });
    end();
    (await all.take('b', wanted))();
  });

  it('go to nobody who has left', async () => {
    const all = turns({ ofAccount: 1 });
    const end = await all.take('a', wanted);
    const gone = new AbortController();
    const left = all.take('a', gone.signal);
    const next = all.take('a', wanted);
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await expect(all.take('a', gone.signal)).rejects.toThrow('gone');
    end();
    expect(await settled(next)).toEqual([true]);
  });
});
