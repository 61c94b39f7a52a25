import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { type PodFields, podList, putInventory, recordedPods } from '../support/inventory.js';
import { expectPlainProblem, expectProblem } from '../support/problems.js';
import { createApp, type Fields, readItems, UNKNOWN_ID } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ INVENTORY_BODY_LIMIT_BYTES: String(256 * 1024) });
});
afterAll(() => service.stop());

const pathOf = (appId: string): string => `/k8s/v1/apps/${appId}/inventory`;
const put = (appId: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  service
    .send('put', pathOf(appId))
    .set({ 'content-type': 'application/json', ...headers })
    .serialize((raw: unknown) => raw as string)
    .send(body);

interface Container {
  readonly namespaceName: string;
  readonly podName: string;
  readonly podLabels: readonly { readonly name: string; readonly value: string }[];
  readonly containerName: string;
  readonly containerImage: string;
}
const containersOf = (appId: string) => readItems<Container>(service.send('get', pathOf(appId)));
const namesOf = async (appId: string) =>
  (await containersOf(appId)).map(({ podName, containerName }) => `${podName}/${containerName}`);

/** What is counted of a list, where nothing is said to be left out nothing was. */
function counts(revision: number, pods: Fields, containers: Fields): Fields {
  const none = {
    otherNamespace: 0,
    labelSelector: 0,
    finished: 0,
    pending: 0,
    unknownPhase: 0,
    terminating: 0,
    nodeLost: 0,
  };
  const noContainers = { init: 0, ephemeral: 0, ofPodsLeftOut: 0 };
  return {
    type: 'application/astra-appInventory',
    version: '1.0',
    revision,
    pods: { ...pods, leftOut: { ...none, ...(pods.leftOut as Fields | undefined) } },
    containers: {
      added: 0,
      changed: 0,
      removed: 0,
      ...containers,
      leftOut: { ...noContainers, ...(containers.leftOut as Fields | undefined) },
    },
  };
}

const POD: PodFields = {
  namespace: 'shop',
  name: 'web',
  labels: { app: 'web' },
  containers: { nginx: 'nginx:1', proxy: 'envoy:1' },
};

describe('PUT of an inventory', () => {
  it('keeps the containers of running pods, and says what became of the others', async () => {
    const { id } = await createApp(service, { namespaceScopedResources: [{ namespace: 'payroll-east' }] });
    const answer = await putInventory(service, id, await recordedPods('payroll-east'));
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.body).toEqual(
      counts(
        1,
        { received: 8, kept: 7, leftOut: { finished: 1 } },
        { kept: 13, added: 13, leftOut: { init: 3, ofPodsLeftOut: 1 } },
      ),
    );
    expect((await containersOf(id))[0]).toEqual({
      namespaceName: 'payroll-east',
      podName: 'payroll-postgresql-0',
      podLabels: expect.arrayContaining([{ name: 'env', value: 'production' }]),
      containerName: 'metrics',
      containerImage: 'docker.io/bitnami/postgres-exporter:0.13.2-debian-11-r3',
      containerState: 'running',
    });
    expect(await namesOf(id)).toContain('payroll-release3-7/payroll-master-1');
    expect((await namesOf(id)).join()).not.toMatch(/migrate|wait-for-db/);
  });

  it('leaves out pods that are pending or being deleted', async () => {
    const { id } = await createApp(service);
    const logging = await putInventory(service, id, await recordedPods('logging'));
    expect(logging.body).toMatchObject({ pods: { received: 8, kept: 7, leftOut: { pending: 1 } } });
    const streaming = await putInventory(service, id, await recordedPods('streaming'));
    expect(streaming.body).toMatchObject({ revision: 2, pods: { kept: 2, leftOut: { terminating: 1 } } });
    expect(await namesOf(id)).toEqual(['kafka-0/kafka', 'kafka-1/kafka']);
  });

  it("leaves out pods that are not the app's, by namespace and labels", async () => {
    const { id } = await createApp(service, {
      namespaceScopedResources: [
        { namespace: 'shop', labelSelectors: ['app in (web,db)', '!canary'] },
        { namespace: 'pay' },
      ],
    });
    const containers = { main: 'image' };
    const answer = await putInventory(
      service,
      id,
      podList([
        POD,
        { ...POD, name: 'canary', labels: { app: 'web', canary: 'yes' } },
        { ...POD, name: 'batch', labels: { app: 'batch' } },
        { namespace: 'pay', name: 'any', containers },
        { namespace: 'elsewhere', name: 'web', labels: { app: 'web' }, containers },
      ]),
    );
    expect(answer.body).toMatchObject({
      pods: { received: 5, kept: 2, leftOut: { otherNamespace: 1, labelSelector: 2 } },
      containers: { kept: 3, leftOut: { ofPodsLeftOut: 5 } },
    });
    expect(await namesOf(id)).toEqual(['any/main', 'web/nginx', 'web/proxy']);
  });

  it('counts what is added, changed and removed', async () => {
    const { id } = await createApp(service);
    const other = { ...POD, name: 'db', containers: { db: 'mariadb:11' } };
    await putInventory(service, id, podList([POD, other]));
    const containers = { nginx: 'nginx:2', cache: 'redis:8' };
    const answer = await putInventory(
      service,
      id,
      podList([
        { ...POD, containers },
        { ...other, labels: { app: 'db' } },
      ]),
    );
    expect(answer.body).toEqual(counts(2, { received: 2, kept: 2 }, { kept: 3, added: 1, changed: 2, removed: 1 }));
    expect(await namesOf(id)).toEqual(['db/db', 'web/cache', 'web/nginx']);
  });

  it('changes nothing when the same is sent again, in any order and form', async () => {
    const { id } = await createApp(service);
    const pods = [POD, { ...POD, name: 'db' }];
    const first = await putInventory(service, id, podList(pods));
    const before = await service.send('get', `/k8s/v2/apps/${id}`);
    const unchanged = counts(1, { received: 2, kept: 2 }, { kept: 4 });
    const reordered = podList(
      [...pods].reverse().map((pod) => ({ ...pod, containers: { proxy: 'envoy:1', nginx: 'nginx:1' } })),
    );
    expect(first.body).toMatchObject({ revision: 1 });
    expect((await putInventory(service, id, podList(pods))).body).toEqual(unchanged);
    expect((await putInventory(service, id, reordered)).body).toEqual(unchanged);
    const list = {
      ...podList(pods),
      kind: 'List',
      items: pods.map((_, at) => ({ kind: 'Pod', apiVersion: 'v1', ...itemsOf(podList(pods))[at] })),
    };
    expect((await putInventory(service, id, JSON.stringify(list, null, 4))).body).toEqual(unchanged);
    const { lastResourceCollectionTimestamp: reported, ...app } = before.body as Fields;
    const { lastResourceCollectionTimestamp: reportedAgain, ...sameApp } = (
      await service.send('get', `/k8s/v2/apps/${id}`)
    ).body as Fields;
    expect(sameApp).toEqual(app);
    // Nothing has changed, and somebody has said so.
    expect(String(reportedAgain) > String(reported)).toBe(true);
  });

  it('empties the inventory with an empty list', async () => {
    const { id } = await createApp(service);
    await putInventory(service, id, podList([POD]));
    const answer = await putInventory(service, id, podList([]));
    expect(answer.body).toEqual(counts(2, { received: 0, kept: 0 }, { kept: 0, removed: 2 }));
    expect(await containersOf(id)).toEqual([]);
  });

  it('touches no other app', async () => {
    const [one, two] = [await createApp(service), await createApp(service)];
    await putInventory(service, one.id, podList([POD]));
    await putInventory(service, two.id, podList([{ ...POD, name: 'other' }]));
    expect(await namesOf(one.id)).toEqual(['web/nginx', 'web/proxy']);
    expect(await namesOf(two.id)).toEqual(['other/nginx', 'other/proxy']);
  });

  it.each(['gzip', 'x-gzip', 'GZIP', 'identity'])('takes a body that is encoded as %s', async (encoding) => {
    const { id } = await createApp(service);
    const text = Buffer.from(JSON.stringify(podList([POD])));
    const body = encoding === 'identity' ? text : gzipSync(text);
    const answer = await put(id, body, { 'content-encoding': encoding });
    expect(answer.body).toEqual(counts(1, { received: 1, kept: 1 }, { kept: 2, added: 2 }));
  });

  it.each([
    ['no JSON', 'pods', 7],
    ['nothing', '', 7],
    ['half a list', JSON.stringify(podList([POD])).slice(0, -1), 7],
    ['more than one list', `${JSON.stringify(podList([POD]))}{}`, 7],
    ['a list of something else', JSON.stringify({ kind: 'ServiceList', items: [] }), 8],
    ['a single pod', JSON.stringify({ kind: 'Pod', metadata: { namespace: 'a', name: 'b' } }), 8],
    ['no object', '[]', 8],
    ['no items', JSON.stringify({ kind: 'PodList' }), 8],
  ] as const)('refuses %s, and keeps what it has', async (_, body, problem) => {
    const { id } = await createApp(service);
    await putInventory(service, id, podList([POD]));
    const answer = await put(id, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ type: `https://astra.netapp.io/problems/${problem}` });
    expect(await namesOf(id)).toEqual(['web/nginx', 'web/proxy']);
  });

  it('lists every pod that is wrong, and one that is there twice', async () => {
    const { id } = await createApp(service);
    const [pod = {}] = itemsOf(podList([POD]));
    const list = (...items: unknown[]) => JSON.stringify({ ...podList([]), items });
    expectProblem(
      await put(id, list(pod, { ...pod, metadata: undefined }, { ...pod, spec: { containers: [{ name: 'x' }] } })),
      8,
      ['items[1].metadata', 'items[2].spec.containers[0].image'],
    );
    expectProblem(await put(id, list(pod, pod)), 9, ['items[1].metadata.name']);
    expect(await containersOf(id)).toEqual([]);
  });

  it('refuses what is compressed otherwise, and what only says to be compressed', async () => {
    const { id } = await createApp(service);
    const brotli = await put(id, 'x', { 'content-encoding': 'br' });
    expectPlainProblem(brotli, 415, 'Unsupported Media Type');
    expect(brotli.headers['accept-encoding']).toBe('gzip, identity');
    expectProblem(await put(id, JSON.stringify(podList([POD])), { 'content-encoding': 'gzip' }), 7);
    expectPlainProblem(await put(id, '{}', { 'content-type': 'text/plain' }), 415, 'Unsupported Media Type');
  });

  it('refuses what is too long, decompressed or not', async () => {
    const { id } = await createApp(service);
    const long = JSON.stringify(podList([{ ...POD, labels: {} }])) + ' '.repeat(256 * 1024);
    expectProblem(await put(id, long), 85);
    expectProblem(await put(id, gzipSync(long), { 'content-encoding': 'gzip' }), 85);
    expect(await containersOf(id)).toEqual([]);
  });

  it('may name its own media type', async () => {
    const { id } = await createApp(service);
    const accept = 'application/astra-appInventory+json';
    expect((await put(id, JSON.stringify(podList([])), { accept })).headers['content-type']).toBe(accept);
    expectProblem(await put(id, JSON.stringify(podList([POD])), { accept: 'text/html' }), 32);
    expect(await containersOf(id)).toEqual([]);
  });

  it('does not find an app that is not there, or is of another account', async () => {
    const foreign = await createApp(await openAccount(service));
    for (const id of [UNKNOWN_ID, foreign.id, 'no-identifier']) {
      expectProblem(await put(id, JSON.stringify(podList([]))), 1);
      expectProblem(await service.send('get', pathOf(id)), 2);
    }
  });
});

describe('GET of an inventory', () => {
  it('is a collection as any other', async () => {
    const { id } = await createApp(service);
    expect(await containersOf(id)).toEqual([]);
    await putInventory(service, id, await recordedPods('payroll-east'));
    const answer = await service.send('get', `${pathOf(id)}?limit=2&count=true&include=podName,containerName`);
    expect(answer.body).toMatchObject({
      type: 'application/astra-appContainers',
      version: '1.0',
      items: [
        ['payroll-postgresql-0', 'metrics'],
        ['payroll-postgresql-0', 'postgresql'],
      ],
      metadata: { count: 13, continue: expect.any(String) },
    });
    const filter = encodeURIComponent("podLabels[*].value eq 'staging'");
    const staging = await readItems<Container>(service.send('get', `${pathOf(id)}?filter=${filter}`));
    expect(staging.map(({ podName }) => podName)).toEqual(['payroll-release4-1']);
    expectProblem(await service.send('get', `${pathOf(id)}?limit=x`), 5);
    expectProblem(await service.send('get', `${pathOf(id)}?pod=x`), 6);
  });

  it('is ordered by namespace, pod and container', async () => {
    const { id } = await createApp(service);
    const containers = { b: 'x', a: 'x', B: 'x' };
    await putInventory(
      service,
      id,
      podList([
        { namespace: 'b', name: 'a', containers },
        { namespace: 'a', name: 'b-1', containers },
        { namespace: 'a', name: 'b', containers: { main: 'x' } },
      ]),
    );
    const names = (await containersOf(id)).map(
      (container) => `${container.namespaceName}/${container.podName}/${container.containerName}`,
    );
    expect(names).toEqual(['a/b/main', 'a/b-1/B', 'a/b-1/a', 'a/b-1/b', 'b/a/B', 'b/a/a', 'b/a/b']);
  });
});

function itemsOf(list: object): readonly Fields[] {
  return (list as { readonly items: readonly Fields[] }).items;
}
