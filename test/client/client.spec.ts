import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { components } from '../../openapi.js';
import { type ApiClient, clientOf } from '../support/client.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * Hooks and inventory through a client that is generated from `openapi.json` and nothing else: where the document says
 * something untrue, this does not compile, or does not run.
 */

type ExecutionHook = components['schemas']['ExecutionHook'];
type PodList = components['schemas']['PodList'];

const PODS = JSON.parse(readFileSync(new URL('../../demo/pods-payroll-east.json', import.meta.url), 'utf8')) as PodList;

let service: TestService;
let client: ApiClient;
/** Path parameters of an account, and of the app that every test may use. */
let account: { readonly account_id: string };
let app: { readonly account_id: string; readonly app_id: string };
let hookSourceID: string;

beforeAll(async () => {
  service = await startTestService();
  client = clientOf(service);
  account = { account_id: service.account.accountID };
  const source = await client.POST('/accounts/{account_id}/core/v1/hookSources', {
    params: { path: account },
    body: {
      type: 'application/astra-hookSource',
      version: '1.0',
      name: 'quiesce',
      sourceType: 'script',
      source: Buffer.from('#!/bin/sh\n').toString('base64'),
    },
  });
  hookSourceID = present(source.data).id;
  const created = await client.POST('/accounts/{account_id}/k8s/v2/apps', {
    params: { path: account },
    body: {
      type: 'application/astra-app',
      version: '2.2',
      name: 'payroll',
      namespaceScopedResources: [{ namespace: 'payroll-east' }],
    },
  });
  app = { ...account, app_id: present(created.data).id };
});
afterAll(() => service.stop());

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('There is no data.');
  return value;
}

async function createHook(
  name: string,
  over: Partial<components['schemas']['CreateExecutionHook']> = {},
): Promise<ExecutionHook> {
  const { data } = await client.POST('/accounts/{account_id}/k8s/v1/apps/{app_id}/executionHooks', {
    params: { path: app },
    body: {
      type: 'application/astra-executionHook',
      version: '1.3',
      name,
      hookType: 'custom',
      action: 'snapshot',
      stage: 'pre',
      hookSourceID,
      appID: app.app_id,
      ...over,
    },
  });
  return present(data);
}

describe('the generated client', () => {
  it('replaces an inventory and lists it', async () => {
    const { data, response } = await client.PUT('/accounts/{account_id}/k8s/v1/apps/{app_id}/inventory', {
      params: { path: app },
      body: PODS,
    });
    expect(response.status).toBe(200);
    const { pods, containers, revision } = present(data);
    expect(revision).toBe(1);
    expect(pods.received).toBe(PODS.items.length);
    expect(pods.kept + Object.values(pods.leftOut).reduce((sum, count) => sum + count)).toBe(pods.received);

    const list = await client.GET('/accounts/{account_id}/k8s/v1/apps/{app_id}/inventory', { params: { path: app } });
    expect(present(list.data).items).toHaveLength(containers.kept);
  });

  it('creates, reads, lists, replaces and deletes a hook', async () => {
    await client.PUT('/accounts/{account_id}/k8s/v1/apps/{app_id}/inventory', { params: { path: app }, body: PODS });
    const hook = await createHook('whole life', {
      matchingCriteria: [{ type: 'containerName', value: '^payroll-master' }],
      arguments: null,
    });
    expect(hook.arguments).toEqual([]);
    expect(hook.matchingContainers?.map(({ containerName }) => containerName)).toContain('payroll-master-0');

    const one = { ...account, executionHook_id: hook.id };
    const path = '/accounts/{account_id}/core/v1/executionHooks/{executionHook_id}';
    const read = await client.GET(path, { params: { path: one } });
    expect(read.data).toEqual(hook);

    const list = await client.GET('/accounts/{account_id}/core/v1/executionHooks', {
      params: { path: account, query: { filter: "name eq 'whole life'", count: true } },
    });
    expect(present(list.data).items).toEqual([hook]);
    expect(present(list.data).metadata.count).toBe(1);

    // What was read can be sent back as it is.
    const etag = read.response.headers.get('etag') ?? '';
    const replaced = await client.PUT(path, {
      params: { path: one, header: { 'If-Match': etag } },
      body: { ...hook, enabled: 'false' },
    });
    expect(replaced.response.status).toBe(204);
    const again = await client.PUT(path, {
      params: { path: one, header: { 'If-Match': etag } },
      body: { ...hook, enabled: 'false' },
    });
    expect(again.error?.type).toBe('https://astra.netapp.io/problems/38');

    expect((await client.DELETE(path, { params: { path: one } })).response.status).toBe(204);
    const gone = await client.GET(path, { params: { path: one } });
    expect(gone.error?.title).toBe('Collection not found');
  });

  it('gets arrays of fields, page by page', async () => {
    for (const name of ['page a', 'page b', 'page c']) await createHook(name);
    const names: unknown[] = [];
    let token: string | undefined;
    do {
      const { data } = await client.GET('/accounts/{account_id}/k8s/v1/apps/{app_id}/executionHooks', {
        params: {
          path: app,
          query: {
            include: 'name,description',
            filter: "name gte 'page a',name lte 'page c'",
            orderBy: 'name',
            limit: 2,
            ...(token === undefined ? {} : { continue: token }),
          },
        },
      });
      names.push(...present(data).items);
      token = present(data).metadata.continue;
    } while (token !== undefined);
    expect(names).toEqual([
      ['page a', null],
      ['page b', null],
      ['page c', null],
    ]);
  });

  it('tells every invalid field', async () => {
    const { error, response } = await client.POST('/accounts/{account_id}/core/v1/executionHooks', {
      params: { path: account },
      body: {
        type: 'application/astra-executionHook',
        version: '1.2',
        name: '',
        hookType: 'custom',
        matchingCriteria: [{ type: 'podName', value: '' }],
        action: 'failover',
        stage: 'post',
        hookSourceID,
        appID: app.app_id,
      },
    });
    expect(response.status).toBe(400);
    expect(error?.invalidFields?.map(({ name }) => name).sort()).toEqual([
      'action',
      'matchingCriteria[0].value',
      'name',
    ]);
  });
});
