import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ChunkStream } from './chunk-stream.js';

afterEach(() => {
  jest.restoreAllMocks();
});

function* chunks(count: number, made: { count: number } = { count: 0 }): Generator<Buffer, void> {
  for (; made.count < count; made.count++) yield Buffer.from(`${made.count},`);
}

describe('ChunkStream', () => {
  it('gives every chunk in order', async () => {
    const text = (await new ChunkStream(chunks(1_000), undefined).toArray()).join('');
    expect(text).toBe(Array.from({ length: 1_000 }, (_, index) => `${index},`).join(''));
  });

  it('makes no more than the reader is about to take', async () => {
    const made = { count: 0 };
    const stream = new ChunkStream(
      (function* () {
        for (; made.count < 100; made.count++) yield Buffer.alloc(500_000);
      })(),
      undefined,
    );
    stream.once('readable', () => undefined);
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(made.count).toBeLessThan(5);
    stream.destroy();
  });

  it('lets others have their turn while a reader takes all that comes', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 3));
    const stream = new ChunkStream(chunks(100), undefined);
    let received = 0;
    stream.on('data', () => {
      received += 1;
    });
    const turns: number[] = [];
    while (received < 100) {
      await setImmediate();
      turns.push(received);
    }
    expect(new Set(turns).size).toBeGreaterThan(20);
  });

  it('fails with what goes wrong in the making', async () => {
    const failure = new Error('no more');
    const stream = new ChunkStream(
      (function* () {
        yield Buffer.from('a');
        throw failure;
      })(),
      undefined,
    );
    await expect(stream.toArray()).rejects.toBe(failure);
  });

  it('ends the making when the reader leaves', async () => {
    let isEnded = false;
    const stream = new ChunkStream(
      (function* () {
        try {
          for (;;) yield Buffer.from('a');
        } finally {
          isEnded = true;
        }
      })(),
      undefined,
    );
    for await (const chunk of stream) {
      expect((chunk as Buffer)[0]).toBe(97);
      break;
    }
    expect(isEnded).toBe(true);
  });
});
