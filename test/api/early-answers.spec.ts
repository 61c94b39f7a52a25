import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestService, type TestService } from '../support/service.js';

const LENGTH = 300_000;
const BEGIN = 100_000;

let service: TestService;
let socket: Socket;
let answer = '';
let failure: Error | undefined;

beforeAll(async () => {
  service = await startTestService();
});

afterAll(async () => {
  await service.stop();
});

/** Sends the beginning of a body that is refused by its first bytes, if not before. */
function begin(headers: readonly string[]): void {
  const { hostname, port } = new URL(service.url);
  answer = '';
  failure = undefined;
  socket = connect({ host: hostname, port: Number(port) });
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.on('error', (error) => (failure = error));
  const path = `/accounts/${service.account.accountID}/k8s/v1/apps/${service.account.accountID}/inventory`;
  const head = [`PUT ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', `Content-Length: ${LENGTH}`];
  socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n${'['.repeat(BEGIN)}`);
}

const ended = (): Promise<void> =>
  new Promise((resolve) =>
    socket.on('close', () => {
      resolve();
    }),
  );

describe('an answer that is ready before the body', () => {
  it.each([
    ['a missing token', []],
    ['a missing app', ['Authorization: token']],
  ])('waits for it where the connection ends: %s', async (_, headers) => {
    const bearer = headers.map((header) => header.replace('token', `Bearer ${service.account.token}`));
    begin(['Connection: close', ...bearer]);
    const end = ended();
    await sleep(100);
    expect(answer).toBe('');
    for (let sent = BEGIN; sent < LENGTH; sent += BEGIN) {
      socket.write('['.repeat(BEGIN));
      await sleep(10);
    }
    await end;
    expect(failure).toBeUndefined();
    expect(answer).toMatch(headers.length === 0 ? /^HTTP\/1.1 401 / : /^HTTP\/1.1 404 /);
  });

  it('waits no longer than some seconds for a client that sends nothing more', async () => {
    begin(['Connection: close']);
    await ended();
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });

  it('does not wait where the connection goes on', async () => {
    begin([]);
    while (answer === '') await sleep(5);
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    socket.write('['.repeat(LENGTH - BEGIN));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await ended();
    expect(failure).toBeUndefined();
    expect(answer).toContain('HTTP/1.1 200 ');
  });
});
