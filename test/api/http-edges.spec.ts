import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectPlainProblem, expectProblem } from '../support/problems.js';
import { type RawAnswer, sendRaw } from '../support/raw-http.js';
import { appBody, createApp } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

function raw(requestLine: string, ...headers: readonly string[]): Promise<RawAnswer> {
  return sendRaw(service.url, [requestLine, ...headers, 'Connection: close', '', ''].join('\r\n'));
}

function authorization(): string {
  return `Authorization: Bearer ${service.account.token}`;
}

describe('a method', () => {
  it.each(['QUERY', 'BREW', 'get', 'X-ANY', 'PROPFIND', 'SOURCE', 'DESCRIBE', 'CONNECT'])(
    'that no route has is not supported, or not known: %s',
    async (method) => {
      const line = `${method} /accounts/${service.account.accountID}/k8s/v2/apps HTTP/1.1`;
      const answer = await raw(line, 'Host: test', authorization());
      if (METHODS.includes(method) && method !== 'CONNECT') expectProblem(answer, 69);
      else expectPlainProblem(answer, 501, 'Not Implemented');
    },
  );

  it('of HTTP/2 is not known', async () => {
    expectPlainProblem(await raw('PRI * HTTP/1.1', 'Host: test'), 501, 'Not Implemented');
  });

  it('of something else than HTTP is none', async () => {
    expectProblem(await raw('\u0016\u0003\u0001', 'Host: test'), 12);
    expectProblem(await raw('GET/ HTTP/1.1', 'Host: test'), 12);
  });
});

describe('a header that may be there once', () => {
  it.each([
    ['Host', 'Host: test', 'Host: test'],
    ['Host', 'Host: test', 'host: other'],
  ])('is refused when it comes twice: %s', async (_, ...hosts) => {
    expectProblem(await raw('GET /healthz HTTP/1.1', ...hosts), 12);
    expectProblem(await raw('GET /accounts HTTP/1.1', ...hosts, authorization()), 12);
  });

  it('is refused when it comes twice: Authorization', async () => {
    for (const second of [authorization(), 'authorization: Bearer ehooks_other', 'Authorization: Basic YTpi']) {
      expectProblem(await raw('GET /accounts HTTP/1.1', 'Host: test', authorization(), second), 12);
      expectProblem(await raw('GET /accounts HTTP/1.1', 'Host: test', second, authorization()), 12);
    }
    expect((await raw('GET /accounts HTTP/1.1', 'Host: test', authorization())).status).toBe(200);
  });
});

describe('paths beside the documentation', () => {
  it.each([
    '/docs/%2e%2e/package.json',
    '/docs/%2e%2e/',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/nothing.js',
    '/docs/%2e/nothing.js',
  ])('are not there: %s', async (path) => {
    expectProblem(await raw(`GET ${path} HTTP/1.1`, 'Host: test'), 2);
  });
});

describe('Content-Encoding', () => {
  const CODINGS = ['identity', 'Identity', ' IDENTITY ', ''];

  it.each(CODINGS)('of a body that is sent as it is: "%s"', async (coding) => {
    const made = await service.send('post', '/k8s/v2/apps').set('content-encoding', coding).send(appBody());
    expect(made.status).toBe(201);
    const path = `/k8s/v1/apps/${(made.body as { id: string }).id}/inventory`;
    const list = { kind: 'PodList', apiVersion: 'v1', items: [] };
    expect((await service.send('put', path).set('content-encoding', coding).send(list)).status).toBe(200);
  });

  it.each(['gzip', 'GZIP', 'br', 'identity, identity'])('of a resource is refused: "%s"', async (coding) => {
    const { id } = await createApp(service);
    for (const request of [service.send('post', '/k8s/v2/apps'), service.send('put', `/k8s/v2/apps/${id}`)]) {
      expectPlainProblem(await request.set('content-encoding', coding).send(appBody()), 415, 'Unsupported Media Type');
    }
  });
});
