import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { type KeyPair, keptSelfSignedPair, selfSignedPair } from './self-signed-pair.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'self-signed-pair-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function kept(): Promise<KeyPair> {
  const { certFile, keyFile } = await keptSelfSignedPair(dataDir);
  return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
}

describe('selfSignedPair', () => {
  it('names this machine, and nothing else', async () => {
    const certificate = new X509Certificate((await selfSignedPair()).cert);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(certificate.checkHost('execution-hooks.example')).toBeUndefined();
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it('is another one each time', async () => {
    expect((await selfSignedPair()).key).not.toBe((await selfSignedPair()).key);
  });
});

describe('keptSelfSignedPair', () => {
  it('is the same at each start, its key readable by its owner alone', async () => {
    const first = await kept();
    expect(await kept()).toEqual(first);
    const { keyFile } = await keptSelfSignedPair(dataDir);
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dataDir, 'tls'))).mode & 0o777).toBe(0o700);
  });

  it.each<[what: string, damage: (files: { certFile: string; keyFile: string }) => Promise<void>]>([
    ['the key is gone', ({ keyFile }) => rm(keyFile)],
    ['the certificate is gone', ({ certFile }) => rm(certFile)],
    [
      'the certificate is cut off',
      async ({ certFile }) => writeFile(certFile, (await readFile(certFile)).subarray(0, 99)),
    ],
    ['the key is of another certificate', async ({ keyFile }) => writeFile(keyFile, (await selfSignedPair()).key)],
  ])('is made anew when %s', async (_, damage) => {
    const first = await kept();
    await damage(await keptSelfSignedPair(dataDir));
    const second = await kept();
    expect(second.cert).not.toBe(first.cert);
    expect(new X509Certificate(second.cert).checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(await kept()).toEqual(second);
  });

  it('is made anew within a month of its end', async () => {
    const { certFile, keyFile } = await keptSelfSignedPair(dataDir);
    const inDays = (days: number): Date => new Date(Date.now() + days * 24 * 60 * 60 * 1000);
    for (const [days, isKept] of [
      [29, false],
      [31, true],
    ] as const) {
      const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
        keyType: 'ec',
        notAfterDate: inDays(days),
      });
      await writeFile(certFile, cert);
      await writeFile(keyFile, key);
      expect((await kept()).cert === cert).toBe(isKept);
    }
  });
});
