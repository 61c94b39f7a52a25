import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { installNetappHooks } from '../../src/features/netapp-hooks/netapp-hooks.js';
import { openAccount } from '../support/accounts.js';
import { expectProblem } from '../support/problems.js';
import { createApp, createHook, createHookSource, type Fields, readItems, UNKNOWN_ID } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';
import type { App, ExecutionHook, ExecutionHookOverride } from '../support/shown.js';

const HEAD = { type: 'application/astra-executionHookOverride', version: '1.0' };

let service: TestService;
let app: App;
let otherApp: App;
/** A netapp hook that matches a container of both apps. */
let hook: ExecutionHook;

beforeAll(async () => {
  service = await startTestService();
  app = await createApp(service);
  otherApp = await createApp(service);
  const pod = {
    metadata: { namespace: 'databases', name: 'db-0' },
    spec: { containers: [{ name: 'db', image: 'docker.io/library/mariadb:11' }] },
    status: { phase: 'Running' },
  };
  for (const { id } of [app, otherApp]) {
    const inventory = service.send('put', `/k8s/v1/apps/${id}/inventory`);
    expect((await inventory.send({ kind: 'PodList', apiVersion: 'v1', items: [pod] })).status).toBe(200);
  }
  await service.database.transaction((transaction) =>
    installNetappHooks(transaction, service.account.accountID, {
      hookSources: [{ name: 'netapp-script', description: null, source: 'dHJ1ZQo=' }],
      hooks: ['netapp-hook', 'netapp-second'].map((name) => ({
        version: '1.2',
        name,
        description: null,
        hookSource: 'netapp-script',
        action: 'snapshot',
        stage: 'pre',
        arguments: [],
        matchingCriteria: [{ type: 'containerImage', value: '\\bmariadb\\b' }],
        enabled: 'true',
      })),
    }),
  );
  [hook] = (await readItems<ExecutionHook>(
    service.send('get', "/core/v1/executionHooks?filter=name eq 'netapp-hook'"),
  )) as [ExecutionHook];
});

afterAll(() => service.stop());

function overridesOf({ id }: App): string {
  return `/k8s/v1/apps/${id}/executionHookOverrides`;
}

function create(of: App, fields: Fields = {}): Promise<Response> {
  return service.send('post', overridesOf(of)).send({ ...HEAD, executionHookID: hook.id, enabled: 'false', ...fields });
}

/** `enabled` of the hook as each of an app's views shows it: alone, in the list, and by filter. */
async function enabledIn({ id }: App): Promise<unknown[]> {
  const path = `/k8s/v1/apps/${id}/executionHooks`;
  const one = (await service.send('get', `${path}/${hook.id}`)).body as ExecutionHook;
  const listed = await readItems<ExecutionHook>(service.send('get', `${path}?filter=name eq 'netapp-hook'`));
  const filtered = await readItems<[string]>(service.send('get', `${path}?include=name&filter=enabled eq 'false'`));
  return [one.enabled, listed.map(({ enabled }) => enabled), filtered.flat()];
}

const ON = ['true', ['true'], []];
const OFF = ['false', ['false'], ['netapp-hook']];

describe('an override', () => {
  it('switches a netapp hook off for one app, and deleting it switches the hook on again', async () => {
    expect(await enabledIn(app)).toEqual(ON);
    const created = await create(app, { metadata: { labels: [{ name: 'why', value: 'replica' }] } });
    expect(created.status).toBe(201);
    const override = created.body as ExecutionHookOverride;
    expect(override).toMatchObject({ ...HEAD, executionHookID: hook.id, enabled: 'false', appID: app.id });
    expect(created.headers.location).toBe(
      `${service.url}/accounts/${service.account.accountID}${overridesOf(app)}/${override.id}`,
    );

    expect(await enabledIn(app)).toEqual(OFF);
    expect(await enabledIn(otherApp)).toEqual(ON);
    expect((await service.send('get', `/core/v1/executionHooks/${hook.id}`)).body).toMatchObject({ enabled: 'true' });

    const path = `${overridesOf(app)}/${override.id}`;
    const read = await service.send('get', path);
    expect(read.body).toEqual(override);
    const put = await service
      .send('put', path)
      .set('if-match', String(read.headers.etag))
      .send(read.body as object);
    expect(put.status).toBe(204);
    expect((await service.send('put', path).send({ ...HEAD, enabled: 'true' })).status).toBe(204);
    expect(await enabledIn(app)).toEqual(ON);
    expectProblem(await service.send('delete', path).set('if-match', String(read.headers.etag)), 38);
    expect((await service.send('delete', path)).status).toBe(204);
    expectProblem(await service.send('get', path), 2);
    expectProblem(await service.send('put', path).send(HEAD), 1);
    expectProblem(await service.send('delete', path), 1);
  });

  it('changes the ETag of the hook as the app sees it, and of nothing else', async () => {
    const tags = async (): Promise<unknown[]> =>
      Promise.all(
        [`/k8s/v1/apps/${app.id}`, `/k8s/v1/apps/${otherApp.id}`, '/core/v1'].map(
          async (path) => (await service.send('get', `${path}/executionHooks/${hook.id}`)).headers.etag as unknown,
        ),
      );
    const before = await tags();
    const { id } = (await create(app)).body as ExecutionHookOverride;
    const after = await tags();
    await service.send('delete', `${overridesOf(app)}/${id}`);
    expect(after[0]).not.toBe(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  it('is listed with its app, and found by what it says', async () => {
    const { id } = (await create(app)).body as ExecutionHookOverride;
    const other = (await create(otherApp)).body as ExecutionHookOverride;
    const list = await service.send('get', `${overridesOf(app)}?filter=enabled eq 'false'&count=true`);
    expect(list.body).toMatchObject({
      type: 'application/astra-executionHookOverrides',
      version: '1.0',
      items: [{ id, executionHookID: hook.id }],
      metadata: { count: 1 },
    });
    for (const [of, override] of [
      [app, id],
      [otherApp, other.id],
    ] as const) {
      expect((await service.send('delete', `${overridesOf(of)}/${override}`)).status).toBe(204);
    }
  });

  it('is one for each app and hook, even of two that are made at once', async () => {
    const answers = await Promise.all([create(app), create(app)]);
    const [made, refused] = answers.sort((a, b) => a.status - b.status);
    expect(made.status).toBe(201);
    expectProblem(refused, 10, ['executionHookID']);
    await service.send('delete', `${overridesOf(app)}/${(made.body as ExecutionHookOverride).id}`);
  });

  it('is for a netapp hook of the account alone, and of the app in the path', async () => {
    const { id: hookSourceID } = await createHookSource(service);
    const custom = await createHook(service, { appID: app.id, hookSourceID });
    for (const executionHookID of [custom.id, UNKNOWN_ID]) {
      expectProblem(await create(app, { executionHookID }), 9, ['executionHookID']);
    }
    expectProblem(await create(app, { appID: otherApp.id }), 10, ['appID']);
    expectProblem(await create(app, { enabled: false, executionHookID: undefined }), 8, ['enabled', 'executionHookID']);
    const { id } = (await create(app)).body as ExecutionHookOverride;
    const put = service.send('put', `${overridesOf(app)}/${id}`);
    expectProblem(await put.send({ ...HEAD, id: UNKNOWN_ID, executionHookID: UNKNOWN_ID, appID: otherApp.id }), 10, [
      'appID',
      'executionHookID',
      'id',
    ]);
    expectProblem(await service.send('get', `${overridesOf(otherApp)}/${id}`), 2);
    const other = await openAccount(service);
    expectProblem(await other.send('get', `${overridesOf(app)}/${id}`), 2);
    await service.send('delete', `${overridesOf(app)}/${id}`);
  });

  it('goes with its app', async () => {
    const gone = await createApp(service);
    expect((await create(gone)).status).toBe(201);
    expect((await service.send('delete', `/k8s/v2/apps/${gone.id}`)).status).toBe(204);
    expectProblem(await service.send('get', overridesOf(gone)), 2);
    const left = await service.database.query({ text: 'SELECT FROM execution_hook_overrides WHERE app_id = $1' }, [
      gone.id,
    ]);
    expect(left).toEqual([]);
  });
});

describe('a netapp hook', () => {
  it('cannot be made, changed or deleted through the API', async () => {
    for (const path of [`/core/v1/executionHooks/${hook.id}`, `/k8s/v1/apps/${app.id}/executionHooks/${hook.id}`]) {
      const head = { type: 'application/astra-executionHook', version: '1.2' };
      expectProblem(await service.send('put', path).send(head), 73);
      expectProblem(await service.send('delete', path), 73);
    }
    const source = `/core/v1/hookSources/${hook.hookSourceID}`;
    expectProblem(await service.send('delete', source), 71);
  });
});
