import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newBearerToken } from '../../src/access/bearer-token.js';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { type DemoService, startDemoService } from '../support/demo-service.js';
import { type HeaderLines, type HttpsAnswer, HttpsClient } from '../support/https-client.js';
import { expectProblem } from '../support/problems.js';
import { hookBody, UNKNOWN_ID } from '../support/resources.js';

const BODY_LIMIT_BYTES = 4096;
const ACCOUNT = `/accounts/${DEMO.accountID}`;

/** What is read, with the media type of its own that each route has. */
const READ = [
  ['k8s/v2/apps', 'application/astra-apps+json'],
  [`k8s/v2/apps/${DEMO.appID}`, 'application/astra-app+json'],
  [`k8s/v1/apps/${DEMO.appID}/executionHooks`, 'application/astra-executionHooks+json'],
  [`k8s/v1/apps/${DEMO.appID}/executionHooks/${DEMO.hookID}`, 'application/astra-executionHook+json'],
  [`k8s/v1/apps/${DEMO.appID}/inventory`, 'application/astra-appContainers+json'],
  ['core/v1/executionHooks', 'application/astra-executionHooks+json'],
  [`core/v1/executionHooks/${DEMO.hookID}`, 'application/astra-executionHook+json'],
  ['core/v1/hookSources', 'application/astra-hookSources+json'],
  [`core/v1/hookSources/${DEMO.hookSourceID}`, 'application/astra-hookSource+json'],
] as const;

/** Bodies, and the headers that describe them, truly or not. */
const BODIES: readonly (readonly [what: string, headers: HeaderLines, body: string | Buffer])[] = [
  ['none, announced', [['Content-Length', '0']], ''],
  ['an empty object', [['Content-Type', 'application/json']], '{}'],
  [
    'another resource',
    [['Content-Type', 'application/astra-hookSource+json']],
    '{"type": "application/astra-hookSource"}',
  ],
  ['broken JSON', [['Content-Type', 'application/json']], '{"type": '],
  ['a text', [['Content-Type', 'text/plain']], 'hello'],
  ['bytes without a type', [], Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
  ['a type that is none', [['Content-Type', '; charset=;=/']], '{}'],
  ['a form without its boundary', [['Content-Type', 'multipart/form-data']], '--x'],
  [
    'what is not compressed as it says',
    [
      ['Content-Type', 'application/json'],
      ['Content-Encoding', 'gzip'],
    ],
    'hello',
  ],
  ['what looks like a request', [], 'DELETE /accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'],
  ['more than the longest body', [['Content-Type', 'application/json']], Buffer.alloc(3 * BODY_LIMIT_BYTES, '{')],
  ['far more than the longest body', [['Content-Type', 'application/json']], Buffer.alloc(2 ** 20, '{')],
];

let demo: DemoService;
/** Keeps one connection: bytes of a body that nobody read would be taken for the next request. */
let client: HttpsClient;
let connections = 0;
beforeAll(async () => {
  demo = await startDemoService({ BODY_LIMIT_BYTES: String(BODY_LIMIT_BYTES) });
  await demo.reset();
  client = new HttpsClient(demo.url, demo.certificate, 1);
  demo.app.getHttpServer().on('secureConnection', () => {
    connections += 1;
  });
});
afterAll(async () => {
  client.close();
  await demo.stop();
});

function send(
  method: string,
  path: string,
  headers: HeaderLines,
  body: string | Buffer,
  token = demo.token(),
): Promise<HttpsAnswer> {
  return client.send(method, `${ACCOUNT}/${path}`, [['Authorization', `Bearer ${token}`], ...headers], body);
}

/** The same body, with its length in front of it or in chunks. */
function framed(headers: HeaderLines, body: string | Buffer): readonly HeaderLines[] {
  if (headers.some(([name]) => name === 'Content-Length')) return [headers];
  return [
    [...headers, ['Content-Length', String(Buffer.byteLength(body))]],
    [...headers, ['Transfer-Encoding', 'chunked']],
  ];
}

/** What an answer says of the resources; the metadata of a list has the time of the request. */
function content({ text }: HttpsAnswer): unknown {
  const resource = JSON.parse(text) as { items?: unknown };
  return resource.items ?? resource;
}

describe('the body of a GET', () => {
  it.each(BODIES)('is ignored when it is %s', async (_, headers, body) => {
    for (const [path] of [...READ, ['topology/v1/clouds']]) {
      const bare = await send('GET', path, [], '');
      expect(bare).toMatchObject({ status: 200 });
      const before = connections;
      for (const lines of framed(headers, body)) {
        const answer = await send('GET', path, lines, body);
        expect({ path, lines, status: answer.status }).toEqual({ path, lines, status: 200 });
        expect(connections).toBe(before);
        expect(content(answer)).toEqual(content(bare));
      }
    }
  });

  it('is ignored in an error too, after which the connection goes on', async () => {
    await send('GET', 'topology/v1/clouds', [], '');
    const before = connections;
    for (const [, headers, body] of BODIES) {
      for (const lines of framed(headers, body)) {
        expectProblem(await send('GET', `core/v1/executionHooks/${UNKNOWN_ID}`, lines, body), 2);
        expectProblem(await send('GET', 'k8s/v2/apps', lines, body, newBearerToken()), 4);
      }
    }
    expect(connections).toBe(before);
  });
});

describe('the body of a DELETE', () => {
  it.each(BODIES)('is ignored when it is %s', async (_, headers, body) => {
    for (const lines of framed(headers, body)) {
      const references = { appID: DEMO.appID, hookSourceID: DEMO.hookSourceID };
      const created = await demo.call('POST', 'core/v1/executionHooks', hookBody(references));
      const { id } = JSON.parse(created.text) as { id: string };
      const answer = await send('DELETE', `core/v1/executionHooks/${id}`, lines, body);
      expect({ lines, status: answer.status, text: answer.text }).toEqual({ lines, status: 204, text: '' });
      expectProblem(await send('DELETE', `core/v1/executionHooks/${id}`, lines, body), 1);
    }
  });
});

describe('the answer to an `Accept`', () => {
  it.each(READ)('%s is answered in kind', async (path, own) => {
    const typeFor = async (accept: string): Promise<string | undefined> => {
      const answer = await send('GET', path, [['accept', accept]], '');
      expect(answer).toMatchObject({ status: 200 });
      return answer.headers['content-type'];
    };
    expect(await typeFor('*/*')).toBe('application/json');
    expect(await typeFor('application/*')).toBe('application/json');
    expect(await typeFor('application/json')).toBe('application/json');
    expect(await typeFor(own)).toBe(own);
    expect(await typeFor(`${own}, application/json;q=0.9`)).toBe(own);
    expect(await typeFor(`${own};q=0.5, */*`)).toBe('application/json');
    expectProblem(await send('GET', path, [['accept', 'application/astra-cloud+json']], ''), 32);
  });

  it.each([
    '*/*',
    'application/json',
    'application/astra-app+json',
    'application/astra-executionHook+json',
    'application/astra-hookSource+json',
    'application/astra-clouds+json',
    'text/html',
    'application/json;q=0',
    'nonsense',
    '',
  ])('of the clouds is the list of one, as JSON, whatever it is: %j', async (accept) => {
    const answer = await send(
      'GET',
      'topology/v1/clouds',
      [
        ['accept', accept],
        ['Content-Type', accept],
        ['Content-Length', '2'],
      ],
      '{}',
    );
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(content(answer)).toMatchObject([{ name: 'private' }]);
  });
});

describe('the clouds list after an error, with the headers of the call that failed', () => {
  const hook = hookBody({ appID: DEMO.appID, hookSourceID: DEMO.hookSourceID });
  it.each<[status: number, method: string, path: string, type: string, body: object]>([
    [400, 'POST', 'core/v1/hookSources', 'application/astra-hookSource+json', {}],
    [400, 'PUT', `core/v1/hookSources/${DEMO.hookSourceID}`, 'application/astra-hookSource+json', {}],
    [403, 'DELETE', `core/v1/hookSources/${DEMO.hookSourceID}`, 'application/astra-hookSource+json', {}],
    [404, 'GET', `k8s/v1/apps/${UNKNOWN_ID}/executionHooks`, 'application/json', {}],
    [404, 'DELETE', `core/v1/executionHooks/${UNKNOWN_ID}`, 'application/astra-executionHook+json', {}],
    [405, 'PATCH', `core/v1/executionHooks/${DEMO.hookID}`, 'application/astra-executionHook+json', {}],
    [406, 'GET', 'k8s/v2/apps', 'application/astra-executionHook+json', {}],
    [
      409,
      'POST',
      'core/v1/executionHooks',
      'application/astra-executionHook+json',
      { ...hook, name: 'payroll-freeze' },
    ],
    [
      413,
      'POST',
      'core/v1/executionHooks',
      'application/astra-executionHook+json',
      { ...hook, name: 'x'.repeat(BODY_LIMIT_BYTES) },
    ],
    [415, 'POST', 'core/v1/executionHooks', 'text/plain', hook],
  ])('%s of %s %s', async (status, method, path, type, fields) => {
    const body = JSON.stringify(fields);
    const headers = [
      ['accept', type === 'text/plain' ? '*/*' : type],
      ['Content-Type', type],
      ['Connection', 'keep-alive'],
    ] as const;
    const failed = await demo.client.send(
      method,
      `${ACCOUNT}/${path}`,
      [['Authorization', `Bearer ${demo.token()}`], ...headers, ['Content-Length', String(body.length)]],
      body,
    );
    expect(failed).toMatchObject({ status, reason: expect.stringMatching(/./) });
    expect(failed.headers['content-type']).toBe('application/problem+json');
    const clouds = await send('GET', 'topology/v1/clouds', [...headers, ['Content-Length', '2']], '{}');
    expect(clouds).toMatchObject({ status: 200 });
    expect(content(clouds)).toMatchObject([{ name: 'private' }]);
  });

  it('is refused alike where the account or the token is the error', async () => {
    expectProblem(await send('GET', 'topology/v1/clouds', [['Content-Length', '2']], '{}', newBearerToken()), 4);
    const path = `/accounts/${UNKNOWN_ID}/topology/v1/clouds`;
    expectProblem(await client.send('GET', path, [['Authorization', `Bearer ${demo.token()}`]], ''), 2);
    expectProblem(await client.send('GET', path, [], ''), 3);
  });
});
