import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { CertificateReload, OLDEST_TLS } from './certificate-reload.js';
import { type KeyPair, selfSignedPair } from './self-signed-pair.js';

/** Far longer than a test: only `look()` looks. */
const NEVER_MS = 2 ** 30;

let folder: string;
let certFile: string;
let keyFile: string;
let first: KeyPair;
let server: Server;
let reload: CertificateReload;
let log: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-reload-'));
  certFile = join(folder, 'tls.crt');
  keyFile = join(folder, 'tls.key');
  first = await selfSignedPair();
  await write(first);
  server = createServer({ ...first, minVersion: OLDEST_TLS });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  log = [];
  const logger = pino({}, { write: (line: string) => log.push(line) });
  reload = new CertificateReload(server, { certFile, keyFile, ...first }, logger, NEVER_MS);
});

afterEach(async () => {
  reload.stop();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function write({ cert, key }: KeyPair): Promise<void> {
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
}

/** Whether a client that trusts this certificate alone gets a connection. */
function isTrustedBy({ cert }: KeyPair, options: ConnectionOptions = {}): Promise<boolean> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ca: cert, ...options }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}

describe('CertificateReload', () => {
  it('serves with the new pair once both files hold it', async () => {
    const second = await selfSignedPair();
    await write(second);
    expect(await isTrustedBy(second)).toBe(false);
    await reload.look();
    expect(await isTrustedBy(second)).toBe(true);
    expect(await isTrustedBy(first)).toBe(false);
  });

  it('keeps the previous pair while the files do not belong together, and takes the new one when they do', async () => {
    const second = await selfSignedPair();
    await writeFile(certFile, second.cert);
    await reload.look();
    expect(await isTrustedBy(first)).toBe(true);
    expect(log.join('')).toContain('the previous one stays');
    await writeFile(keyFile, second.key);
    await reload.look();
    expect(await isTrustedBy(second)).toBe(true);
  });

  it('keeps the previous pair when a file is gone', async () => {
    await rm(certFile);
    await reload.look();
    expect(await isTrustedBy(first)).toBe(true);
    expect(log).toHaveLength(1);
  });

  it('does and says nothing when nothing has changed', async () => {
    await reload.look();
    expect(log).toEqual([]);
  });

  it('refuses TLS older than 1.2, before and after a change', async () => {
    const old: ConnectionOptions = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await isTrustedBy(first, old)).toBe(false);
    const second = await selfSignedPair();
    await write(second);
    await reload.look();
    expect(await isTrustedBy(second, old)).toBe(false);
    expect(await isTrustedBy(second, { maxVersion: 'TLSv1.2' })).toBe(true);
  });
});
