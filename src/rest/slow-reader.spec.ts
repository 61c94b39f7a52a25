import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cutSlowReader } from './slow-reader.js';

/** More than what the system takes on behalf of a client that reads nothing. */
const LENGTH = 64 * 1024 ** 2;
const CHUNK = Buffer.alloc(64 * 1024, 'x');
const LEAST_RATE = { graceMs: 50, bytesPerSecond: 1024 ** 4 };

let server: Server;
beforeAll(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

async function request(): Promise<{ readonly client: Socket; readonly response: ServerResponse }> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  const requested = once(server, 'request') as Promise<[unknown, ServerResponse]>;
  client.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
  const [, response] = await requested;
  return { client, response };
}

function* chunks(): Generator<Buffer> {
  for (let length = 0; length < LENGTH; length += CHUNK.length) yield CHUNK;
}

async function lengthOf(client: Socket): Promise<number> {
  let length = 0;
  for await (const chunk of client as AsyncIterable<Buffer>) length += chunk.length;
  return length;
}

describe('a client', () => {
  it('that takes nothing of an answer is cut', async () => {
    const { client, response } = await request();
    cutSlowReader(response, LEAST_RATE);
    Readable.from(chunks()).pipe(response);
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
    client.destroy();
  });

  it('that takes enough gets all of it, however long the answer is in the making', async () => {
    const { client, response } = await request();
    cutSlowReader(response, { ...LEAST_RATE, bytesPerSecond: 1 });
    const length = lengthOf(client);
    const begun = performance.now();
    response.write('begun');
    while (performance.now() < begun + 4 * LEAST_RATE.graceMs) await new Promise(setImmediate);
    Readable.from(chunks()).pipe(response);
    expect(await length).toBeGreaterThan(LENGTH);
  });

  it('that waits for an answer in the making is not slow', async () => {
    const { client, response } = await request();
    cutSlowReader(response, LEAST_RATE);
    const length = lengthOf(client);
    response.write('begun');
    const begun = performance.now();
    while (performance.now() < begun + 4 * LEAST_RATE.graceMs) await new Promise(setImmediate);
    response.end();
    expect(await length).toBeGreaterThan(0);
    expect(response.writableFinished).toBe(true);
  });
});
