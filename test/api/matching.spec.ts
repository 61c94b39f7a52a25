import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PodFields, podList, putInventory, recordedPods } from '../support/inventory.js';
import {
  createApp,
  createHook,
  createHookSource,
  type ExecutionHook,
  HOOK_ROUTES,
  hookBody,
  readHook,
  readItems,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
let hookSourceID: string;
beforeAll(async () => {
  service = await startTestService();
  hookSourceID = (await createHookSource(service)).id;
});
afterAll(() => service.stop());

interface Criterion {
  readonly type: string;
  readonly value: string;
}

/** An app with an inventory. */
async function appWith(pods: readonly PodFields[] | string): Promise<string> {
  const { id } = await createApp(service);
  await putInventory(service, id, typeof pods === 'string' ? pods : podList(pods));
  return id;
}

/** What a hook with these criteria matches in an app, as `pod/container`. */
async function matchedIn(appID: string, matchingCriteria: readonly Criterion[]): Promise<string[]> {
  return names(await createHook(service, { appID, hookSourceID }, { matchingCriteria }));
}

function names({ matchingContainers = [] }: ExecutionHook): string[] {
  return matchingContainers.map(({ podName, containerName }) => `${podName}/${containerName}`);
}

describe('the payroll example', () => {
  const PAYROLL = [
    { type: 'podLabel', value: '^env=production$' },
    { type: 'containerName', value: '^payroll-master' },
  ];
  const MASTER = {
    namespaceName: 'payroll-east',
    podName: 'payroll-release3-7',
    podLabels: [
      { name: 'app.kubernetes.io/managed-by', value: 'Helm' },
      { name: 'env', value: 'production' },
    ],
    containerImage: 'docker.io/bitnami/payroll:3.7.8',
  };
  const EXPECTED = {
    matchingContainers: [
      { ...MASTER, containerName: 'payroll-master-0' },
      { ...MASTER, containerName: 'payroll-master-1' },
    ],
    matchingImages: ['docker.io/bitnami/payroll:3.7.8'],
  };

  let appID: string;
  beforeAll(async () => {
    appID = (await createApp(service, { namespaceScopedResources: [{ namespace: 'payroll-east' }] })).id;
    await putInventory(service, appID, await recordedPods('payroll-east'));
  });

  it.each(HOOK_ROUTES)('matches the same everywhere on the $family route', async ({ hooksPath }) => {
    const path = hooksPath(appID);
    const made = await service
      .send('post', path)
      .send(hookBody({ appID, hookSourceID }, { matchingCriteria: PAYROLL, enabled: 'false' }));
    expect(made.body).toMatchObject(EXPECTED);
    const { id } = made.body as ExecutionHook;
    expect((await service.send('get', `${path}/${id}`)).body).toEqual(made.body);
    expect(await readItems(service.send('get', path))).toContainEqual(made.body);
    const included = await readItems(service.send('get', `${path}?include=matchingImages,id,matchingContainers`));
    expect(included).toContainEqual([EXPECTED.matchingImages, id, EXPECTED.matchingContainers]);
  });
});

describe('a criterion', () => {
  const SHOP: readonly PodFields[] = [
    {
      namespace: 'shop',
      name: 'web-1',
      labels: { app: 'web', tier: 'front', 'example.com/team': 'caf\u00e9' },
      containers: { nginx: 'docker.io/library/nginx:1.25', proxy: 'docker.io/envoy:1.30' },
    },
    {
      namespace: 'shop-db',
      name: 'db-0',
      labels: { app: 'mariadb' },
      containers: { MariaDB: 'registry:5000/mariadb@sha256:abc' },
    },
    { namespace: 'shop-db', name: 'unlabelled', containers: { main: 'mariadbx:1' } },
  ];
  let appID: string;
  beforeAll(async () => {
    appID = await appWith(SHOP);
  });

  it.each([
    ['containerImage', 'nginx', ['web-1/nginx']],
    ['containerImage', '\\bmariadb\\b', ['db-0/MariaDB']],
    ['containerImage', '^docker', ['web-1/nginx', 'web-1/proxy']],
    ['containerImage', '^nginx', []],
    ['containerImage', 'registry:5000/mariadb@sha256:abc', ['db-0/MariaDB']],
    ['containerName', 'MariaDB', ['db-0/MariaDB']],
    ['containerName', 'mariadb', []],
    ['containerName', '(?i)mariadb', ['db-0/MariaDB']],
    ['containerName', '^n.*x$', ['web-1/nginx']],
    ['podName', '-\\d', ['web-1/nginx', 'web-1/proxy', 'db-0/MariaDB']],
    ['podName', '^web-1$', ['web-1/nginx', 'web-1/proxy']],
    ['namespaceName', '^shop$', ['web-1/nginx', 'web-1/proxy']],
    ['namespaceName', 'shop', ['web-1/nginx', 'web-1/proxy', 'db-0/MariaDB', 'unlabelled/main']],
    ['podLabel', '^app=web$', ['web-1/nginx', 'web-1/proxy']],
    ['podLabel', '^app=', ['web-1/nginx', 'web-1/proxy', 'db-0/MariaDB']],
    ['podLabel', '=web', ['web-1/nginx', 'web-1/proxy']],
    ['podLabel', 'team=caf.$', ['web-1/nginx', 'web-1/proxy']],
    ['podLabel', 'webtier', []],
    ['podLabel', '.*', ['web-1/nginx', 'web-1/proxy', 'db-0/MariaDB']],
  ] as const)('of %s searched for %s', async (type, value, expected) => {
    expect(await matchedIn(appID, [{ type, value }])).toEqual(expected);
  });

  it('must hold with all others for the same container', async () => {
    const both = (left: Criterion, right: Criterion) => matchedIn(appID, [left, right]);
    const web = { type: 'podName', value: 'web' };
    expect(await both(web, { type: 'containerImage', value: 'envoy' })).toEqual(['web-1/proxy']);
    expect(await both(web, { type: 'containerImage', value: 'mariadb' })).toEqual([]);
    // Nginx in one container, envoy in another one of the same pod.
    const nginx = { type: 'containerImage', value: 'nginx' };
    expect(await both(nginx, { type: 'containerName', value: 'proxy' })).toEqual([]);
  });

  it('of labels may be met by another label than the next one is', async () => {
    const labels = (...values: string[]) =>
      matchedIn(
        appID,
        values.map((value) => ({ type: 'podLabel', value })),
      );
    expect(await labels('^app=web$', '^tier=front$')).toEqual(['web-1/nginx', 'web-1/proxy']);
    expect(await labels('^app=web$', '^tier=back$')).toEqual([]);
  });

  it('is not needed: a hook without any matches every container', async () => {
    const hook = await createHook(service, { appID, hookSourceID });
    expect(names(hook)).toEqual(['web-1/nginx', 'web-1/proxy', 'db-0/MariaDB', 'unlabelled/main']);
    expect(hook.matchingContainers?.at(-1)?.podLabels).toEqual([]);
    expect(hook.matchingImages).toEqual([
      'docker.io/envoy:1.30',
      'docker.io/library/nginx:1.25',
      'mariadbx:1',
      'registry:5000/mariadb@sha256:abc',
    ]);
  });
});

describe('what a hook matches', () => {
  it('is nothing in an app without an inventory', async () => {
    const { id: appID } = await createApp(service);
    expect(await createHook(service, { appID, hookSourceID })).toMatchObject({
      matchingContainers: [],
      matchingImages: [],
    });
  });

  it('is ordered by namespace, pod and container, and images by themselves, by code point', async () => {
    const containers = { b: 'b:1', B: '\uff5e:1', a: '\u{1f512}:1' };
    const appID = await appWith([
      { namespace: 'b', name: 'a', containers },
      { namespace: 'a', name: 'b-1', containers: { x: 'a:1' } },
      { namespace: 'a', name: 'b', containers: { x: 'b:1' } },
    ]);
    const hook = await createHook(service, { appID, hookSourceID });
    expect(names(hook)).toEqual(['b/x', 'b-1/x', 'a/B', 'a/a', 'a/b']);
    expect(hook.matchingImages).toEqual(['a:1', 'b:1', '\uff5e:1', '\u{1f512}:1']);
  });

  it('follows the inventory at once', async () => {
    const appID = await appWith([{ name: 'one', containers: { main: 'image:1' } }]);
    const hook = await createHook(service, { appID, hookSourceID });
    const path = `/k8s/v1/apps/${appID}/executionHooks`;
    for (const version of [2, 3, 4]) {
      await putInventory(
        service,
        appID,
        podList([{ name: `pod-${version}`, containers: { main: `image:${version}` } }]),
      );
      expect((await readHook(service, hook.id)).matchingImages).toEqual([`image:${version}`]);
      expect((await readItems<ExecutionHook>(service.send('get', path)))[0]?.matchingImages).toEqual([
        `image:${version}`,
      ]);
    }
  });

  it('follows the hook at once', async () => {
    const appID = await appWith([{ name: 'pod', containers: { one: 'image:1', two: 'image:2' } }]);
    const { id, type, version } = await createHook(service, { appID, hookSourceID });
    for (const [value, images] of [
      ['one', ['image:1']],
      ['two', ['image:2']],
      ['three', []],
    ] as const) {
      const matchingCriteria = [{ type: 'containerName', value }];
      await service.send('put', `/core/v1/executionHooks/${id}`).send({ type, version, matchingCriteria });
      expect((await readHook(service, id)).matchingImages).toEqual(images);
    }
  });

  it('follows the hook to another app', async () => {
    const [here, there] = [
      await appWith([{ name: 'pod', containers: { main: 'here' } }]),
      await appWith([{ name: 'pod', containers: { main: 'there' } }]),
    ];
    const { id, type, version } = await createHook(service, { appID: here, hookSourceID });
    await service.send('put', `/core/v1/executionHooks/${id}`).send({ type, version, appID: there });
    expect((await readHook(service, id)).matchingImages).toEqual(['there']);
  });

  it('is whole however much it is, with the first 4095 images', async () => {
    const image = (index: number): string => `image:${String(index).padStart(5, '0')}`;
    const pods = Array.from({ length: 1050 }, (_, pod) => ({
      name: `pod-${String(pod).padStart(4, '0')}`,
      containers: Object.fromEntries([0, 1, 2, 3].map((at) => [`c${at}`, image(pod * 4 + at)])),
    }));
    const appID = await appWith(pods);
    const made = await createHook(service, { appID, hookSourceID });
    for (const hook of [
      made,
      await readHook(service, made.id),
      ...(await readItems<ExecutionHook>(service.send('get', `/k8s/v1/apps/${appID}/executionHooks`))),
    ]) {
      expect(names(hook)).toEqual(pods.flatMap(({ name }) => [0, 1, 2, 3].map((at) => `${name}/c${at}`)));
      expect(hook.matchingImages).toEqual(Array.from({ length: 4095 }, (_, index) => image(index)));
    }
  });
});

describe('one request', () => {
  it('sees one inventory, never two', async () => {
    // Each snapshot has other pods, containers and images, so that a mix would show.
    const snapshot = (version: number) =>
      podList(
        Array.from({ length: 20 }, (_, pod) => ({
          name: `pod-${pod}-${version % 3}`,
          containers: { [`c-${version}`]: `image:${version}` },
        })),
      );
    const { id: appID } = await createApp(service);
    await putInventory(service, appID, snapshot(0));
    const hooks = await Promise.all(
      ['image', 'c-', 'pod'].map((value, index) =>
        createHook(
          service,
          { appID, hookSourceID },
          {
            matchingCriteria: [{ type: ['containerImage', 'containerName', 'podName'][index], value }],
          },
        ),
      ),
    );
    let isWriting = true;
    const writing = (async () => {
      for (let version = 1; version <= 15; version++) await putInventory(service, appID, snapshot(version));
      isWriting = false;
    })();
    const seen = new Set<string>();
    const reading = async (path: string): Promise<void> => {
      while (isWriting) {
        const answer = await service.send('get', path);
        const { items = [answer.body as ExecutionHook] } = answer.body as { readonly items?: readonly ExecutionHook[] };
        const images = new Set(items.flatMap(({ matchingImages = [] }) => matchingImages));
        expect(images.size).toBe(1);
        const containers = items.flatMap(({ matchingContainers = [] }) => matchingContainers);
        expect(new Set(containers.map(({ containerImage }) => containerImage))).toEqual(images);
        expect(containers).toHaveLength(20 * items.length);
        for (const each of images) seen.add(each);
      }
    };
    await Promise.all([
      writing,
      reading(`/k8s/v1/apps/${appID}/executionHooks`),
      reading('/core/v1/executionHooks?filter=' + encodeURIComponent(`appID eq '${appID}'`)),
      reading(`/core/v1/executionHooks/${hooks[0]?.id ?? ''}`),
    ]);
    expect(seen.size).toBeGreaterThan(1);
  });
});
