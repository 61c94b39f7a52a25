import { createServer, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { readJsonBody } from './json-body.js';

describe('a body', () => {
  const server = createServer();
  let client: Socket;
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  });
  afterEach(() => {
    client.destroy();
    server.close();
  });

  async function begun(): Promise<IncomingMessage> {
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a":');
    const [request] = (await once(server, 'request')) as [IncomingMessage];
    return request;
  }

  it('that does not arrive in time is given up, and its connection with the answer', async () => {
    const request = await begun();
    await expect(readJsonBody(request, { bytes: 100, timeMs: 20 })).rejects.toMatchObject({
      status: 408,
      headers: { connection: 'close' },
    });
  });

  it('that does is read, however many pieces it comes in', async () => {
    const request = await begun();
    const read = readJsonBody(request, { bytes: 100, timeMs: 2 ** 31 - 1 });
    client.write('1234');
    client.write('}');
    expect(await read).toEqual({ a: 1234 });
  });
});
