import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response, type Test } from 'supertest';
import { openAccount } from '../support/accounts.js';
import { makePerson } from '../support/people.js';
import { expectPlainProblem, expectProblem } from '../support/problems.js';
import { appBody, createApp, hookBody, UNKNOWN_ID } from '../support/resources.js';
import { ServiceProcess } from '../support/service-process.js';
import { startTestService, type TestService } from '../support/service.js';
import type { CreatedToken } from '../support/shown.js';

const TOKEN = { type: 'application/astra-token', version: '1.0', name: 'test' };

function as(service: TestService, token: string, method: 'get' | 'post' | 'delete', path: string): Test {
  return service.sendBare(method, path).set('authorization', `Bearer ${token}`);
}

/** Everything of an answer that a client sees, but for what differs with each. */
function seen({ status, headers, text }: Response): unknown {
  const { 'x-correlation-id': id = '', ...rest } = headers as Record<string, string>;
  return { status, headers: { ...rest, date: '' }, text: text.replaceAll(id, '<id>') };
}

describe('an account that is not the caller’s', () => {
  let service: TestService;
  let other: TestService;
  let foreignApp: string;
  beforeAll(async () => {
    service = await startTestService();
    other = await openAccount(service);
    foreignApp = (await createApp(other)).id;
  });
  afterAll(() => service.stop());

  it.each(['get', 'post', 'put', 'delete'] as const)(
    'answers a %s byte by byte as one that does not exist, as one that is no identifier, and as one with nothing in it',
    async (method) => {
      const answers: unknown[] = [];
      for (const accountId of [other.account.accountID, UNKNOWN_ID, 'nothing']) {
        for (const path of ['', '/k8s/v2/apps', `/k8s/v2/apps/${foreignApp}`, '/core/v1/executionHooks', '/nowhere']) {
          const url = `/accounts/${accountId}${path}`;
          answers.push(
            seen(await service.sendBare(method, url).set('authorization', `Bearer ${service.account.token}`)),
          );
        }
      }
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    },
  );

  it('hides what is below it as what is not there', async () => {
    const [foreign, missing] = await Promise.all(
      [foreignApp, UNKNOWN_ID].map((id) => service.send('get', `/k8s/v2/apps/${id}`)),
    );
    expect(seen(foreign as Response)).toEqual(seen(missing as Response));
  });
});

describe('bad tokens', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ FAILED_AUTHENTICATION_LIMIT: '3', TRUST_PROXY: 'loopback' });
  });
  afterAll(() => service.stop());

  function from(address: string, token: string): Test {
    return as(service, token, 'get', `/accounts/${service.account.accountID}`).set('x-forwarded-for', address);
  }

  it('are held back after some of them, by address', async () => {
    for (let count = 0; count < 3; count++) expectProblem(await from('192.0.2.1', `ehooks_${count}`), 4);
    const held = await from('192.0.2.1', 'ehooks_next');
    expectPlainProblem(held, 429, 'Too Many Requests');
    const wait = Number((held.headers as Record<string, string>)['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expectProblem(await from('192.0.2.2', 'ehooks_next'), 4);
  });

  it('count for a whole IPv6 network, and for an IPv4 address however it is written', async () => {
    for (const host of ['1', 'ffff:1', 'a:b:c']) expectProblem(await from(`2001:db8:0:1::${host}`, 'ehooks_no'), 4);
    expectPlainProblem(await from('2001:db8::1:0:0:0:9', 'ehooks_no'), 429, 'Too Many Requests');
    expectProblem(await from('2001:db8:0:2::1', 'ehooks_no'), 4);
    for (let count = 0; count < 3; count++) expectProblem(await from('::ffff:192.0.2.9', 'ehooks_no'), 4);
    expectPlainProblem(await from('192.0.2.9', 'ehooks_no'), 429, 'Too Many Requests');
    expectProblem(await from('::ffff:192.0.2.10', 'ehooks_no'), 4);
  });

  it('never hold back a good one, seen before or not', async () => {
    const { token } = service.account;
    for (let count = 0; count < 4; count++) await from('192.0.2.3', 'ehooks_bad');
    expectPlainProblem(await from('192.0.2.3', 'ehooks_bad'), 429, 'Too Many Requests');
    expect((await from('192.0.2.3', token)).status).toBe(200);
    const person = await makePerson(service, 'viewer');
    expect((await from('192.0.2.3', person.token)).status).toBe(200);
    expectPlainProblem(await from('192.0.2.3', 'ehooks_bad'), 429, 'Too Many Requests');
  });

  it('hold an address back for a minute from the first of them', async () => {
    expectProblem(await from('192.0.2.6', 'ehooks_bad'), 4);
    const begun = performance.now();
    while (performance.now() < begun + 1_100) await new Promise(setImmediate);
    for (let count = 0; count < 2; count++) expectProblem(await from('192.0.2.6', 'ehooks_bad'), 4);
    const { headers } = await from('192.0.2.6', 'ehooks_bad');
    expect(Number((headers as Record<string, string>)['retry-after'])).toBeLessThan(60);
  });

  it('are not the requests without any', async () => {
    for (let count = 0; count < 5; count++) {
      expectProblem(await service.sendBare('get', '/accounts').set('x-forwarded-for', '192.0.2.5'), 3);
    }
  });
});

describe('what browsers are told', () => {
  let service: TestService;
  let open: TestService;
  beforeAll(async () => {
    service = await startTestService();
    open = await startTestService({ CORS_ORIGINS: 'https://console.example.com,http://localhost:3000' });
  });
  afterAll(async () => {
    await service.stop();
    await open.stop();
  });

  it('comes with every answer', async () => {
    for (const path of [
      `/accounts/${service.account.accountID}`,
      '/accounts',
      '/nowhere',
      '/healthz',
      '/openapi.json',
    ]) {
      const { headers } = await as(service, service.account.token, 'get', path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('strict-transport-security');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  it('lets Swagger UI run its own scripts and no other', async () => {
    const { headers, text } = await service.sendBare('get', '/docs');
    expect((headers as Record<string, string>)['content-security-policy']).toMatch(/^default-src 'self'; /);
    expect(text).not.toMatch(/<script(?![^>]* src=)/);
  });

  it('has them come by HTTPS only, where a trusted proxy says that they did', async () => {
    const behind = await startTestService({ TRUST_PROXY: 'loopback' });
    const { headers } = await behind.sendBare('get', '/healthz').set('x-forwarded-proto', 'https');
    await behind.stop();
    expect(headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000' });
  });

  it('lets no page of another origin in, unless the settings name it', async () => {
    const preflight = (of: TestService, origin: string): Test =>
      of
        .sendBare('options', '/accounts')
        .set({ origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' });
    const closed = await preflight(service, 'https://console.example.com');
    expectProblem(closed, 3);
    expect(closed.headers).not.toHaveProperty('access-control-allow-origin');
    const refused = await preflight(open, 'https://evil.example.com');
    expectProblem(refused, 3);
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');

    const allowed = await preflight(open, 'http://localhost:3000');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-methods': expect.stringContaining('PUT'),
      'access-control-allow-headers': expect.stringMatching(/Authorization.*If-Match/),
      vary: 'Origin',
    });
    const answer = await open.send('get', '').set('origin', 'https://console.example.com');
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://console.example.com',
      'access-control-expose-headers': expect.stringContaining('ETag'),
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
  });
});

describe('the log', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ LOG_LEVEL: 'trace' });
  });
  afterAll(() => service.stop());

  interface AuditLine {
    readonly correlationID: string;
    readonly level: number;
    readonly audit?: Readonly<Record<string, unknown>>;
  }

  function audits(of: TestService): AuditLine[] {
    return of.log.map((line) => JSON.parse(line) as AuditLine).filter(({ audit }) => audit !== undefined);
  }

  it('has one audit line for each write, and none for reads', async () => {
    const { accountID, userID, tokenID } = service.account;
    const made = await service.send('post', '/k8s/v2/apps').set('x-correlation-id', 'audit-1').send(appBody());
    const path = `/accounts/${accountID}/k8s/v2/apps`;
    const { id } = made.body as { id: string };
    await service.send('get', `/k8s/v2/apps/${id}`).set('x-correlation-id', 'audit-read');
    await service.send('delete', `/k8s/v2/apps/${id}?secret=1`).set('x-correlation-id', 'audit-2');
    await service.sendBare('put', `${path}/${id}`).set('x-correlation-id', 'audit-3').send({});
    const viewer = await makePerson(service, 'viewer');
    await viewer.send('delete', `/k8s/v2/apps/${id}`).set('x-correlation-id', 'audit-4');

    const address = '127.0.0.1';
    const owner = { userID, tokenID, address };
    expect(audits(service).map(({ correlationID, audit }) => [correlationID, audit])).toEqual([
      [
        'audit-1',
        { ...owner, method: 'POST', path, created: `${service.url}${path}/${id}`, outcome: 'done', status: 201 },
      ],
      ['audit-2', { ...owner, method: 'DELETE', path: `${path}/${id}`, outcome: 'refused', status: 400 }],
      [
        'audit-3',
        { userID: null, tokenID: null, address, method: 'PUT', path: `${path}/${id}`, outcome: 'refused', status: 401 },
      ],
      [
        'audit-4',
        {
          userID: viewer.userID,
          tokenID: viewer.tokenID,
          address,
          method: 'DELETE',
          path: `${path}/${id}`,
          outcome: 'refused',
          status: 403,
        },
      ],
    ]);
  });

  it('has the audit line of a write whose client did not wait for the answer', async () => {
    const body = JSON.stringify(appBody({ name: 'left-behind' }));
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    await service.database.transaction(async (transaction) => {
      await transaction.query({ text: 'LOCK TABLE apps IN EXCLUSIVE MODE' });
      socket.write(
        [
          `POST /accounts/${service.account.accountID}/k8s/v2/apps HTTP/1.1`,
          'Host: test',
          `Authorization: Bearer ${service.account.token}`,
          'X-Correlation-ID: left-behind',
          'Content-Type: application/json',
          `Content-Length: ${Buffer.byteLength(body)}`,
          '',
          body,
        ].join('\r\n'),
      );
      const waiting = {
        text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      };
      while ((await service.database.query(waiting)).length === 0) await new Promise(setImmediate);
      socket.destroy();
      await once(socket, 'close');
    });
    const line = (): AuditLine | undefined =>
      audits(service).find(({ correlationID }) => correlationID === 'left-behind');
    while (line() === undefined) await new Promise(setImmediate);
    expect(line()?.audit).toMatchObject({ outcome: 'done', status: 201 });
  });

  it('has audit lines at every level but silent', async () => {
    for (const [level, count] of [
      ['fatal', 1],
      ['silent', 0],
    ] as const) {
      const quiet = await startTestService({ LOG_LEVEL: level });
      await quiet.send('post', '/k8s/v2/apps').send(appBody());
      const lines = audits(quiet);
      await quiet.stop();
      expect(lines).toHaveLength(count);
    }
  });

  it('never has a token or its digest in it, nor has any answer but the one that makes it', async () => {
    const path = `/core/v1/users/${service.account.userID}/tokens`;
    const made = (await service.send('post', path).send(TOKEN)).body as Required<CreatedToken>;
    const bad = 'ehooks_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const account = `/accounts/${service.account.accountID}`;
    const answers: Response[] = [];
    for (const token of [made.token, bad, `${made.token}x`, 'a.b.c']) {
      for (const request of [
        as(service, token, 'get', account),
        as(service, token, 'get', `${account}${path}`),
        as(service, token, 'get', `${account}${path}/${made.id}`),
        as(service, token, 'get', `${account}${path}?filter=name eq 'test'&include=id,name,metadata`),
        as(service, token, 'get', `${account}${path}?filter=token_sha256 eq 'x'`),
        as(service, token, 'get', `${account}/core/v1/nothing`),
        as(service, token, 'post', `${account}${path}`).send('{'),
        as(service, token, 'post', `${account}${path}`).send({ ...TOKEN, name: '' }),
        as(service, token, 'post', `${account}/core/v1/executionHooks`).send(
          hookBody({ appID: UNKNOWN_ID, hookSourceID: UNKNOWN_ID }),
        ),
        service.sendBare('get', account).set('authorization', `bearer  ${token} `),
        service.sendBare('get', account).set('authorization', `Basic ${token}`),
      ]) {
        answers.push(await request);
      }
    }
    await service.send('delete', `${path}/${made.id}`);
    const secrets = [made.token, bad, service.account.token].flatMap((token) => {
      const digest = createHash('sha256').update(token).digest();
      return [
        token.slice('ehooks_'.length),
        digest.toString('hex'),
        digest.toString('base64'),
        digest.toString('base64url'),
      ];
    });
    const everything = [...service.log, ...answers.map(({ text, headers }) => text + JSON.stringify(headers))].join(
      '\n',
    );
    expect(service.log.length).toBeGreaterThan(answers.length);
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
    expect(everything).not.toContain('ehooks_');
  });
});

describe('two processes on one database', () => {
  let service: TestService;
  let processes: readonly [ServiceProcess, ServiceProcess];
  let urls: readonly string[];
  beforeAll(async () => {
    service = await startTestService();
    const start = (): ServiceProcess =>
      ServiceProcess.start([], { DATABASE_URL: service.databaseUrl, PORT: '0', LOG_LEVEL: 'info' });
    processes = [start(), start()];
    urls = await Promise.all(processes.map((each) => each.listens()));
  }, 120_000);
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await service.stop();
  });

  it('refuse a token from the very next request on, whichever of them revoked it', async () => {
    const [first = '', second = ''] = urls;
    const account = `/accounts/${service.account.accountID}`;
    for (const [here, there] of [
      [first, second],
      [second, first],
    ] as const) {
      const person = await makePerson(service, 'member');
      const used = (url: string): Test => request(url).get(account).set('authorization', `Bearer ${person.token}`);
      expect([(await used(here)).status, (await used(there)).status]).toEqual([200, 200]);
      const revoked = await request(here)
        .delete(`${account}/core/v1/users/${person.userID}/tokens/${person.tokenID}`)
        .set('authorization', `Bearer ${service.account.token}`);
      expect(revoked.status).toBe(204);
      expectProblem(await used(there), 4);
      expectProblem(await used(here), 4);
    }
  });

  it('see a role and a user change from the very next request on', async () => {
    const [first = '', second = ''] = urls;
    const account = `/accounts/${service.account.accountID}`;
    const person = await makePerson(service, 'member');
    const used = (url: string): Test =>
      request(url).post(`${account}/k8s/v2/apps`).set('authorization', `Bearer ${person.token}`).send(appBody());
    expect((await used(second)).status).toBe(201);
    await request(first)
      .put(`${account}/core/v1/roleBindings/${person.roleBindingID}`)
      .set('authorization', `Bearer ${service.account.token}`)
      .send({ type: 'application/astra-roleBinding', version: '1.1', role: 'viewer' });
    expectProblem(await used(second), 11);
    await request(first)
      .put(`${account}/core/v1/users/${person.userID}`)
      .set('authorization', `Bearer ${service.account.token}`)
      .send({ type: 'application/astra-user', version: '1.2', isEnabled: 'false' });
    expectProblem(await used(second), 14);
  });
});
