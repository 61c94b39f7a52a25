import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NULL_IDENTIFIER } from '../../src/query/identifier.js';
import { podList, putInventory, recordedPods } from '../support/inventory.js';
import { insertNetappHook } from '../support/netapp-hooks.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  type ExecutionHook,
  HOOK_ROUTES,
  readHook,
  readItems,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const MARIADB = [{ type: 'containerImage', value: '\\bmariadb\\b' }] as const;

let service: TestService;
let hookSourceID: string;
let wordpress: string;
let payroll: string;
let empty: string;
let mariadbHook: string;
let everyContainerHook: string;
beforeAll(async () => {
  service = await startTestService();
  hookSourceID = (await createHookSource(service)).id;
  wordpress = (await createApp(service)).id;
  payroll = (await createApp(service)).id;
  empty = (await createApp(service)).id;
  await putInventory(service, wordpress, await recordedPods('wordpress'));
  await putInventory(service, payroll, await recordedPods('payroll-west'));
  mariadbHook = await insertNetappHook(service, hookSourceID, MARIADB);
  everyContainerHook = await insertNetappHook(service, hookSourceID, []);
});
afterAll(() => service.stop());

const onApp = (appId: string, id = ''): string => `/k8s/v1/apps/${appId}/executionHooks${id === '' ? '' : `/${id}`}`;
const onAccount = (id: string): string => `/core/v1/executionHooks/${id}`;
const listOf = (appId: string, query = '') => readItems<ExecutionHook>(service.send('get', onApp(appId) + query));
const idsOf = async (appId: string) => (await listOf(appId)).map(({ id }) => id);

describe('a netapp hook in the account', () => {
  it('is there, without an app and what depends on one', async () => {
    const hook = await readHook(service, mariadbHook);
    expect(hook).toMatchObject({ hookType: 'netapp', metadata: { createdBy: NULL_IDENTIFIER } });
    for (const field of ['appID', 'matchingContainers', 'matchingImages']) expect(hook).not.toHaveProperty(field);
    const hooks = await readItems<ExecutionHook>(service.send('get', '/core/v1/executionHooks'));
    expect(hooks).toContainEqual(hook);
  });

  it('keeps its hook source from being deleted', async () => {
    expectProblem(await service.send('delete', `/core/v1/hookSources/${hookSourceID}`), 72);
  });
});

describe('a netapp hook on the route of an app', () => {
  it('is listed where it matches at least one container', async () => {
    expect(await idsOf(wordpress)).toEqual([mariadbHook, everyContainerHook]);
    expect(await idsOf(payroll)).toEqual([everyContainerHook]);
    expect(await idsOf(empty)).toEqual([]);
  });

  it("is matched in that app's containers", async () => {
    const stored = await readHook(service, mariadbHook);
    const shown = {
      ...stored,
      matchingImages: ['docker.io/bitnami/mariadb:10.6.12-debian-11-r0'],
      matchingContainers: [expect.objectContaining({ podName: 'wordpress-mariadb-0', containerName: 'mariadb' })],
    };
    expect((await listOf(wordpress))[0]).toEqual(shown);
    expect((await service.send('get', onApp(wordpress, mariadbHook))).body).toEqual(shown);
  });

  it('has the ETag that it has in the account', async () => {
    const { headers } = await service.send('get', onApp(wordpress, mariadbHook));
    expect(headers.etag).toBe((await service.send('get', onAccount(mariadbHook))).headers.etag);
  });

  it('is not found where it matches nothing', async () => {
    expectProblem(await service.send('get', onApp(payroll, mariadbHook)), 2);
    expectProblem(await service.send('get', onApp(empty, everyContainerHook)), 2);
  });

  it('comes and goes with the inventory', async () => {
    const { id } = await createApp(service);
    await putInventory(service, id, podList([{ name: 'db', containers: { db: 'mariadb:11' } }]));
    expect(await idsOf(id)).toEqual([mariadbHook, everyContainerHook]);
    await putInventory(service, id, podList([{ name: 'db', containers: { db: 'postgres:17' } }]));
    expect(await idsOf(id)).toEqual([everyContainerHook]);
    expectProblem(await service.send('get', onApp(id, mariadbHook)), 2);
    await putInventory(service, id, podList([]));
    expect(await idsOf(id)).toEqual([]);
  });

  it("stands among the app's own hooks, in order, page by page", async () => {
    const { id: appID } = await createApp(service);
    await putInventory(service, appID, podList([{ name: 'db', containers: { db: 'mariadb:11' } }]));
    const own = await createHook(service, { appID, hookSourceID });
    const late = await insertNetappHook(service, hookSourceID, [{ type: 'containerName', value: '^db$' }]);
    const expected = [mariadbHook, everyContainerHook, own.id, late];
    expect((await listOf(appID)).map(({ id }) => id)).toEqual(expected);

    const paged: string[] = [];
    let next = '';
    do {
      const answer = await service.send('get', `${onApp(appID)}?limit=1&count=true${next}`);
      const page = answer.body as { items: ExecutionHook[]; metadata: { count: number; continue?: string } };
      expect(page.metadata.count).toBe(4);
      paged.push(...page.items.map(({ id }) => id));
      next = page.metadata.continue === undefined ? '' : `&continue=${page.metadata.continue}`;
    } while (next !== '');
    expect(paged).toEqual(expected);

    const values = await readItems(
      service.send('get', `${onApp(appID)}?include=hookType,appID,matchingImages&orderBy=hookType`),
    );
    expect(values).toEqual([
      ['custom', appID, ['mariadb:11']],
      ['netapp', null, ['mariadb:11']],
      ['netapp', null, ['mariadb:11']],
      ['netapp', null, ['mariadb:11']],
    ]);
    const filtered = `${onApp(appID)}?filter=${encodeURIComponent("hookType eq 'custom'")}`;
    expect(await readItems(service.send('get', filtered))).toEqual([await readHook(service, own.id)]);
  });
});

describe('a netapp hook is read only', () => {
  const change = { type: 'application/astra-executionHook', version: '1.2', enabled: 'false' };

  it.each(HOOK_ROUTES)('on the $family route', async ({ hooksPath }) => {
    const path = `${hooksPath(wordpress)}/${mariadbHook}`;
    const before = await service.send('get', path);
    expectProblem(await service.send('put', path).send(change), 73);
    expectProblem(await service.send('put', path).send({ no: 'hook' }), 73);
    expectProblem(await service.send('delete', path), 73);
    expect((await service.send('get', path)).body).toEqual(before.body);
  });

  it('and not found on the route of an app where it matches nothing', async () => {
    expectProblem(await service.send('put', onApp(payroll, mariadbHook)).send(change), 1);
    expectProblem(await service.send('delete', onApp(payroll, mariadbHook)), 1);
  });

  it('and no other hook can become one', async () => {
    const { id } = await createHook(service, { appID: payroll, hookSourceID });
    expectProblem(await service.send('put', onAccount(id)).send({ ...change, hookType: 'netapp' }), 10, ['hookType']);
  });
});
