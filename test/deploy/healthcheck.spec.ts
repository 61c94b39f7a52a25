import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';

const PROGRAM = fileURLToPath(new URL('../../deploy/docker/healthcheck.js', import.meta.url));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server, host: string): Promise<string> {
  servers.push(server);
  server.on('request', ({ url }, response) => response.writeHead(url === '/healthz' ? 200 : 404).end());
  await once(server.listen(0, host), 'listening');
  return String((server.address() as AddressInfo).port);
}

/** The exit status of the health check with these settings. */
function check(env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM], { env }, (error) => {
      resolve(error === null ? 0 : Number(error.code));
    });
  });
}

describe('the health check of the image', () => {
  it.each([
    ['127.0.0.1', ''],
    ['0.0.0.0', '0.0.0.0'],
    ['127.0.0.2', '127.0.0.2'],
    ['::1', '::'],
    ['::1', '::1'],
  ])('asks a service that listens on %s where HOST is "%s"', async (host, HOST) => {
    const PORT = await listening(createServer(), host);
    expect(await check({ HOST, PORT })).toBe(0);
  });

  it('asks by HTTPS where the service has a certificate, whatever name that has', async () => {
    const pair = await selfSignedPair();
    const folder = await mkdtemp(join(tmpdir(), 'execution-hooks-health-'));
    await writeFile(join(folder, 'tls.crt'), pair.cert);
    const PORT = await listening(createHttpsServer(pair), '127.0.0.1');
    expect(await check({ PORT, TLS_CERT_FILE: join(folder, 'tls.crt') })).toBe(0);
    expect(await check({ PORT })).toBe(1);
    await rm(folder, { recursive: true });
  });

  it('fails where nothing listens, and where something else answers', async () => {
    const server = createServer((_request, response) => response.writeHead(503).end());
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const PORT = String((server.address() as AddressInfo).port);
    expect(await check({ PORT })).toBe(1);
    server.close();
    expect(await check({ PORT: '9' })).toBe(1);
  });
});
