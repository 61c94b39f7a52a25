import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { RequestAborted } from '../../rest/json-body.js';
import { InvalidJsonPayload, PlainProblem, RequestBodyTooLarge } from '../../problems/catalogue.js';
import { podListBytes } from './pod-list-bytes.js';

const TEXT = Buffer.from('a list of pods, or something like it. '.repeat(5_000));
const LIMITS = { bytes: 1_000_000 };

function chunksOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

async function collect(bytes: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function receive(sent: Buffer, encoding: string | undefined, limits = LIMITS, size = 997): Promise<Buffer> {
  return collect(podListBytes(Readable.from(chunksOf(sent, size), { objectMode: false }), encoding, limits));
}

describe('the bytes of a pod list', () => {
  it.each([undefined, '', 'identity', 'Identity'])('come as they were sent with the encoding %j', async (encoding) => {
    expect((await receive(TEXT, encoding)).equals(TEXT)).toBe(true);
  });

  it.each(['gzip', 'x-gzip', 'GZIP', ' gzip '])('come decompressed with the encoding %j', async (encoding) => {
    expect((await receive(gzipSync(TEXT), encoding)).equals(TEXT)).toBe(true);
    expect((await receive(gzipSync(TEXT), encoding, LIMITS, 1)).equals(TEXT)).toBe(true);
    // A gzip file may consist of several members, one after the other.
    const twice = await receive(Buffer.concat([gzipSync(TEXT), gzipSync(TEXT)]), encoding);
    expect(twice.equals(Buffer.concat([TEXT, TEXT]))).toBe(true);
  });

  it.each(['br', 'deflate', 'gzip, gzip', 'zstd', 'gzip;q=1'])('are refused with the encoding %j', (encoding) => {
    const attempt = (): unknown => podListBytes(Readable.from([]), encoding, LIMITS);
    expect(attempt).toThrow(PlainProblem);
    expect(attempt).toThrow(expect.objectContaining({ status: 415, headers: { 'accept-encoding': 'gzip, identity' } }));
  });

  it('are refused when they are no gzip, damaged, or cut off', async () => {
    const compressed = gzipSync(TEXT);
    const damaged = Buffer.from(compressed);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 6) ^ 1, damaged.length - 6);
    const cases = [
      TEXT,
      deflateSync(TEXT),
      damaged,
      compressed.subarray(0, 9),
      compressed.subarray(0, -1),
      Buffer.concat([compressed, TEXT]),
    ];
    for (const sent of cases) {
      await expect(receive(sent, 'gzip')).rejects.toBeInstanceOf(InvalidJsonPayload);
    }
  });

  it('are refused beyond the limit, compressed or not', async () => {
    const limits = { bytes: TEXT.length };
    expect((await receive(TEXT, undefined, limits)).equals(TEXT)).toBe(true);
    expect((await receive(gzipSync(TEXT), 'gzip', limits)).equals(TEXT)).toBe(true);
    const longer = Buffer.concat([TEXT, Buffer.from('!')]);
    await expect(receive(longer, undefined, limits)).rejects.toBeInstanceOf(RequestBodyTooLarge);
    await expect(receive(gzipSync(longer), 'gzip', limits)).rejects.toBeInstanceOf(RequestBodyTooLarge);
  });

  it('end at the limit, however small they were compressed', async () => {
    let received = 0;
    const bomb = podListBytes(Readable.from([gzipSync(Buffer.alloc(50_000_000))]), 'gzip', LIMITS);
    const reading = (async () => {
      for await (const chunk of bomb) received += chunk.length;
    })();
    await expect(reading).rejects.toBeInstanceOf(RequestBodyTooLarge);
    expect(received).toBeLessThanOrEqual(LIMITS.bytes);
  });

  it('end at the limit when compressed blocks hold nothing', async () => {
    // A flush ends a block: an empty one is 5 bytes that decompress to none.
    const start = gzipSync(Buffer.alloc(0), { finishFlush: constants.Z_SYNC_FLUSH });
    const empty = Buffer.from([0, 0, 0, 0xff, 0xff]);
    let sent = 0;
    async function* endless(): AsyncGenerator<Buffer, void> {
      yield start;
      for (;;) {
        const blocks = Buffer.concat(Array.from({ length: 1000 }, () => empty));
        sent += blocks.length;
        yield await Promise.resolve(blocks);
      }
    }
    const bytes = podListBytes(Readable.from(endless(), { objectMode: false }), 'gzip', LIMITS);
    await expect(collect(bytes)).rejects.toBeInstanceOf(RequestBodyTooLarge);
    // The rest is let run off, at most as much again.
    expect(sent).toBeLessThan(4 * LIMITS.bytes);
  });
});

describe('the bytes of a request', () => {
  /** Serves one request with `handle`, and gives the port to send it to. */
  async function serve<T>(
    handle: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
    use: (port: number) => Promise<T>,
  ): Promise<T> {
    const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await use((server.address() as AddressInfo).port);
    } finally {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }

  it.each([undefined, 'gzip'])('end with an error when the client leaves: encoding %s', async (encoding) => {
    const outcome = new EventEmitter();
    const arrived = once(outcome, 'arrived');
    const settled = once(outcome, 'settled');
    await serve(
      async (incoming) => {
        outcome.emit('arrived');
        const error = await collect(podListBytes(incoming, encoding, LIMITS)).catch((reason: unknown) => reason);
        outcome.emit('settled', error);
      },
      async (port) => {
        const sending = request({ port, method: 'PUT' });
        sending.on('error', () => undefined);
        sending.write((encoding === undefined ? TEXT : gzipSync(TEXT)).subarray(0, 100));
        await arrived;
        sending.destroy();
        expect(await settled).toEqual([expect.any(RequestAborted)]);
      },
    );
  });

  it('end with an error when the client has left already', async () => {
    const body = new Readable({ read: () => undefined });
    body.destroy();
    await once(body, 'close');
    for (const encoding of [undefined, 'gzip']) {
      await expect(collect(podListBytes(body, encoding, LIMITS))).rejects.toBeInstanceOf(RequestAborted);
    }
  });

  it.each([undefined, 'gzip'])(
    'leave the connection to the answer when they are not read to their end: encoding %s',
    async (encoding) => {
      await serve(
        async (incoming, outgoing) => {
          for await (const chunk of podListBytes(incoming, encoding, { bytes: 100_000_000 })) {
            if (chunk.length > 0) break;
          }
          outgoing.writeHead(400).end('no list');
        },
        async (port) => {
          // A client that looks at no answer before everything is sent: more than fits into the socket's buffers.
          const noise = Buffer.alloc(20_000_000, 'x');
          const body = encoding === undefined ? noise : gzipSync(noise, { level: 0 });
          const socket = connect(port, '127.0.0.1');
          socket.write(`PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`);
          await promisify((done: () => void) => socket.write(body, done))();
          const answer = (await once(socket.setEncoding('utf8'), 'data')) as [string];
          socket.destroy();
          expect(answer[0]).toMatch(/^HTTP\/1.1 400[^]*no list/);
        },
      );
    },
  );

  it('are not waited for without end when nobody wants them', async () => {
    const body = new Readable({
      read() {
        this.push(Buffer.alloc(10_000));
      },
    });
    await expect(collect(podListBytes(body, undefined, LIMITS))).rejects.toBeInstanceOf(RequestBodyTooLarge);
    await once(body, 'close');
    expect(body.destroyed).toBe(true);
  });
});
