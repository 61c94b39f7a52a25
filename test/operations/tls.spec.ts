import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createAccount } from '../../src/features/accounts/new-account.js';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { type Service, startService } from '../../src/app/service.js';
import { readSettings } from '../../src/settings/settings.js';
import { type KeyPair, selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { HttpsClient } from '../support/https-client.js';
import { hookSourceBody } from '../support/resources.js';
import { ServiceProcess } from '../support/service-process.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

/** The version that a client which trusts `ca` alone agrees on with the service, or the code of its error. */
function agreed(url: string, ca: string, options: ConnectionOptions = {}): Promise<string | null | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ca, ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code);
    });
  });
}

async function isAlive(url: string, certificate: string): Promise<boolean> {
  const client = new HttpsClient(url, certificate, 0);
  const { status } = await client.send('GET', '/healthz', [], '');
  client.close();
  return status === 200;
}

/** Writes a pair as the files that the settings name. */
async function written(
  name: string,
  { cert, key }: KeyPair,
): Promise<{ readonly TLS_CERT_FILE: string; readonly TLS_KEY_FILE: string }> {
  await mkdir(join(folder, name), { recursive: true });
  const files = { TLS_CERT_FILE: join(folder, name, 'tls.crt'), TLS_KEY_FILE: join(folder, name, 'tls.key') };
  await writeFile(files.TLS_CERT_FILE, cert);
  await writeFile(files.TLS_KEY_FILE, key);
  return files;
}

describe('npm start -- --tls', () => {
  let running: ServiceProcess;
  /** Starts the service on the embedded PostgreSQL, unless `env` says otherwise. */
  const start = (env: Readonly<Record<string, string>>): ServiceProcess => {
    running = ServiceProcess.start(['--tls'], { PORT: '0', ...env });
    return running;
  };
  afterEach(() => running.stop());

  it('serves the demo with a certificate of its own, says how to use it, and keeps it', async () => {
    const data = join(folder, 'data');
    const url = await start({ DATA_DIR: data }).listens();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const command = await running.says(/\n {2}(curl [^\n]+)\n/);
    const [, certFile = '', token = '', asked = ''] =
      /^curl -s --cacert "([^"]+)" -H "Authorization: Bearer ([^"]+)" (\S+)$/.exec(command) ?? [];
    expect(running.output).toContain(`Certificate ${certFile} (`);
    expect(asked).toBe(`${url}/accounts/${DEMO.accountID}/core/v1/executionHooks/${DEMO.hookID}`);
    const certificate = await readFile(certFile, 'utf8');
    const client = new HttpsClient(url, certificate, 0);
    const answer = await client.send('GET', new URL(asked).pathname, [['Authorization', `Bearer ${token}`]], '');
    client.close();
    expect(answer).toMatchObject({ status: 200 });
    expect(JSON.parse(answer.text)).toMatchObject({ name: 'payroll-freeze' });
    expect(JSON.parse(await readFile(join(data, 'demo.json'), 'utf8'))).toMatchObject({ url, token });

    expect(await isAlive(url.replace('127.0.0.1', 'localhost'), certificate)).toBe(true);
    // A client that was not told to trust it does not, and it is for no other name.
    expect(await agreed(url, (await selfSignedPair()).cert)).toMatch(/SELF_SIGNED_CERT/);
    expect(await agreed(url, certificate, { servername: 'hooks.example' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await running.stop()).toBe(0);

    const again = await start({ DATA_DIR: data, DATABASE_URL: database.url }).listens();
    expect(await readFile(certFile, 'utf8')).toBe(certificate);
    expect(await isAlive(again, certificate)).toBe(true);
    // Neither the key nor the certificate is anything to log.
    expect(running.output + running.errors).not.toContain('BEGIN');
  });

  it('makes none where the settings name one, and says by name what is wrong with that', async () => {
    const [one, other] = [await selfSignedPair(), await selfSignedPair()];
    const data = join(folder, 'unused');
    const files = await written('no pair', { cert: one.cert, key: other.key });
    expect(await start({ DATA_DIR: data, DATABASE_URL: database.url, ...files }).end()).toBe(78);
    expect(running.errors).toContain('TLS_CERT_FILE');
    expect(running.errors).not.toContain('BEGIN');
    await expect(stat(data)).rejects.toThrow('ENOENT');
  });
});

describe('TLS_CERT_FILE and TLS_KEY_FILE', () => {
  let first: KeyPair;
  let service: Service;
  const log: string[] = [];
  let onLog: () => void = () => undefined;
  beforeAll(async () => {
    first = await selfSignedPair();
    await written('..2026_11_01', first);
    // The kubelet's way: files that are links through `..data`, which is put in place of the last one in one step.
    await symlink('..2026_11_01', join(folder, '..data'));
    await symlink('..data/tls.crt', join(folder, 'tls.crt'));
    await symlink('..data/tls.key', join(folder, 'tls.key'));
    const settings = readSettings({
      DATABASE_URL: database.url,
      PORT: '0',
      TLS_CERT_FILE: join(folder, 'tls.crt'),
      TLS_KEY_FILE: join(folder, 'tls.key'),
    });
    const write = (line: string): void => {
      log.push(line);
      onLog();
    };
    service = await startService(settings, pino({}, { write }), () => undefined, new AbortController().signal);
  });
  afterAll(() => service.stop());

  it('are served with TLS 1.2 and 1.3, and nothing that is older', async () => {
    const { url } = service;
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await agreed(url, first.cert, { ...old, maxVersion: 'TLSv1' })).toMatch(/ALERT_PROTOCOL_VERSION/);
    expect(await agreed(url, first.cert, { ...old, maxVersion: 'TLSv1.1' })).toMatch(/ALERT_PROTOCOL_VERSION/);
    expect(await agreed(url, first.cert, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    expect(await agreed(url, first.cert)).toBe('TLSv1.3');
  });

  it('are no harm to it when what comes is no TLS, or half of it', async () => {
    const { hostname, port } = new URL(service.url);
    const plain = new Promise((resolve, reject) => {
      request({ host: hostname, port, path: '/healthz' }, resolve).on('error', reject).end();
    });
    await expect(plain).rejects.toMatchObject({ code: 'ECONNRESET' });
    await new Promise<void>((resolve) => {
      const socket = createConnection({ host: hostname, port: Number(port) }, () => {
        socket.end(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
      });
      socket.on('close', () => {
        resolve();
      });
      socket.resume();
    });
    expect(await isAlive(service.url, first.cert)).toBe(true);
  });

  it('make Location begin with https', async () => {
    const { accountID, token } = await database.database.transaction((transaction) =>
      createAccount(transaction, { name: 'TLS', ownerEmail: 'owner@tls.example' }),
    );
    const client = new HttpsClient(service.url, first.cert, 1);
    const body = JSON.stringify(hookSourceBody());
    const created = await client.send(
      'POST',
      `/accounts/${accountID}/core/v1/hookSources`,
      [
        ['Authorization', `Bearer ${token}`],
        ['Content-Type', 'application/json'],
        ['Content-Length', String(body.length)],
      ],
      body,
    );
    const { location = '' } = created.headers;
    expect(location.slice(0, service.url.length)).toBe(service.url);
    const { pathname } = new URL(location);
    expect((await client.send('GET', pathname, [['Authorization', `Bearer ${token}`]], '')).text).toBe(created.text);
    client.close();
  });

  it('are followed when they change, as a mounted Kubernetes secret changes, and connections go on', async () => {
    const { url } = service;
    const second = await selfSignedPair();
    await written('..2026_12_01', second);
    expect(await agreed(url, second.cert)).toMatch(/SELF_SIGNED_CERT/);
    const before = new HttpsClient(url, first.cert, 1);
    expect(await before.send('GET', '/healthz', [], '')).toMatchObject({ status: 200 });

    const reloaded = new Promise<void>((resolve) => {
      onLog = () => {
        if (log.at(-1)?.includes('The certificate was reloaded.') === true) resolve();
      };
    });
    await symlink('..2026_12_01', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await reloaded;
    expect(await isAlive(url, second.cert)).toBe(true);
    expect(await agreed(url, first.cert)).toMatch(/SELF_SIGNED_CERT/);
    // The open connection is none the worse for it.
    expect(await before.send('GET', '/healthz', [], '')).toMatchObject({ status: 200 });
    before.close();
  });
});
