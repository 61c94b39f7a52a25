import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Test } from 'supertest';
import { openAccount } from '../support/accounts.js';
import { expectPlainProblem, expectProblem } from '../support/problems.js';
import {
  appBody,
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type Fields,
  hookBody,
  type HookReferences,
  hookSourceBody,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * The API fixes the order of checks: token, account, role, path, headers, query, body (docs/api.md, section 6). Every
 * request here is wrong in two neighbouring ways, or in all the later ones at once, and is answered for the earlier
 * one.
 */

let service: TestService;
let references: HookReferences;
let foreign: string;
let viewer: string;
let ids: Readonly<Record<'hook' | 'hookSource' | 'app', string>>;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
  foreign = (await openAccount(service)).account.accountID;
  viewer = (await service.tokenOf('viewer')).token;
  ids = {
    hook: (await createHook(service, references)).id,
    hookSource: (await createHookSource(service)).id,
    app: references.appID,
  };
});
afterAll(() => service.stop());

/** One resource by the paths of its routes, below the account. */
interface Routes {
  readonly resource: string;
  readonly collection: (appId: string) => string;
  readonly id: () => string;
  /** Of a POST that is accepted. */
  readonly body: () => Fields;
}

const RESOURCES: readonly Routes[] = [
  {
    resource: 'hooks',
    collection: () => '/core/v1/executionHooks',
    id: () => ids.hook,
    body: () => hookBody(references),
  },
  {
    resource: "an app's hooks",
    collection: (appId) => `/k8s/v1/apps/${appId}/executionHooks`,
    id: () => ids.hook,
    body: () => hookBody(references),
  },
  {
    resource: 'hook sources',
    collection: () => '/core/v1/hookSources',
    id: () => ids.hookSource,
    body: () => hookSourceBody(),
  },
  { resource: 'apps', collection: () => '/k8s/v2/apps', id: () => ids.app, body: () => appBody() },
];

const account = (id: string): string => `/accounts/${id}`;
const withToken = (request: Test, token: string): Test => request.set('authorization', `Bearer ${token}`);

/** Everything that can be wrong behind the path, in one request. */
const WRONG_HEADERS = { accept: 'text/html', 'if-match': 'malformed', 'content-type': 'text/plain' };
const WRONG_QUERY = '?no=thing';

describe.each(RESOURCES)('requests for $resource', ({ collection, id, body }) => {
  const list = () => collection(references.appID);
  const one = () => `${list()}/${id()}`;
  const unknown = () => `${list()}/${UNKNOWN_ID}`;

  it('token before account', async () => {
    for (const accountId of [foreign, UNKNOWN_ID, 'no-identifier']) {
      expectProblem(await service.sendBare('get', account(accountId) + list()), 3);
      const revoked = withToken(service.sendBare('put', account(accountId) + one()), 'ehooks_revoked');
      expectProblem(await revoked, 4);
    }
  });

  it('account before role', async () => {
    for (const accountId of [foreign, UNKNOWN_ID, 'no-identifier']) {
      expectProblem(await withToken(service.sendBare('post', account(accountId) + list()), viewer), 2);
      expectProblem(await withToken(service.sendBare('delete', account(accountId) + one()), viewer), 1);
    }
  });

  it('role before path', async () => {
    for (const path of [unknown(), `${list()}/no-identifier`]) {
      const own = account(service.account.accountID) + path;
      expectProblem(await withToken(service.sendBare('put', own), viewer).send({}), 11);
      expectProblem(await withToken(service.sendBare('delete', own), viewer), 11);
    }
  });

  it('path before headers, query and body', async () => {
    for (const path of [unknown(), `${list()}/no-identifier`]) {
      const wrong = (method: 'get' | 'put' | 'delete') =>
        service
          .send(method, path + WRONG_QUERY)
          .set(WRONG_HEADERS)
          .send('no JSON');
      expectProblem(await wrong('get'), 2);
      expectProblem(await wrong('put'), 1);
      expectProblem(await wrong('delete'), 1);
    }
  });

  it('headers before query and body', async () => {
    const wrong = { accept: 'text/html', 'content-type': 'text/plain' };
    expectProblem(await service.send('get', list() + WRONG_QUERY).set(wrong), 32);
    expectProblem(await service.send('get', one() + WRONG_QUERY).set(wrong), 32);
    expectProblem(
      await service
        .send('post', list() + WRONG_QUERY)
        .set(wrong)
        .send('no JSON'),
      32,
    );
    for (const [condition, problem] of [
      ['malformed', 12],
      ['"another"', 38],
    ] as const) {
      const conditional = { 'if-match': condition, 'content-type': 'text/plain' };
      expectProblem(
        await service
          .send('put', one() + WRONG_QUERY)
          .set(conditional)
          .send('no JSON'),
        problem,
      );
      expectProblem(await service.send('delete', one() + WRONG_QUERY).set(conditional), problem);
    }
  });

  it('query before body', async () => {
    for (const [contentType, text] of [
      ['application/json', 'no JSON'],
      ['application/json', '{}'],
      ['text/plain', 'no JSON'],
    ] as const) {
      const typed = { 'content-type': contentType };
      expectProblem(
        await service
          .send('post', list() + WRONG_QUERY)
          .set(typed)
          .send(text),
        6,
      );
      expectProblem(
        await service
          .send('put', one() + WRONG_QUERY)
          .set(typed)
          .send(text),
        6,
      );
    }
  });

  it('of the body its type, its JSON, its shape', async () => {
    for (const request of [() => service.send('post', list()), () => service.send('put', one())]) {
      expectPlainProblem(await request().set('content-type', 'text/plain').send('{'), 415, 'Unsupported Media Type');
      expectProblem(await request().set('content-type', 'application/json').send('{"unknown":1'), 7);
      const shapeless = await request().send({ ...body(), version: 2 });
      expectProblem(shapeless, 8, ['version']);
    }
  });
});

describe('requests below an app', () => {
  const BELOW = ['executionHooks', 'inventory'] as const;

  it.each(BELOW)('look for the app before anything else: %s', async (below) => {
    for (const appId of [UNKNOWN_ID, 'no-identifier', (await createApp(await openAccount(service))).id]) {
      const path = `/k8s/v1/apps/${appId}/${below}${WRONG_QUERY}`;
      expectProblem(await service.send('get', path).set(WRONG_HEADERS), 2);
      const write = below === 'inventory' ? service.send('put', path) : service.send('post', path);
      expectProblem(await write.set(WRONG_HEADERS).send('no JSON'), below === 'inventory' ? 1 : 2);
    }
  });

  it.each(BELOW)('look for the role before the app: %s', async (below) => {
    const path = `${account(service.account.accountID)}/k8s/v1/apps/${UNKNOWN_ID}/${below}`;
    const write = below === 'inventory' ? service.sendBare('put', path) : service.sendBare('post', path);
    expectProblem(await withToken(write, viewer).send({}), 11);
  });

  it('take an inventory last of all', async () => {
    const put = (query: string, headers: Readonly<Record<string, string>>) =>
      service.send('put', `/k8s/v1/apps/${references.appID}/inventory${query}`).set(headers).send('no JSON');
    expectProblem(await put(WRONG_QUERY, { accept: 'text/html', 'content-type': 'text/plain' }), 32);
    expectProblem(await put(WRONG_QUERY, { 'content-type': 'text/plain' }), 6);
    expectPlainProblem(await put('', { 'content-type': 'text/plain' }), 415, 'Unsupported Media Type');
    expectProblem(await put('', { 'content-type': 'application/json' }), 7);
  });
});

describe('rules of a hook', () => {
  it('come after its shape, and before what only the database can tell', async () => {
    const { name } = await createHook(service, references);
    const post = (fields: Fields) => service.send('post', '/core/v1/executionHooks').send(hookBody(references, fields));
    expectProblem(await post({ name, action: 'restore', enabled: true }), 8, ['enabled']);
    expectProblem(await post({ name, action: 'restore' }), 9, ['stage']);
    expectProblem(await post({ name }), 10, ['name']);
  });

  it('do not matter where the caller may not change the resource at all', async () => {
    expectProblem(
      await service
        .send('post', '/core/v1/executionHooks')
        .send(hookBody(references, { hookType: 'netapp', action: 'restore', hookSourceID: UNKNOWN_ID })),
      73,
    );
    expect((await service.send('get', `/core/v1/executionHooks/${ids.hook}`)).status).toBe(200);
  });
});
