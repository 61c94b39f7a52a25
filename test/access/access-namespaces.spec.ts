import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Test } from 'supertest';
import { expectProblem } from '../support/problems.js';
import {
  appBody,
  createApp,
  createHook,
  createHookSource,
  hookBody,
  hookSourceBody,
  readItems,
  uniqueName,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';
import type { App, ExecutionHook, HookSource } from '../support/shown.js';

const EAST = [{ namespace: 'payroll-east' }];
const WEST = [{ namespace: 'payroll-west' }];

let service: TestService;
/** A member who is limited to the namespace payroll-east. */
let member: TestService;
let inside: App;
let outside: App;
let across: App;
let undeclared: App;
let source: HookSource;
let insideHook: ExecutionHook;
let outsideHook: ExecutionHook;

beforeAll(async () => {
  service = await startTestService();
  const { token, userID } = await service.tokenOf('member');
  const bindings = await readItems<{ id: string }>(
    service.send('get', `/core/v1/roleBindings?filter=userID eq '${userID}'`),
  );
  const limit = await service.send('put', `/core/v1/roleBindings/${bindings[0]?.id ?? ''}`).send({
    type: 'application/astra-roleBinding',
    version: '1.1',
    roleConstraints: ["namespaces:name='payroll-east'"],
  });
  expect(limit.status).toBe(204);
  member = {
    ...service,
    send: (method, path) =>
      service.sendBare(method, `/accounts/${service.account.accountID}${path}`).set('authorization', `Bearer ${token}`),
  };
  inside = await createApp(service, { namespaceScopedResources: EAST });
  outside = await createApp(service, { namespaceScopedResources: WEST });
  across = await createApp(service, { namespaceScopedResources: [...EAST, ...WEST] });
  undeclared = await createApp(service);
  source = await createHookSource(service);
  insideHook = await createHook(service, { appID: inside.id, hookSourceID: source.id });
  outsideHook = await createHook(service, { appID: outside.id, hookSourceID: source.id });
});

afterAll(() => service.stop());

function pod(namespace: string, name: string): object {
  return {
    metadata: { namespace, name, labels: {} },
    spec: { containers: [{ name: 'main', image: `registry.example/${namespace}:1` }] },
    status: { phase: 'Running' },
  };
}

function inventory(appId: string, ...pods: readonly object[]): Test {
  return service
    .send('put', `/k8s/v1/apps/${appId}/inventory`)
    .send({ kind: 'PodList', apiVersion: 'v1', items: pods });
}

/** Every route below one app. */
function routesOf(app: App, hook: ExecutionHook): readonly (readonly ['get' | 'put' | 'delete' | 'post', string])[] {
  return [
    ['get', `/k8s/v2/apps/${app.id}`],
    ['put', `/k8s/v2/apps/${app.id}`],
    ['delete', `/k8s/v2/apps/${app.id}`],
    ['get', `/k8s/v1/apps/${app.id}/inventory`],
    ['put', `/k8s/v1/apps/${app.id}/inventory`],
    ['get', `/k8s/v1/apps/${app.id}/executionHooks`],
    ['post', `/k8s/v1/apps/${app.id}/executionHooks`],
    ['get', `/k8s/v1/apps/${app.id}/executionHooks/${hook.id}`],
    ['put', `/k8s/v1/apps/${app.id}/executionHooks/${hook.id}`],
    ['delete', `/k8s/v1/apps/${app.id}/executionHooks/${hook.id}`],
    ['get', `/core/v1/executionHooks/${hook.id}`],
    ['put', `/core/v1/executionHooks/${hook.id}`],
    ['delete', `/core/v1/executionHooks/${hook.id}`],
  ];
}

describe('a member limited to a namespace', () => {
  it('finds no app that is not wholly inside, on any route', async () => {
    for (const app of [outside, across, undeclared]) {
      for (const [method, path] of routesOf(app, outsideHook)) {
        expectProblem(await member.send(method, path).send({}), method === 'put' || method === 'delete' ? 1 : 2);
      }
    }
    expect((await service.send('get', `/core/v1/executionHooks/${outsideHook.id}`)).status).toBe(200);
  });

  it('keeps the criteria of a hook that it changes as they are stored', async () => {
    const matchingCriteria = [{ type: 'containerName', value: 'main' }];
    const hook = await createHook(service, { appID: inside.id, hookSourceID: source.id }, { matchingCriteria });
    const body = { type: 'application/astra-executionHook', version: '1.2', description: 'changed' };
    expect((await member.send('put', `/core/v1/executionHooks/${hook.id}`).send(body)).status).toBe(204);
    const stored = (await service.send('get', `/core/v1/executionHooks/${hook.id}`)).body as ExecutionHook;
    expect(stored.matchingCriteria).toEqual(matchingCriteria);
    expect((await member.send('delete', `/core/v1/executionHooks/${hook.id}`)).status).toBe(204);
  });

  it('reads and writes the apps inside, their inventories and their hooks', async () => {
    const app = (await member.send('post', '/k8s/v2/apps').send(appBody({ namespaceScopedResources: EAST })))
      .body as App;
    const hook = (
      await member
        .send('post', `/k8s/v1/apps/${app.id}/executionHooks`)
        .send(hookBody({ appID: app.id, hookSourceID: source.id }))
    ).body as ExecutionHook;
    const head = { type: 'application/astra-executionHook', version: '1.2' };
    const statuses = [];
    for (const request of [
      member.send('get', `/k8s/v2/apps/${app.id}`),
      member.send('put', `/k8s/v2/apps/${app.id}`).send({ type: 'application/astra-app', version: '2.2' }),
      member.send('get', `/k8s/v1/apps/${app.id}/inventory`),
      member.send('put', `/k8s/v1/apps/${app.id}/inventory`).send({ kind: 'PodList', apiVersion: 'v1', items: [] }),
      member.send('get', `/k8s/v1/apps/${app.id}/executionHooks/${hook.id}`),
      member.send('put', `/core/v1/executionHooks/${hook.id}`).send(head),
      member.send('delete', `/core/v1/executionHooks/${hook.id}`),
      member.send('delete', `/k8s/v2/apps/${app.id}`),
    ]) {
      statuses.push((await request).status);
    }
    expect(statuses).toEqual([200, 204, 200, 200, 200, 204, 204, 204]);
  });

  it('lists and counts what is inside, page by page', async () => {
    await createApp(service, { namespaceScopedResources: EAST });
    const ids = (await readItems<[string, string[]]>(member.send('get', '/k8s/v2/apps?include=id,namespaces'))).map(
      ([id]) => id,
    );
    expect(ids).toContain(inside.id);
    for (const hidden of [outside, across, undeclared]) expect(ids).not.toContain(hidden.id);

    const paged: string[] = [];
    let next = '';
    do {
      const page = await member.send('get', `/k8s/v2/apps?include=id&limit=1&count=true${next}`);
      const { items, metadata } = page.body as {
        items: [string][];
        metadata: { continue?: string; count: number };
      };
      expect(metadata.count).toBe(ids.length);
      paged.push(...items.flat());
      next = metadata.continue === undefined ? '' : `&continue=${encodeURIComponent(metadata.continue)}`;
    } while (next !== '');
    expect(paged).toEqual(ids);

    const hooks = await readItems<[string]>(member.send('get', '/core/v1/executionHooks?include=id'));
    expect(hooks).toEqual([[insideHook.id]]);
  });

  it('neither makes nor moves an app to where they have no role', async () => {
    for (const namespaceScopedResources of [WEST, [...EAST, ...WEST], [], undefined]) {
      expectProblem(await member.send('post', '/k8s/v2/apps').send(appBody({ namespaceScopedResources })), 11);
    }
    const body = { type: 'application/astra-app', version: '2.2', namespaceScopedResources: WEST };
    expectProblem(await member.send('put', `/k8s/v2/apps/${inside.id}`).send(body), 11);
    expect((await member.send('get', `/k8s/v2/apps/${inside.id}`)).status).toBe(200);
  });

  it('neither makes a hook in a hidden app nor moves one there', async () => {
    const references = { appID: outside.id, hookSourceID: source.id };
    expectProblem(await member.send('post', '/core/v1/executionHooks').send(hookBody(references)), 9, ['appID']);
    const body = { type: 'application/astra-executionHook', version: '1.2', appID: outside.id };
    expectProblem(await member.send('put', `/core/v1/executionHooks/${insideHook.id}`).send(body), 9, ['appID']);
  });

  it('changes a script only while no hook elsewhere runs it', async () => {
    const body = { type: 'application/astra-hookSource', version: '1.0', description: 'changed' };
    expectProblem(await member.send('put', `/core/v1/hookSources/${source.id}`).send(body), 11);
    const own = await createHookSource(member, { name: uniqueName('own') });
    await createHook(member, { appID: inside.id, hookSourceID: own.id });
    expect((await member.send('put', `/core/v1/hookSources/${own.id}`).send(body)).status).toBe(204);
    expect((await service.send('put', `/core/v1/hookSources/${source.id}`).send(body)).status).toBe(204);
    expect((await member.send('post', '/core/v1/hookSources').send(hookSourceBody())).status).toBe(201);
  });

  it('gets only the containers of the namespace in matches, whatever the app held before', async () => {
    const app = await createApp(service, { namespaceScopedResources: [...EAST, ...WEST] });
    const hook = await createHook(service, { appID: app.id, hookSourceID: source.id });
    await inventory(app.id, pod('payroll-east', 'a'), pod('payroll-west', 'b'));
    const body = { type: 'application/astra-app', version: '2.2', namespaceScopedResources: EAST };
    expect((await service.send('put', `/k8s/v2/apps/${app.id}`).send(body)).status).toBe(204);

    const core = `/core/v1/executionHooks/${hook.id}`;
    const ofApp = `/k8s/v1/apps/${app.id}/executionHooks`;
    const answers = [
      (await member.send('get', core)).body as ExecutionHook,
      (await member.send('get', `${ofApp}/${hook.id}`)).body as ExecutionHook,
      ...(await readItems<ExecutionHook>(member.send('get', ofApp))),
      ...(await readItems<ExecutionHook>(member.send('get', `/core/v1/executionHooks?filter=appID eq '${app.id}'`))),
    ];
    expect(answers).toHaveLength(4);
    for (const { matchingContainers = [], matchingImages } of answers) {
      expect(matchingContainers.map(({ namespaceName }) => namespaceName)).toEqual(['payroll-east']);
      expect(matchingImages).toEqual(['registry.example/payroll-east:1']);
    }
    const containers = await readItems<{ namespaceName: string }>(
      member.send('get', `/k8s/v1/apps/${app.id}/inventory`),
    );
    expect(containers.map(({ namespaceName }) => namespaceName)).toEqual(['payroll-east']);
    // An app that was narrowed has left the other namespace for everybody.
    expect(((await service.send('get', core)).body as ExecutionHook).matchingContainers).toHaveLength(1);
  });
});
