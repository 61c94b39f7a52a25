import { describe, expect, it } from '@jest/globals';
import { briefly, MOST_WAIT_MS, othersFirst } from './others-first.js';

/** Something that is waited for, and how to end it. */
function pending(): { readonly promise: Promise<void>; readonly end: () => void } {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  return { promise, end };
}

/** Tries what holds within {@link MOST_WAIT_MS} again where a busy machine has taken longer than that to try it. */
async function untilInTime(attempt: () => Promise<void>): Promise<void> {
  for (;;) {
    const began = performance.now();
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() - began < MOST_WAIT_MS) throw error;
    }
  }
}

describe('othersFirst', () => {
  it('lets what is due on the event loop go first', async () => {
    const order: string[] = [];
    const other = new Promise<void>((resolve) => {
      setImmediate(() => {
        order.push('other');
        resolve();
      });
    });
    await othersFirst().then(() => order.push('long work'));
    await other;
    expect(order).toEqual(['other', 'long work']);
  });

  it('waits for brief work that has begun meanwhile, and for what follows on it', async () => {
    await untilInTime(async () => {
      const order: string[] = [];
      const other = (async () => {
        for (const step of ['first', 'second']) {
          await briefly(() => new Promise((resolve) => setImmediate(resolve)));
          order.push(step);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      await othersFirst().then(() => order.push('long work'));
      await other;
      expect(order).toEqual(['first', 'second', 'long work']);
    });
  });

  it('goes on in the end, whatever others do', async () => {
    const { promise, end } = pending();
    const other = briefly(() => promise);
    await othersFirst();
    end();
    await other;
  });

  it('hands on what brief work comes to, and does not wait for what has failed', async () => {
    await expect(briefly(() => Promise.resolve(7))).resolves.toBe(7);
    await expect(briefly(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await untilInTime(async () => {
      const order: string[] = [];
      const { promise, end } = pending();
      const other = briefly(() => promise).then(() => order.push('other'));
      setImmediate(end);
      await othersFirst().then(() => order.push('long work'));
      await other;
      expect(order).toEqual(['other', 'long work']);
    });
  });
});
