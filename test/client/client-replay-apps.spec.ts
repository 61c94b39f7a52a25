import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { type DemoService, startDemoService } from '../support/demo-service.js';
import type { HttpsAnswer } from '../support/https-client.js';
import { recordedPods } from '../support/inventory.js';
import { expectProblem } from '../support/problems.js';
import { recordedRequest, sendRecorded } from '../support/recorded-commands.js';

const LISTS = ['payroll-east', 'payroll-west', 'logging', 'streaming', 'wordpress'] as const;
const OTHER_CLUSTER_ID = 'c9456cae-b2d4-400b-ac53-60637d57da57';

type Resource = Readonly<Record<string, unknown>>;

/** An entry of `namespaceScopedResources`. */
interface Resources {
  readonly namespace: string;
  readonly labelSelectors?: readonly string[];
}

let demo: DemoService;
beforeAll(async () => {
  demo = await startDemoService();
});
beforeEach(() => demo.reset());
afterAll(() => demo.stop());

/** What the client sends for `manage app`, with other values in it. */
async function manageApp(
  name: string,
  namespaceScopedResources: readonly Resources[],
  clusterID: string,
): Promise<HttpsAnswer> {
  const recorded = recordedRequest('manage app', 0);
  const body = { ...(recorded.body as object), name, namespaceScopedResources, clusterID };
  return sendRecorded(demo.client, demo.token(), { ...recorded, body });
}

/** Manages an app and gives it the pods of every recorded namespace at once, as `kubectl get pods -A -o json` does. */
async function appWithPods(resources: readonly Resources[]): Promise<{ id: string; counts: unknown }> {
  const answer = await manageApp('newapp', resources, DEMO.clusterID);
  expect(answer).toMatchObject({ status: 201 });
  const { id } = JSON.parse(answer.text) as { id: string };
  const lists = await Promise.all(LISTS.map((namespace) => recordedPods(namespace)));
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: lists.flatMap((text) => (JSON.parse(text) as { items: [] }).items),
  };
  const taken = await demo.call('PUT', `k8s/v1/apps/${id}/inventory`, list);
  expect(taken).toMatchObject({ status: 200 });
  return { id, counts: (JSON.parse(taken.text) as { pods: unknown }).pods };
}

async function items(path: string): Promise<readonly Resource[]> {
  const answer = await demo.call('GET', path);
  expect(answer).toMatchObject({ status: 200 });
  return (JSON.parse(answer.text) as { items: readonly Resource[] }).items;
}

/** The pods of an app's inventory, each as `namespace/name`, sorted. */
async function podsOf(appId: string): Promise<string[]> {
  const containers = await items(`k8s/v1/apps/${appId}/inventory`);
  return [...new Set(containers.map(({ namespaceName, podName }) => `${String(namespaceName)}/${String(podName)}`))];
}

/** A field that the client reads without asking whether it is there: it fails where it is not. */
function read(app: Resource, field: string): unknown {
  if (!(field in app)) throw new Error(`KeyError: ${field}`);
  return app[field];
}

/** How the client filters the list of apps, which it always asks for as a whole. */
async function filteredApps(filter: { namespace?: string; cluster?: string; name?: string }): Promise<unknown[]> {
  const { namespace, cluster, name } = filter;
  const apps = (await items('k8s/v2/apps')).filter(
    (app) =>
      (namespace === undefined || (read(app, 'namespaces') as string[]).includes(namespace)) &&
      (cluster === undefined || [read(app, 'clusterName'), read(app, 'clusterID')].includes(cluster)) &&
      (name === undefined || String(read(app, 'name')).includes(name)),
  );
  return apps.map((app) => [read(app, 'name'), read(app, 'clusterName'), read(app, 'namespaces'), read(app, 'state')]);
}

describe('the apps that the client manages', () => {
  it('has of each what the client reads, and of a managed one what was sent', async () => {
    const resources = [{ namespace: 'wordpress', labelSelectors: ['app=wordpress'] }, { namespace: 'payroll-west' }];
    const answer = await manageApp('newapp', resources, OTHER_CLUSTER_ID);
    expect(JSON.parse(answer.text)).toMatchObject({
      name: 'newapp',
      version: '2.1',
      namespaceScopedResources: resources,
      namespaces: ['payroll-west', 'wordpress'],
      clusterID: OTHER_CLUSTER_ID,
      // Nobody has told the cluster's name.
      clusterName: OTHER_CLUSTER_ID,
      state: 'ready',
    });
    expect(await items('k8s/v2/apps')).toContainEqual(JSON.parse(answer.text));
  });

  it('are found by namespace, by name or ID of the cluster, and by name', async () => {
    await manageApp('newapp', [{ namespace: 'wordpress' }, { namespace: 'payroll-west' }], OTHER_CLUSTER_ID);
    const east = ['payroll-east', DEMO.clusterID, ['payroll-east'], 'ready'];
    const west = ['payroll-west', DEMO.clusterID, ['payroll-west'], 'ready'];
    const managed = ['newapp', OTHER_CLUSTER_ID, ['payroll-west', 'wordpress'], 'ready'];
    expect(await filteredApps({})).toEqual([east, west, managed]);
    expect(await filteredApps({ namespace: 'payroll-west' })).toEqual([west, managed]);
    expect(await filteredApps({ namespace: 'payroll' })).toEqual([]);
    expect(await filteredApps({ cluster: DEMO.clusterID })).toEqual([east, west]);
    expect(await filteredApps({ cluster: OTHER_CLUSTER_ID })).toEqual([managed]);
    expect(await filteredApps({ name: 'east' })).toEqual([east]);
  });

  it('take their inventory and their hooks with them when they are unmanaged', async () => {
    const { id } = await appWithPods([]);
    const hook = recordedRequest('create hook, fast', 0);
    const path = hook.path.replace(DEMO.appID, id);
    const body = { ...(hook.body as object), appID: id };
    expect(await sendRecorded(demo.client, demo.token(), { ...hook, path, body })).toMatchObject({ status: 201 });
    const deletion = recordedRequest('unmanage app', 1);
    const gone = { ...deletion, path: deletion.path.replace(DEMO.otherAppID, id) };
    expect(await sendRecorded(demo.client, demo.token(), gone)).toMatchObject({ status: 204, text: '' });
    expectProblem(await demo.call('GET', `k8s/v1/apps/${id}/inventory`), 2);
    expectProblem(await demo.call('GET', `k8s/v1/apps/${id}/executionHooks`), 2);
    expect((await items('core/v1/executionHooks')).map(({ name }) => name)).not.toContain('h5');
    expectProblem(await sendRecorded(demo.client, demo.token(), gone), 1);
  });

  it('all come in one list, however many they are', async () => {
    await demo.database.query(
      {
        text: `
          INSERT INTO apps (account_id, id, version, name, cluster_id, namespace_scoped_resources, created_by)
          SELECT $1, gen_random_uuid(), '2.2', 'app-' || n, $2, '[]', $3 FROM generate_series(1, 1000) AS n`,
      },
      [DEMO.accountID, DEMO.clusterID, DEMO.userID],
    );
    const answer = await sendRecorded(demo.client, demo.token(), recordedRequest('list apps', 0));
    const list = JSON.parse(answer.text) as { items: Resource[]; metadata: object };
    expect(new Set(list.items.map(({ id }) => id)).size).toBe(1002);
    expect(list.metadata).not.toHaveProperty('continue');
  });
});

/** The pods of a recorded namespace that run. */
const EAST = [
  'payroll-postgresql-0',
  'payroll-postgresql-1',
  'payroll-release3-7',
  'payroll-release4-1',
  'payroll-web-7ddd7f88fb-f799f',
  'payroll-web-7ddd7f88fb-hnzcg',
  'payroll-web-7ddd7f88fb-lz66h',
];
const POSTGRESQL = EAST.slice(0, 2);
const RELEASES = EAST.slice(2, 4);
const WEB = EAST.slice(4);
const DATA = ['es-data-0', 'es-data-1', 'es-data-2'];
const MASTERS = ['es-master-0', 'es-master-1', 'es-master-2'];

describe('the pods of an app', () => {
  it.each<[namespace: string, selectors: readonly string[], pods: readonly string[]]>([
    // No selector at all: what runs there and is not being deleted.
    ['payroll-east', [], EAST],
    ['streaming', [], ['kafka-0', 'kafka-1']],
    ['logging', [], [...DATA, ...MASTERS, 'kibana-85b7bd854f-jqsrf']],
    // Equality, with one equals sign or two; a key with a prefix, and one without.
    ['payroll-east', ['app.kubernetes.io/name=postgresql'], POSTGRESQL],
    ['payroll-east', ['app.kubernetes.io/name==postgresql'], POSTGRESQL],
    ['payroll-east', ['env = staging'], ['payroll-release4-1']],
    ['payroll-east', ['app.kubernetes.io/name=postgres'], []],
    // As in Kubernetes, what lacks the label is unequal and not in any set.
    ['payroll-east', ['app.kubernetes.io/name!=postgresql'], [...RELEASES, ...WEB]],
    ['payroll-east', ['env!=production'], ['payroll-release4-1']],
    ['payroll-east', ['app.kubernetes.io/component notin (web)'], [...POSTGRESQL, ...RELEASES]],
    // Sets.
    ['payroll-east', ['app.kubernetes.io/component in (web, primary)'], [...POSTGRESQL, ...WEB]],
    ['logging', ['role in (master)'], MASTERS],
    // The pending pod has the label too.
    ['logging', ['role=data'], DATA],
    // Presence and absence.
    ['payroll-east', ['statefulset.kubernetes.io/pod-name'], POSTGRESQL],
    ['payroll-east', ['!app.kubernetes.io/instance'], RELEASES],
    // The finished Job's pod is the only one.
    ['payroll-east', ['job-name'], []],
    // Several requirements in one selector, and several selectors: all of them.
    [
      'payroll-east',
      ['app.kubernetes.io/managed-by=Helm,env in (production),!pod-template-hash'],
      [...POSTGRESQL, 'payroll-release3-7'],
    ],
    ['payroll-east', ['env=production', '!app.kubernetes.io/instance'], ['payroll-release3-7']],
    // What the client sends when asked for `-l app=wordpress`: a label that Helm's charts no longer set.
    ['wordpress', ['app=wordpress'], []],
    [
      'wordpress',
      ['app.kubernetes.io/instance=wordpress'],
      ['wordpress-6fcbc8d8b5-9wvkl', 'wordpress-6fcbc8d8b5-xlm45', 'wordpress-mariadb-0'],
    ],
  ])('of %s with the label selectors %j', async (namespace, selectors, pods) => {
    const resources = selectors.length === 0 ? { namespace } : { namespace, labelSelectors: selectors };
    const { id, counts } = await appWithPods([resources]);
    expect(await podsOf(id)).toEqual(pods.map((pod) => `${namespace}/${pod}`));
    expect(counts).toMatchObject({ received: 23, kept: pods.length });
  });

  it('come from all of its namespaces, each with its own label selectors', async () => {
    const { id, counts } = await appWithPods([
      { namespace: 'payroll-east', labelSelectors: ['app.kubernetes.io/name=postgresql'] },
      { namespace: 'payroll-west' },
      { namespace: 'wordpress', labelSelectors: ['app.kubernetes.io/name=mariadb'] },
      { namespace: 'wordpress', labelSelectors: ['app.kubernetes.io/name=nothing'] },
    ]);
    expect(await podsOf(id)).toEqual([
      'payroll-east/payroll-postgresql-0',
      'payroll-east/payroll-postgresql-1',
      'payroll-west/payroll-postgresql-0',
      'wordpress/wordpress-mariadb-0',
    ]);
    expect(counts).toEqual({
      received: 23,
      kept: 4,
      leftOut: {
        otherNamespace: 11,
        labelSelector: 8,
        finished: 0,
        pending: 0,
        unknownPhase: 0,
        terminating: 0,
        nodeLost: 0,
      },
    });
    const hook = recordedRequest('create hook, fast', 0);
    const created = await sendRecorded(demo.client, demo.token(), {
      ...hook,
      path: hook.path.replace(DEMO.appID, id),
      body: { ...(hook.body as object), appID: id },
    });
    expect(JSON.parse(created.text)).toMatchObject({
      matchingImages: [
        'docker.io/bitnami/mariadb:10.6.12-debian-11-r0',
        'docker.io/bitnami/postgres-exporter:0.13.2-debian-11-r3',
        'docker.io/bitnami/postgresql:15.4.0-debian-11-r45',
      ],
    });
  });

  it.each([
    ['app=', 201],
    ['env in ()', 201],
    ['env in production', 400],
    ['=production', 400],
    ['a b', 400],
    ['-env', 400],
    ['env=-x', 400],
    ['env=a,', 400],
    ['env >', 400],
  ])('are chosen by the label selector %j only if Kubernetes takes it: %s', async (selector, status) => {
    const resources = [{ namespace: 'wordpress' }, { namespace: 'x', labelSelectors: [selector] }];
    const answer = await manageApp('newapp', resources, DEMO.clusterID);
    expect(answer).toMatchObject({ status });
    if (status === 400) expectProblem(answer, 9, ['namespaceScopedResources[1].labelSelectors[0]']);
  });
});
