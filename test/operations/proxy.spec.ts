import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newBearerToken } from '../../src/access/bearer-token.js';
import { expectProblem } from '../support/problems.js';
import { sendRaw } from '../support/raw-http.js';
import { createReferences, hookBody, hookSourceBody, appBody, UNKNOWN_ID } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

type Headers = Readonly<Record<string, string>>;

/** What a proxy on the way from `https://hooks.example` says of a request. */
const FORWARDED: Headers = {
  'X-Forwarded-For': '192.0.2.7',
  'X-Forwarded-Host': 'hooks.example',
  'X-Forwarded-Proto': 'https',
};

/** Makes a hook source below a prefix and tells its `Location`, with the part that is its own path left out. */
async function locationBase(service: TestService, headers: Headers, prefix = ''): Promise<string> {
  const { accountID, token } = service.account;
  const path = `/accounts/${accountID}/core/v1/hookSources`;
  const answer = await service
    .sendBare('post', prefix + path)
    .set({ authorization: `Bearer ${token}`, ...headers })
    .send(hookSourceBody());
  expect(answer.status).toBe(201);
  const location = answer.get('location') ?? '';
  const end = `${path}/${(answer.body as { id: string }).id}`;
  expect(location.slice(-end.length)).toBe(end);
  return location.slice(0, -end.length);
}

describe('Location, with no setting', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });
  afterAll(() => service.stop());

  it('begins with the protocol and the host that the request has', async () => {
    expect(await locationBase(service, {})).toBe(service.url);
    expect(await locationBase(service, { host: 'hooks.example' })).toBe('http://hooks.example');
    expect(await locationBase(service, { host: 'hooks.example:8443' })).toBe('http://hooks.example:8443');
    expect(await locationBase(service, { host: '[2001:db8::7]:8443' })).toBe('http://[2001:db8::7]:8443');
    expect(await locationBase(service, { host: '[::1]' })).toBe('http://[::1]');
  });

  it('takes no word of a proxy that the settings do not name', async () => {
    expect(await locationBase(service, FORWARDED)).toBe(service.url);
    const others = {
      forwarded: 'host=hooks.example;proto=https',
      'x-forwarded-prefix': '/hooks',
      'x-original-host': 'x',
    };
    expect(await locationBase(service, others)).toBe(service.url);
  });

  it('is the path alone where the request names no host that a URL can have', async () => {
    expect(await locationBase(service, { host: 'hooks.example/other?' })).toBe('');
    expect(await locationBase(service, { host: 'user@hooks.example' })).toBe('');
    const { accountID, token } = service.account;
    const path = `/accounts/${accountID}/core/v1/hookSources`;
    const body = JSON.stringify(hookSourceBody());
    const answer = await sendRaw(
      service.url,
      [
        `POST ${path} HTTP/1.0`,
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`${path}/${(JSON.parse(answer.text) as { id: string }).id}`);
  });

  it('leads to the resource, of every kind', async () => {
    const references = await createReferences(service);
    for (const [path, body] of [
      ['/k8s/v2/apps', appBody()],
      ['/core/v1/hookSources', hookSourceBody()],
      ['/core/v1/executionHooks', hookBody(references)],
      [`/k8s/v1/apps/${references.appID}/executionHooks`, hookBody(references)],
    ] as const) {
      const created = await service.send('post', path).send(body);
      const { pathname, origin } = new URL(created.get('location') ?? '');
      expect(origin).toBe(service.url);
      const read = await service.sendBare('get', pathname).set('authorization', `Bearer ${service.account.token}`);
      expect(read.status).toBe(200);
      expect(read.body).toEqual(created.body);
    }
  });
});

describe('Location, with TRUST_PROXY', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ TRUST_PROXY: '192.0.2.0/24,loopback', FAILED_AUTHENTICATION_LIMIT: '1' });
  });
  afterAll(() => service.stop());

  it.each<[headers: Headers, base: string]>([
    [FORWARDED, 'https://hooks.example'],
    [{ ...FORWARDED, 'X-Forwarded-Host': 'hooks.example:8443' }, 'https://hooks.example:8443'],
    [{ ...FORWARDED, 'X-Forwarded-Host': '[2001:db8::7]:8443' }, 'https://[2001:db8::7]:8443'],
    [{ ...FORWARDED, 'X-Forwarded-Host': '198.51.100.4' }, 'https://198.51.100.4'],
    [{ ...FORWARDED, 'X-Forwarded-Proto': 'http' }, 'http://hooks.example'],
    // Where a client could send a value of its own, the proxy's is the last one.
    [{ ...FORWARDED, 'X-Forwarded-Host': 'client.example, hooks.example' }, 'https://hooks.example'],
    [{ ...FORWARDED, 'X-Forwarded-Proto': 'http, https' }, 'https://hooks.example'],
    // A proxy that leaves `Host` as the client sent it need not say it again.
    [{ Host: 'hooks.example:8443', 'X-Forwarded-Proto': 'https' }, 'https://hooks.example:8443'],
    // Nothing that a URL cannot begin with.
    [{ ...FORWARDED, 'X-Forwarded-Proto': 'javascript' }, ''],
    [{ ...FORWARDED, 'X-Forwarded-Host': 'hooks.example/other' }, ''],
    [{ ...FORWARDED, 'X-Forwarded-Host': '"><script>' }, ''],
  ])('of a request that was forwarded with %j begins with "%s"', async (headers, base) => {
    expect(await locationBase(service, headers)).toBe(base);
  });

  it('tells clients apart by the address that the proxy names', async () => {
    const from = (address: string): Headers => ({ ...FORWARDED, 'X-Forwarded-For': address });
    const guess = (headers: Headers) =>
      service.sendBare('get', '/accounts').set({ authorization: `Bearer ${newBearerToken()}`, ...headers });
    expect((await guess(from('198.51.100.1'))).status).toBe(401);
    expect((await guess(from('198.51.100.1'))).status).toBe(429);
    expect((await guess(from('198.51.100.2'))).status).toBe(401);
    // The proxy has another one in front of it, which is trusted too.
    expect((await guess(from('198.51.100.2, 192.0.2.9'))).status).toBe(429);
    // What stands before the proxy's own entry is the client's word.
    expect((await guess(from('198.51.100.3, 198.51.100.2'))).status).toBe(429);
  });
});

describe('Location, with a TRUST_PROXY that the request does not come from', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ TRUST_PROXY: '192.0.2.0/24,2001:db8::/32', FAILED_AUTHENTICATION_LIMIT: '1' });
  });
  afterAll(() => service.stop());

  it('takes no word of it', async () => {
    expect(await locationBase(service, FORWARDED)).toBe(service.url);
    expect(await locationBase(service, { ...FORWARDED, 'X-Forwarded-For': '192.0.2.7, 192.0.2.8' })).toBe(service.url);
  });

  it('tells clients apart by the address that they come from', async () => {
    const guess = (address: string) =>
      service
        .sendBare('get', '/accounts')
        .set({ authorization: `Bearer ${newBearerToken()}`, 'X-Forwarded-For': address });
    expect((await guess('192.0.2.7')).status).toBe(401);
    expect((await guess('192.0.2.8')).status).toBe(429);
  });
});

describe('docs/tls.md', () => {
  it('shows the configuration of nginx as it is in deploy/', async () => {
    const [shown, configuration] = await Promise.all(
      ['docs/tls.md', 'deploy/nginx/execution-hooks.conf'].map((path) =>
        readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8'),
      ),
    );
    expect(shown).toContain(`\`\`\`nginx\n${configuration ?? ''}\`\`\``);
  });
});

describe('Location, with PUBLIC_URL', () => {
  it.each<[env: Headers, prefix: string, base: string]>([
    [{ PUBLIC_URL: 'https://public.example' }, '', 'https://public.example'],
    [{ PUBLIC_URL: 'https://public.example:8443/' }, '', 'https://public.example:8443'],
    // A proxy that strips the prefix: the service knows it from here alone.
    [{ PUBLIC_URL: 'https://public.example/hooks' }, '', 'https://public.example/hooks'],
    // A proxy that leaves it, and one that puts another one in its place.
    [{ PUBLIC_URL: 'https://public.example/hooks', BASE_PATH: '/hooks' }, '/hooks', 'https://public.example/hooks'],
    [
      { PUBLIC_URL: 'https://public.example/outside', BASE_PATH: '/inside' },
      '/inside',
      'https://public.example/outside',
    ],
  ])('with %j begins with it, whatever the request says', async (env, prefix, base) => {
    const service = await startTestService({ TRUST_PROXY: 'loopback', ...env });
    try {
      expect(await locationBase(service, {}, prefix)).toBe(base);
      expect(await locationBase(service, { ...FORWARDED, host: 'other.example' }, prefix)).toBe(base);
    } finally {
      await service.stop();
    }
  });
});

describe('everything, with BASE_PATH', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ BASE_PATH: '/storage/hooks', TRUST_PROXY: 'loopback' });
  });
  afterAll(() => service.stop());

  it('is below it, Location too', async () => {
    expect(await locationBase(service, {}, '/storage/hooks')).toBe(`${service.url}/storage/hooks`);
    expect(await locationBase(service, FORWARDED, '/storage/hooks')).toBe('https://hooks.example/storage/hooks');
    const { accountID, token } = service.account;
    const created = await service
      .sendBare('post', `/storage/hooks/accounts/${accountID}/k8s/v2/apps`)
      .set({ authorization: `Bearer ${token}`, ...FORWARDED })
      .send(appBody());
    const { pathname } = new URL(created.get('location') ?? '');
    const read = await service.sendBare('get', pathname).set('authorization', `Bearer ${token}`);
    expect(read.body).toEqual(created.body);
  });

  it('is not outside of it, nor below what only begins like it', async () => {
    const { accountID, token } = service.account;
    for (const prefix of ['', '/storage', '/storage/hooks2', '/Storage/hooks', '/storage/hooks/storage/hooks']) {
      const path = `${prefix}/accounts/${accountID}/k8s/v2/apps`;
      expectProblem(await service.sendBare('get', path).set('authorization', `Bearer ${token}`), 2);
    }
  });

  it('keeps its problems: a token first, then the path', async () => {
    expectProblem(await service.sendBare('get', `/storage/hooks/accounts/${UNKNOWN_ID}/k8s/v2/apps`), 3);
    expectProblem(await service.sendBare('get', '/storage/hooks/accounts/x/y'), 3);
    expectProblem(await service.sendBare('get', '/storage/hooks'), 2);
    expectProblem(await service.sendBare('put', '/storage').send('{'), 1);
  });

  it('has the documents too, which point to it, and not what probes ask for', async () => {
    const document = await service.sendBare('get', '/storage/hooks/openapi.json');
    expect((document.body as { servers: unknown }).servers).toEqual([{ url: '/storage/hooks' }]);
    const page = await service.sendBare('get', '/storage/hooks/docs');
    expect(page.status).toBe(200);
    for (const [, asset = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const { pathname } = new URL(asset, 'http://x/storage/hooks/docs');
      expect({ pathname, status: (await service.sendBare('get', pathname)).status }).toEqual({ pathname, status: 200 });
    }
    expect((await service.sendBare('get', '/healthz')).status).toBe(200);
    expect((await service.sendBare('get', '/readyz')).status).toBe(200);
  });
});
