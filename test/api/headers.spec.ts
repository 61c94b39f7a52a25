import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { podList, putInventory } from '../support/inventory.js';
import { insertNetappHook } from '../support/netapp-hooks.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type ExecutionHook,
  HOOK_ROUTES,
  hookBody,
  type HookReferences,
  hookSourceBody,
  readHook,
  uniqueName,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
});
afterAll(() => service.stop());

/** A header of an answer; '' where there is none. */
function header(answer: Response, name: string): string {
  return (answer.headers as Record<string, string | undefined>)[name] ?? '';
}

describe('X-Correlation-ID', () => {
  it('is made for a request that has none, a new one each time', async () => {
    const ids = [];
    for (let index = 0; index < 3; index++) ids.push(header(await service.send('get', HOOKS), 'x-correlation-id'));
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(3);
  });

  it.each(['7', 'a', 'build-17.retry_2:east', '00000000-0000-0000-0000-000000000000', 'x'.repeat(128)])(
    "is the caller's own where that is well-formed: %s",
    async (id) => {
      expect(header(await service.send('get', HOOKS).set('x-correlation-id', id), 'x-correlation-id')).toBe(id);
    },
  );

  it.each(['', ' ', 'two words', '-x', 'a,b', 'a/b', '"x"', '\u00e9', '<script>', 'x'.repeat(129)])(
    'is a new one where the caller\'s own is not well-formed: "%s"',
    async (id) => {
      expect(header(await service.send('get', HOOKS).set('x-correlation-id', id), 'x-correlation-id')).toMatch(UUID);
    },
  );

  it('is in every answer, and in every problem', async () => {
    const { id } = await createHook(service, references);
    const answers = [
      await service.send('post', HOOKS).set('x-correlation-id', 'same').send(hookBody(references)),
      await service.send('get', HOOKS).set('x-correlation-id', 'same'),
      await service.send('get', `${HOOKS}/${id}`).set('x-correlation-id', 'same'),
      await service.send('delete', `${HOOKS}/${id}`).set('x-correlation-id', 'same'),
      await service.sendBare('get', '/healthz').set('x-correlation-id', 'same'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 204, 200]);
    for (const answer of answers) expect(header(answer, 'x-correlation-id')).toBe('same');

    const problems = [
      await service.send('get', `${HOOKS}/${id}`).set('x-correlation-id', 'same'),
      await service.sendBare('get', '/accounts/x').set('x-correlation-id', 'same'),
      await service.sendBare('get', '/nowhere').set('x-correlation-id', 'same'),
      await service.send('patch', HOOKS).set('x-correlation-id', 'same'),
      await service.send('post', HOOKS).set('x-correlation-id', 'same').send('no JSON').type('application/json'),
    ];
    for (const answer of problems) {
      expect(header(answer, 'x-correlation-id')).toBe('same');
      expect(answer.body).toMatchObject({ correlationID: 'same' });
    }
  });

  it('finds the request in the log', async () => {
    await service.send('get', HOOKS).set('x-correlation-id', 'find-me');
    const lines = service.log.filter((line) => line.includes('"correlationID":"find-me"'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ method: 'GET', status: 200, accountID: service.account.accountID }),
    ]);
  });
});

describe('ETag and Last-Modified', () => {
  it('are those of the stored resource: the MD5 of its JSON, and the second of its last change', async () => {
    // A hook without an app and a hook source have no computed fields: what is answered is what is stored.
    const paths = [
      `${HOOKS}/${await insertNetappHook(service, references.hookSourceID, [])}`,
      `/core/v1/hookSources/${references.hookSourceID}`,
    ];
    for (const path of paths) {
      const answer = await service.send('get', path).buffer(true);
      expect(header(answer, 'etag')).toBe(`"${createHash('md5').update(answer.text).digest('hex')}"`);
      const { metadata } = answer.body as ExecutionHook;
      expect(header(answer, 'last-modified')).toBe(new Date(metadata.modificationTimestamp).toUTCString());
    }
  });

  it.each(HOOK_ROUTES)(
    'are the same in the answers to POST and GET: hooks on the $family route',
    async ({ hooksPath }) => {
      const path = hooksPath(references.appID);
      const made = await service.send('post', path).send(hookBody(references));
      const read = await service.send('get', `${path}/${(made.body as ExecutionHook).id}`);
      for (const name of ['etag', 'last-modified']) {
        expect(header(made, name)).not.toBe('');
        expect(header(read, name)).toBe(header(made, name));
      }
    },
  );

  it('are the same on both routes of a hook', async () => {
    const { id } = await createHook(service, references);
    const [core, k8s] = [
      await service.send('get', `${HOOKS}/${id}`),
      await service.send('get', `/k8s/v1/apps/${references.appID}/executionHooks/${id}`),
    ];
    expect(header(core, 'etag')).toBe(header(k8s, 'etag'));
  });

  it('change with the resource', async () => {
    const { id, type, version } = await createHook(service, references);
    const before = await service.send('get', `${HOOKS}/${id}`);
    await service.send('put', `${HOOKS}/${id}`).send({ type, version, description: 'changed' });
    const after = await service.send('get', `${HOOKS}/${id}`);
    expect(header(after, 'etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(header(after, 'etag')).not.toBe(header(before, 'etag'));
    const { metadata } = await readHook(service, id);
    expect(header(after, 'last-modified')).toBe(new Date(metadata.modificationTimestamp).toUTCString());
  });

  it('do not change with the inventory, although the answer does', async () => {
    const { id: appID } = await createApp(service);
    const hook = await createHook(service, { ...references, appID });
    const paths = [`${HOOKS}/${hook.id}`, `/k8s/v2/apps/${appID}`];
    const read = async () => Promise.all(paths.map(async (path) => service.send('get', path)));
    const before = await read();
    await putInventory(
      service,
      appID,
      podList([{ namespace: 'payroll', name: 'db', containers: { db: 'mariadb:11' } }]),
    );
    const after = await read();
    for (const [index, answer] of after.entries()) {
      const earlier = before[index];
      if (earlier === undefined) throw new Error('There are as many answers as before.');
      expect(answer.body).not.toEqual(earlier.body);
      for (const name of ['etag', 'last-modified']) expect(header(answer, name)).toBe(header(earlier, name));
    }
  });

  it('are not sent with a list, nor with an answer without a body', async () => {
    const { id, type, version } = await createHook(service, references);
    const answers = [
      await service.send('get', HOOKS),
      await service.send('put', `${HOOKS}/${id}`).send({ type, version }),
      await service.send('delete', `${HOOKS}/${id}`),
    ];
    for (const answer of answers) expect([header(answer, 'etag'), header(answer, 'last-modified')]).toEqual(['', '']);
  });
});

describe('Location', () => {
  const PATHS: readonly (readonly [string, () => object])[] = [
    [HOOKS, () => hookBody(references)],
    ['/core/v1/hookSources', () => hookSourceBody()],
    ['/k8s/v2/apps', () => ({ type: 'application/astra-app', version: '2.1', name: uniqueName('located') })],
  ];

  it.each(PATHS)('is the full URL of what POST %s has made', async (path, body) => {
    const made = await service.send('post', path).send(body());
    const { id } = made.body as { id: string };
    expect(header(made, 'location')).toBe(`${service.url}/accounts/${service.account.accountID}${path}/${id}`);
    expect((await service.send('get', `${path}/${id}`)).body).toEqual(made.body);
  });

  it('has the host that the client knows the service by', async () => {
    const made = await service
      .send('post', '/core/v1/hookSources')
      .set('host', 'hooks.example:8443')
      .send(hookSourceBody());
    expect(header(made, 'location')).toMatch(/^http:\/\/hooks\.example:8443\/accounts\//);
  });

  const FORWARDED = { 'x-forwarded-host': 'api.example', 'x-forwarded-proto': 'https' };

  it('takes nothing from a client that claims to be a proxy', async () => {
    const made = await service.send('post', '/core/v1/hookSources').set(FORWARDED).send(hookSourceBody());
    expect(header(made, 'location')).toMatch(new RegExp(`^${service.url}/accounts/`));
  });

  it('has the host and protocol that a trusted proxy tells', async () => {
    const behind = await startTestService({ TRUST_PROXY: '127.0.0.1' });
    const made = await behind.send('post', '/core/v1/hookSources').set(FORWARDED).send(hookSourceBody());
    expect(header(made, 'location')).toMatch(/^https:\/\/api\.example\/accounts\//);
    await behind.stop();
  });

  it('has the public URL of the settings before anything else, and the base path where there is none', async () => {
    const published = await startTestService({ PUBLIC_URL: 'https://hooks.example/api/' });
    const made = await published.send('post', '/core/v1/hookSources').set(FORWARDED).send(hookSourceBody());
    expect(header(made, 'location')).toMatch(
      /^https:\/\/hooks\.example\/api\/accounts\/[^/]+\/core\/v1\/hookSources\//,
    );
    await published.stop();

    const based = await startTestService({ BASE_PATH: '/hooks' });
    const path = `/hooks/accounts/${based.account.accountID}/core/v1/hookSources`;
    const request = based.sendBare('post', path).set('authorization', `Bearer ${based.account.token}`);
    const below = await request.send(hookSourceBody());
    expect(header(below, 'location')).toBe(`${based.url}${path}/${(below.body as { id: string }).id}`);
    await based.stop();
  });

  it('is not sent with what was not made', async () => {
    const { name } = await createHookSource(service);
    const refused = await service.send('post', '/core/v1/hookSources').send(hookSourceBody({ name }));
    expectProblem(refused, 10, ['name']);
    for (const unset of ['location', 'etag', 'last-modified']) expect(header(refused, unset)).toBe('');
  });
});

describe('Accept', () => {
  const HOOK = 'application/astra-executionHook+json';
  const LIST = 'application/astra-executionHooks+json';
  const JSON_TYPE = 'application/json';

  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['application/json', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['application/json; charset=utf-8', JSON_TYPE],
    ['application/json;charset="UTF-8";q=0.5', JSON_TYPE],
    ['text/html, application/xhtml+xml, */*;q=0.8', JSON_TYPE],
    ['text/html, application/json;q=0.1', JSON_TYPE],
    [`application/json, ${HOOK}`, JSON_TYPE],
    [`application/json;q=0.9, ${HOOK};q=0.8`, JSON_TYPE],
    [HOOK, HOOK],
    [`${HOOK}, application/json`, HOOK],
    [`application/json;q=0.5, ${HOOK}`, HOOK],
    [`*/*;q=0.1, ${HOOK}`, HOOK],
    [`application/json;q=0, */*`, HOOK],
    ['application/astra-hookSource+json, application/*;q=0.1', JSON_TYPE],
    ['text/html', undefined],
    ['application/xml, text/*', undefined],
    ['application/json;q=0', undefined],
    ['*/*;q=0', undefined],
    [LIST, undefined],
    ['application/astra-executionHook', undefined],
    ['application/problem+json', undefined],
    ['json', undefined],
    ['application/json; charset=utf-16', undefined],
  ])('of a hook, %s is answered with %s', async (accept, contentType) => {
    const { id } = await createHook(service, references);
    const requests = [
      () => service.send('get', `${HOOKS}/${id}`),
      () => service.send('post', HOOKS).send(hookBody(references)),
    ];
    for (const request of requests) {
      const answer = await (accept === undefined ? request() : request().set('accept', accept));
      if (contentType === undefined) expectProblem(answer, 32);
      else expect(header(answer, 'content-type')).toBe(contentType);
    }
  });

  it.each([
    [HOOKS, LIST],
    ['/core/v1/hookSources', 'application/astra-hookSources+json'],
    ['/k8s/v2/apps', 'application/astra-apps+json'],
  ])('of the list %s may name its own media type', async (path, own) => {
    expect(header(await service.send('get', path), 'content-type')).toBe(JSON_TYPE);
    const answer = await service.send('get', path).set('accept', own);
    expect(answer.status).toBe(200);
    expect(header(answer, 'content-type')).toBe(own);
    expectProblem(await service.send('get', path).set('accept', own.replace('s+json', '+json')), 32);
  });

  it.each([
    ['/core/v1/hookSources', 'application/astra-hookSource+json', () => hookSourceBody()],
    [
      '/k8s/v2/apps',
      'application/astra-app+json',
      () => ({ type: 'application/astra-app', version: '2.1', name: uniqueName('accepted') }),
    ],
  ])('of what POST %s makes may name its own media type', async (path, own, body) => {
    const made = await service.send('post', path).set('accept', own).send(body());
    expect(made.status).toBe(201);
    expect(header(made, 'content-type')).toBe(own);
    const { id } = made.body as { id: string };
    expect(header(await service.send('get', `${path}/${id}`).set('accept', own), 'content-type')).toBe(own);
  });

  it('keeps a POST that cannot be answered from making anything', async () => {
    const body = hookBody(references);
    expectProblem(await service.send('post', HOOKS).set('accept', 'text/html').send(body), 32);
    expect((await service.send('post', HOOKS).send(body)).status).toBe(201);
  });

  it('does not matter to an answer without a body, nor to a problem', async () => {
    const { id, type, version } = await createHook(service, references);
    const put = service.send('put', `${HOOKS}/${id}`).set('accept', 'text/html');
    expect((await put.send({ type, version })).status).toBe(204);
    expect((await service.send('delete', `${HOOKS}/${id}`).set('accept', 'image/png')).status).toBe(204);
    expectProblem(await service.send('delete', `${HOOKS}/${id}`).set('accept', 'text/html'), 1);
    expectProblem(await service.sendBare('get', '/accounts/x').set('accept', 'text/html'), 3);
  });

  it.each([undefined, '*/*', 'text/html', 'image/png', '*/*;q=0', HOOK, 'nonsense'])(
    'does not matter to the list of clouds: %s',
    async (accept) => {
      const request = service.send('get', '/topology/v1/clouds');
      const answer = await (accept === undefined ? request : request.set('accept', accept).send({}));
      expect(answer.status).toBe(200);
      expect(header(answer, 'content-type')).toBe(JSON_TYPE);
      expect(answer.body).toMatchObject({
        items: [{ name: 'private' }],
        metadata: { labels: [], createdBy: service.account.userID },
      });
    },
  );
});
