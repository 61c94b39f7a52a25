import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { podList, putInventory } from '../support/inventory.js';
import { expectProblem } from '../support/problems.js';
import {
  type App,
  appBody,
  createApp,
  createHook,
  createHookSource,
  type Fields,
  readHook,
  readItems,
  uniqueName,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const APPS = '/k8s/v2/apps';
const CLUSTER = 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d';
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const REQUIRED = { type: 'application/astra-app', version: '2.1' };
const post = (fields: Fields = {}) => service.send('post', APPS).send(appBody(fields));
const put = (id: string, fields: Fields) => service.send('put', `${APPS}/${id}`).send({ ...REQUIRED, ...fields });
const read = async (id: string) => (await service.send('get', `${APPS}/${id}`)).body as App;

describe('POST of an app', () => {
  it('answers 201 with every field, as GET answers it afterwards', async () => {
    const namespaceScopedResources = [
      { namespace: 'wordpress', labelSelectors: ['app=wordpress', 'tier in (web,db),!legacy'] },
      { namespace: 'payroll-west' },
      { namespace: 'wordpress', labelSelectors: [] },
    ];
    const sent = appBody({
      clusterID: CLUSTER,
      namespaceScopedResources,
      metadata: { labels: [{ name: 'team', value: 'web' }] },
    });
    const answer = await service.send('post', APPS).send(sent);
    expect(answer.status).toBe(201);
    const app = answer.body as App;
    expect(app).toEqual({
      ...sent,
      // The published API has them always.
      namespaceScopedResources: namespaceScopedResources.map((each) => ({ labelSelectors: [], ...each })),
      id: expect.stringMatching(UUID_V4),
      links: [],
      state: 'ready',
      stateDetails: [],
      protectionState: 'none',
      protectionStateDetails: [],
      namespaces: ['payroll-west', 'wordpress'],
      // Nobody has named the cluster yet.
      clusterName: CLUSTER,
      metadata: {
        labels: [{ name: 'team', value: 'web' }],
        creationTimestamp: expect.stringMatching(TIMESTAMP),
        modificationTimestamp: app.metadata.creationTimestamp,
        createdBy: service.account.userID,
      },
    });
    expect(await read(app.id)).toEqual(app);
  });

  it.each(['2.0', '2.1', '2.2'])('needs type, version and name only: version %s', async (version) => {
    const app = (await post({ version })).body as App;
    expect(app).toMatchObject({ version, namespaceScopedResources: [], namespaces: [], metadata: { labels: [] } });
    for (const field of ['clusterID', 'clusterName', 'clusterType', 'lastResourceCollectionTimestamp']) {
      expect(app).not.toHaveProperty(field);
    }
  });

  it('takes null for left out', async () => {
    const app = (await post({ clusterID: null, namespaceScopedResources: null, metadata: null })).body as App;
    expect(app).toMatchObject({ namespaceScopedResources: [], metadata: { labels: [] } });
    const scoped = { namespaceScopedResources: [{ namespace: 'x', labelSelectors: null }] };
    expect((await post(scoped)).status).toBe(201);
  });

  it.each(['a', '0', 'x'.repeat(63), 'payroll-east', '1-2--3'])('takes the name %s', async (name) => {
    expect((await post({ name })).status).toBe(201);
  });

  const NOT_LABELS = [
    '',
    'x'.repeat(64),
    '-x',
    'x-',
    'Payroll',
    'pay_roll',
    'pay.roll',
    'p\u00e9',
    ' x',
    'x\n',
    '\0',
    1,
    [],
    {},
  ];
  it.each([
    ['type', ['', 'application/astra-hookSource', 1, []]],
    ['version', ['', '1.0', '2.3', 2, {}]],
    ['name', NOT_LABELS],
    ['clusterID', ['', 'demo', CLUSTER.toUpperCase(), 1]],
    ['namespaceScopedResources', ['x', 1, {}, { namespace: 'x' }]],
    ['metadata', ['x', 1, []]],
    ['nothing', [null, 'x', {}]],
  ])('refuses a wrong %s', async (field, values) => {
    const { id } = await createApp(service);
    for (const value of values) {
      expectProblem(await post({ [field]: value }), 8, [field]);
      expectProblem(await put(id, { [field]: value }), 8, [field]);
    }
  });

  it.each([
    [[null], ['[0]']],
    [
      ['x', []],
      ['[0]', '[1]'],
    ],
    [[{}], ['[0].namespace']],
    [[{ namespace: 'x' }, { namespace: 'X' }], ['[1].namespace']],
    [[{ namespace: 'x', labelSelectors: 'a=b' }], ['[0].labelSelectors']],
    [
      [{ namespace: 'x', labelSelectors: ['a', '', 1, null, []] }],
      [1, 2, 3, 4].map((at) => `[0].labelSelectors[${at}]`),
    ],
    [[{ namespace: 'x', pods: [] }], ['[0].pods']],
  ])('refuses wrong namespaceScopedResources: %j', async (namespaceScopedResources, named) => {
    const { id } = await createApp(service);
    const fields = named.map((path) => `namespaceScopedResources${path}`);
    expectProblem(await post({ namespaceScopedResources }), 8, fields);
    expectProblem(await put(id, { namespaceScopedResources }), 8, fields);
  });

  it('refuses label selectors that Kubernetes would refuse, each of them', async () => {
    const { id } = await createApp(service);
    const namespaceScopedResources = [
      { namespace: 'x', labelSelectors: ['app=x', 'app in (x', '=x'] },
      { namespace: 'y', labelSelectors: ['a b'] },
    ];
    const named = ['[0].labelSelectors[1]', '[0].labelSelectors[2]', '[1].labelSelectors[0]'];
    const fields = named.map((path) => `namespaceScopedResources${path}`);
    expectProblem(await post({ namespaceScopedResources }), 9, fields);
    expectProblem(await put(id, { namespaceScopedResources }), 9, fields);
  });

  it('misses what is required', async () => {
    expectProblem(await service.send('post', APPS).send({}), 8, ['type', 'version', 'name']);
    const { id } = await createApp(service);
    expectProblem(await service.send('put', `${APPS}/${id}`).send({}), 8, ['type', 'version']);
  });

  const COMPUTED = [
    'id',
    'namespaces',
    'clusterName',
    'clusterType',
    'links',
    'state',
    'stateDetails',
    'protectionState',
    'protectionStateDetails',
    'lastResourceCollectionTimestamp',
  ];
  it.each(COMPUTED)('does not let clients set %s', async (field) => {
    expectProblem(await post({ [field]: 'x' }), 8, [field]);
  });

  it('refuses a name that another one of the account has', async () => {
    const { name } = await createApp(service);
    expectProblem(await post({ name }), 10, ['name']);
    expect((await createApp(await openAccount(service), { name })).name).toBe(name);
  });
});

describe('GET of apps', () => {
  it("lists the account's, each as GET answers it", async () => {
    const other = await openAccount(service);
    const apps = [await createApp(other, { clusterID: CLUSTER }), await createApp(other)];
    expect(await readItems(other.send('get', APPS))).toEqual(apps);
    const answer = await other.send('get', APPS);
    expect(answer.body).toMatchObject({ type: 'application/astra-apps', version: '2.2' });
    for (const { id } of apps) expectProblem(await service.send('get', `${APPS}/${id}`), 2);
  });

  it.each([UNKNOWN_ID, 'no-identifier', '%00'])('does not find %s', async (id) => {
    expectProblem(await service.send('get', `${APPS}/${id}`), 2);
  });

  it('tells what is known of the cluster', async () => {
    const { id } = await createApp(service, { clusterID: CLUSTER });
    await service.database.query(
      { text: `UPDATE apps SET cluster_name = 'east', cluster_type = 'kubernetes' WHERE id = $1` },
      [id],
    );
    expect(await read(id)).toMatchObject({ clusterID: CLUSTER, clusterName: 'east', clusterType: 'kubernetes' });
  });

  it('tells the namespaces of its inventory, and when that was taken, where it declares none', async () => {
    const { id } = await createApp(service);
    const pods = ['zoo', 'app', 'zoo'].map((namespace, index) => ({
      namespace,
      name: `pod-${index}`,
      containers: { main: 'image' },
    }));
    await putInventory(service, id, podList(pods));
    const app = await read(id);
    expect(app.namespaces).toEqual(['app', 'zoo']);
    expect(app.lastResourceCollectionTimestamp).toMatch(TIMESTAMP);
  });
});

describe('PUT of an app', () => {
  it('changes nothing but what it names', async () => {
    const app = await createApp(service, {
      version: '2.1',
      clusterID: CLUSTER,
      namespaceScopedResources: [{ namespace: 'x' }],
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const name = uniqueName('renamed');
    const answer = await put(app.id, { name });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    const { metadata, ...fields } = await read(app.id);
    expect({ ...fields, metadata: app.metadata }).toEqual({ ...app, name });
    const { labels, creationTimestamp, createdBy } = app.metadata;
    expect(metadata).toMatchObject({ labels, creationTimestamp, createdBy, modifiedBy: service.account.userID });
    expect(metadata.modificationTimestamp > app.metadata.modificationTimestamp).toBe(true);
  });

  it('replaces everything that it names', async () => {
    const { id } = await createApp(service, { namespaceScopedResources: [{ namespace: 'x' }] });
    const changes = {
      version: '2.2',
      name: uniqueName('renamed'),
      clusterID: CLUSTER,
      namespaceScopedResources: [{ namespace: 'y', labelSelectors: ['app=y'] }],
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    };
    expect((await put(id, changes)).status).toBe(204);
    expect(await read(id)).toMatchObject({ ...changes, namespaces: ['y'] });
    expect((await put(id, { namespaceScopedResources: [] })).status).toBe(204);
    expect(await read(id)).toMatchObject({ namespaceScopedResources: [], namespaces: [] });
  });

  it('keeps what is null, as if it were left out', async () => {
    const app = await createApp(service, {
      version: '2.1',
      clusterID: CLUSTER,
      namespaceScopedResources: [{ namespace: 'x' }],
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const nulls = Object.fromEntries(Object.keys(app).map((field) => [field, null]));
    expect((await put(app.id, { ...nulls, ...REQUIRED })).status).toBe(204);
    const { metadata, ...fields } = await read(app.id);
    expect({ ...fields, metadata: app.metadata }).toEqual(app);
    expect(metadata.labels).toEqual(app.metadata.labels);
  });

  it('takes back what GET has answered', async () => {
    const { id } = await createApp(service, { clusterID: CLUSTER, metadata: { labels: [{ name: 'a', value: 'b' }] } });
    await put(id, {});
    await putInventory(service, id, podList([{ namespace: 'x', name: 'pod', containers: { main: 'image' } }]));
    await service.database.query(
      { text: `UPDATE apps SET cluster_name = 'east', cluster_type = 'kubernetes' WHERE id = $1` },
      [id],
    );
    const before = await read(id);
    expect((await put(id, before)).status).toBe(204);
    const { metadata, ...fields } = await read(id);
    expect({ ...fields, metadata: before.metadata }).toEqual(before);
    expect(metadata.labels).toEqual(before.metadata.labels);
  });

  it('ignores what it cannot set, whatever that holds', async () => {
    const app = await createApp(service, { version: '2.1' });
    const ignored = Object.fromEntries(
      ['namespaces', 'clusterName', 'clusterType', 'links', 'state', 'stateDetails', 'protectionState'].map((field) => [
        field,
        { not: ['what', 'it', 'was'] },
      ]),
    );
    expect((await put(app.id, ignored)).status).toBe(204);
    expect({ ...(await read(app.id)), metadata: app.metadata }).toEqual(app);
  });

  it("refuses another one's id, and a name that is taken", async () => {
    const [taken, app] = [await createApp(service), await createApp(service)];
    expectProblem(await put(app.id, { id: UNKNOWN_ID }), 10, ['id']);
    expectProblem(await put(app.id, { name: taken.name }), 10, ['name']);
    expect(await read(app.id)).toEqual(app);
    expect((await put(app.id, { id: app.id, name: app.name })).status).toBe(204);
  });

  it('does not find what is not there, or is of another account', async () => {
    const foreign = await createApp(await openAccount(service));
    for (const id of [UNKNOWN_ID, foreign.id, 'no-identifier']) expectProblem(await put(id, {}), 1);
  });
});

describe('DELETE of an app', () => {
  it('takes its inventory and its hooks along, and nothing else', async () => {
    const { id: hookSourceID } = await createHookSource(service);
    const [{ id: appID, name }, other] = [await createApp(service), await createApp(service)];
    const pods = podList([{ name: 'pod', containers: { main: 'image' } }]);
    for (const id of [appID, other.id]) await putInventory(service, id, pods);
    const hooks = [
      await createHook(service, { appID, hookSourceID }),
      await createHook(service, { appID, hookSourceID }),
    ];
    const kept = await createHook(service, { appID: other.id, hookSourceID });

    const answer = await service.send('delete', `${APPS}/${appID}`);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expectProblem(await service.send('get', `${APPS}/${appID}`), 2);
    expectProblem(await service.send('delete', `${APPS}/${appID}`), 1);
    expectProblem(await service.send('get', `/k8s/v1/apps/${appID}/inventory`), 2);
    for (const { id } of hooks) expectProblem(await service.send('get', `/core/v1/executionHooks/${id}`), 2);
    const rows = await service.database.query({ text: 'SELECT FROM inventory_pods WHERE app_id = $1' }, [appID]);
    expect(rows).toHaveLength(0);

    expect((await readHook(service, kept.id)).matchingImages).toEqual(['image']);
    expect((await service.send('get', `/core/v1/hookSources/${hookSourceID}`)).status).toBe(200);
    // Its name is free again.
    expect((await post({ name })).status).toBe(201);
  });

  it('does not find what is not there, or is of another account', async () => {
    const foreign = await createApp(await openAccount(service));
    for (const id of [UNKNOWN_ID, foreign.id, 'no-identifier']) {
      expectProblem(await service.send('delete', `${APPS}/${id}`), 1);
    }
  });
});
