import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PodFields, podList, putInventory, recordedPods } from '../support/inventory.js';
import { expectPlainProblem, expectProblem, invalidFields } from '../support/problems.js';
import {
  type App,
  createApp,
  createHook,
  createHookSource,
  type ExecutionHook,
  type Fields,
  readItems,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const pathOf = (appId: string): string => `/k8s/v1/apps/${appId}/inventory`;
const put = (appId: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
  service
    .send('put', pathOf(appId))
    .set({ 'content-type': 'application/json', ...headers })
    .serialize((raw: unknown) => raw as string)
    .send(body);
const namesOf = async (appId: string): Promise<unknown[]> =>
  (await readItems<Fields>(service.send('get', `${pathOf(appId)}?include=podName,containerName`))).map((names) =>
    Object.values(names).join('/'),
  );
const appOf = async (id: string): Promise<App> => (await service.send('get', `/k8s/v2/apps/${id}`)).body as App;

const POD: PodFields = { namespace: 'shop', name: 'web', labels: { app: 'web' }, containers: { nginx: 'nginx:1' } };
const itemsOf = (list: object): readonly Fields[] => (list as { readonly items: readonly Fields[] }).items;
const LIST = podList([POD]);
const [ITEM = {}] = itemsOf(LIST);
const TEXT = JSON.stringify(LIST);

/** An app that has {@link POD} and another pod, which a refused list must leave there. */
async function appWithPods(): Promise<App> {
  const app = await createApp(service);
  await putInventory(service, app.id, podList([POD, { ...POD, name: 'db' }]));
  return app;
}

describe('one page of a longer list', () => {
  it.each([
    ['the token of the next page', { continue: 'abc', remainingItemCount: 3 }],
    ['the token alone', { continue: 'abc' }],
    ['what remains alone', { remainingItemCount: 1 }],
  ])('is refused by %s, and nothing is replaced', async (_case, metadata) => {
    const { id } = await appWithPods();
    const answer = await put(id, JSON.stringify({ ...LIST, metadata }));
    expectProblem(answer, 9, ['metadata.continue']);
    expect(invalidFields(answer)[0]?.reason).toContain('send the whole list');
    expect(await namesOf(id)).toEqual(['db/nginx', 'web/nginx']);
  });

  it('is not what a whole list is that says so', async () => {
    const { id } = await appWithPods();
    await putInventory(service, id, { ...LIST, metadata: { continue: '', resourceVersion: '' } });
    expect(await namesOf(id)).toEqual(['web/nginx']);
  });
});

describe('If-Match of an inventory', () => {
  it('is the revision, which PUT and GET answer as ETag', async () => {
    const { id } = await createApp(service);
    const list = () => service.send('get', `${pathOf(id)}?limit=1`);
    expect((await list()).headers.etag).toBe('"0"');
    expect((await put(id, TEXT)).headers.etag).toBe('"1"');
    expect((await put(id, TEXT)).headers.etag).toBe('"1"');
    expect((await list()).headers.etag).toBe('"1"');
    expect((await put(id, JSON.stringify(podList([])))).headers.etag).toBe('"2"');
  });

  it('has to hold, or nothing is replaced, and nothing is reported', async () => {
    const { id } = await appWithPods();
    const { lastResourceCollectionTimestamp } = await appOf(id);
    expectProblem(await put(id, TEXT, { 'if-match': '"7"' }), 38);
    expectProblem(await put(id, TEXT, { 'if-none-match': '"1"' }), 38);
    expectProblem(await put(id, TEXT, { 'if-unmodified-since': 'Thu, 06 Oct 2022 20:58:16 GMT' }), 38);
    expect(await namesOf(id)).toEqual(['db/nginx', 'web/nginx']);
    expect((await appOf(id)).lastResourceCollectionTimestamp).toBe(lastResourceCollectionTimestamp);
    expect((await put(id, TEXT, { 'if-match': '"7", "1"' })).body).toMatchObject({ revision: 2 });
    expect((await put(id, TEXT, { 'if-match': '*' })).body).toMatchObject({ revision: 2 });
  });

  it('has to hold for the same list too', async () => {
    const { id } = await createApp(service);
    await put(id, TEXT);
    expectProblem(await put(id, TEXT, { 'if-match': '"0"' }), 38);
    expect((await put(id, TEXT, { 'if-match': '"1"' })).status).toBe(200);
  });

  it('is looked at before the body, where it is no tag', async () => {
    const { id } = await createApp(service);
    expectProblem(await put(id, 'no JSON', { 'if-match': 'revision 1' }), 12);
  });

  it('lets one of two win who replace the same revision', async () => {
    const { id } = await appWithPods();
    const lists = [podList([POD]), podList([{ ...POD, name: 'cache' }])].map((list) => JSON.stringify(list));
    const answers = await Promise.all(lists.map((list) => put(id, list, { 'if-match': '"1"' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});

describe('an app that declares less than before', () => {
  const PODS = podList([
    { ...POD, namespace: 'prod' },
    { ...POD, namespace: 'staging' },
    { ...POD, namespace: 'staging', name: 'db', labels: { app: 'db' } },
  ]);
  const declare = (id: string, namespaceScopedResources: readonly object[]) =>
    service
      .send('put', `/k8s/v2/apps/${id}`)
      .send({ type: 'application/astra-app', version: '2.2', namespaceScopedResources });

  async function hookOf(resources: readonly object[]): Promise<{ app: App; matching: () => Promise<string[]> }> {
    const app = await createApp(service, { namespaceScopedResources: resources });
    const { id: hookSourceID } = await createHookSource(service);
    const hook = await createHook(service, { appID: app.id, hookSourceID });
    const read = async (): Promise<string[]> => {
      const answer = await service.send('get', `/core/v1/executionHooks/${hook.id}`);
      return ((answer.body as ExecutionHook).matchingContainers ?? []).map(
        ({ namespaceName, podName }) => `${namespaceName}/${podName}`,
      );
    };
    await putInventory(service, app.id, PODS);
    return { app, matching: read };
  }
  const BOTH = [{ namespace: 'prod' }, { namespace: 'staging' }];

  it('matches nothing any more in a namespace that it has left', async () => {
    const { app, matching } = await hookOf(BOTH);
    expect(await matching()).toEqual(['prod/web', 'staging/db', 'staging/web']);
    expect((await declare(app.id, [{ namespace: 'prod' }])).status).toBe(204);
    expect(await matching()).toEqual(['prod/web']);
    expect(await namesOf(app.id)).toEqual(['web/nginx']);
  });

  it('matches nothing any more that its label selectors leave out, by comparison of numbers too', async () => {
    const { app, matching } = await hookOf(BOTH);
    await declare(app.id, [
      { namespace: 'prod' },
      { namespace: 'staging', labelSelectors: ['app in (db)', '!canary'] },
    ]);
    expect(await matching()).toEqual(['prod/web', 'staging/db']);
    await declare(app.id, [{ namespace: 'prod', labelSelectors: ['app > 5'] }, { namespace: 'staging' }]);
    expect(await matching()).toEqual(['staging/db']);
  });

  it('matches what it had before it declared anything only within what it declares', async () => {
    const { app, matching } = await hookOf([]);
    await declare(app.id, [{ namespace: 'staging', labelSelectors: ['app!=db'] }]);
    expect(await matching()).toEqual(['staging/web']);
  });

  it('keeps its inventory, the revision included, when nothing of it is outside', async () => {
    const { app, matching } = await hookOf([{ namespace: 'prod' }]);
    const before = await appOf(app.id);
    await declare(app.id, BOTH);
    expect(await matching()).toEqual(['prod/web']);
    expect((await service.send('get', pathOf(app.id))).headers.etag).toBe('"1"');
    expect((await appOf(app.id)).lastResourceCollectionTimestamp).toBe(before.lastResourceCollectionTimestamp);
  });

  it('takes the same list again once it declares more', async () => {
    const { app, matching } = await hookOf(BOTH);
    await declare(app.id, [{ namespace: 'prod' }]);
    expect((await service.send('get', pathOf(app.id))).headers.etag).toBe('"2"');
    await declare(app.id, BOTH);
    expect((await putInventory(service, app.id, PODS)).body).toMatchObject({ revision: 3, containers: { added: 2 } });
    expect(await matching()).toEqual(['prod/web', 'staging/db', 'staging/web']);
  });
});

describe('the containers that an inventory keeps', () => {
  const status = (state: object): object => ({
    phase: 'Running',
    containerStatuses: [{ name: 'nginx', state }],
    initContainerStatuses: [{ name: 'logs', state: { running: {} } }],
  });
  const sidecar = { name: 'logs', image: 'fluent-bit:3', restartPolicy: 'Always' };
  const spec = { ...(ITEM.spec as object), initContainers: [{ name: 'init', image: 'busybox' }, sidecar] };
  const listOf = (...items: readonly object[]): object => ({ ...LIST, items });

  it('are native sidecars too, and no other init containers', async () => {
    const { id } = await createApp(service);
    const answer = await putInventory(service, id, listOf({ ...ITEM, spec }));
    expect(answer.body).toMatchObject({ containers: { kept: 2, leftOut: { init: 1 } } });
    expect(await namesOf(id)).toEqual(['web/logs', 'web/nginx']);
    const repeated = { ...spec, initContainers: [{ ...sidecar, name: 'nginx' }] };
    expectProblem(await put(id, JSON.stringify(listOf({ ...ITEM, spec: repeated }))), 9, [
      'items[0].spec.initContainers[0].name',
    ]);
  });

  it('are shown with their state, which tells one snapshot from another', async () => {
    const { id } = await createApp(service);
    const crashing = status({ waiting: { reason: 'CrashLoopBackOff' } });
    await putInventory(service, id, listOf({ ...ITEM, spec, status: crashing }));
    const [logs, nginx] = await readItems<Fields>(service.send('get', pathOf(id)));
    expect(logs).toMatchObject({ containerName: 'logs', containerState: 'running' });
    expect(logs).not.toHaveProperty('containerStateReason');
    expect(nginx).toMatchObject({ containerState: 'waiting', containerStateReason: 'CrashLoopBackOff' });
    const again = await putInventory(service, id, listOf({ ...ITEM, spec, status: crashing }));
    expect(again.body).toMatchObject({ revision: 1 });
    const running = await putInventory(service, id, listOf({ ...ITEM, spec, status: status({ running: {} }) }));
    expect(running.body).toMatchObject({ revision: 2, containers: { added: 0, changed: 1, removed: 0 } });
    const ended = status({ terminated: { reason: 'Completed', exitCode: 0 } });
    await putInventory(service, id, listOf({ ...ITEM, spec, status: ended }));
    const filter = encodeURIComponent("containerState eq 'terminated'");
    const found = await readItems<Fields>(service.send('get', `${pathOf(id)}?filter=${filter}`));
    expect(found).toMatchObject([{ containerName: 'nginx', containerStateReason: 'Completed' }]);
  });

  it('have no state where the list has none', async () => {
    const { id } = await createApp(service);
    await putInventory(service, id, LIST);
    const [container] = await readItems<Fields>(service.send('get', pathOf(id)));
    expect(container).not.toHaveProperty('containerState');
  });

  it('match all the same when they do not run', async () => {
    const app = await createApp(service);
    const { id: hookSourceID } = await createHookSource(service);
    await putInventory(service, app.id, listOf({ ...ITEM, status: status({ waiting: { reason: 'ErrImagePull' } }) }));
    const { matchingContainers } = await createHook(service, { appID: app.id, hookSourceID });
    expect(matchingContainers).toEqual([
      {
        namespaceName: 'shop',
        podName: 'web',
        podLabels: [{ name: 'app', value: 'web' }],
        containerName: 'nginx',
        containerImage: 'nginx:1',
      },
    ]);
  });

  it('are none of a pod whose node is lost', async () => {
    const { id } = await createApp(service);
    const lost = { ...ITEM, status: { phase: 'Running', reason: 'NodeLost' } };
    const answer = await putInventory(service, id, listOf(lost));
    expect(answer.body).toMatchObject({ pods: { received: 1, kept: 0, leftOut: { nodeLost: 1 } } });
    expect(await namesOf(id)).toEqual([]);
  });

  it('are no more than an answer can show: a pod with too many labels for them is refused by its name', async () => {
    const { id } = await appWithPods();
    const labels = Object.fromEntries(Array.from({ length: 8_000 }, (_, at) => [`label-${at}`, 'value']));
    const containers = Array.from({ length: 150 }, (_, at) => ({ name: `c${at}`, image: 'i' }));
    const pod = { ...ITEM, metadata: { namespace: 'shop', name: 'wide', labels }, spec: { containers } };
    const answer = await put(id, gzipSync(JSON.stringify(listOf(ITEM, pod))), { 'content-encoding': 'gzip' });
    expectProblem(answer, 9, ['items[1]']);
    expect(invalidFields(answer)[0]?.reason).toContain('pod shop/wide');
    expect(await namesOf(id)).toEqual(['db/nginx', 'web/nginx']);
  });

  it('are those of a Go client, which leaves the kinds out', async () => {
    const { id } = await createApp(service);
    await putInventory(service, id, { metadata: {}, items: [ITEM] });
    expect(await namesOf(id)).toEqual(['web/nginx']);
  });
});

describe('a report that changes nothing', () => {
  it('moves the time of the report, and neither the revision nor the app', async () => {
    const { id } = await appWithPods();
    const pods = podList([POD, { ...POD, name: 'db' }]);
    const before = await service.send('get', `/k8s/v2/apps/${id}`);
    expect((await putInventory(service, id, pods)).body).toMatchObject({ revision: 1 });
    const after = await service.send('get', `/k8s/v2/apps/${id}`);
    const at = ({ body }: { body: unknown }): string => String((body as App).lastResourceCollectionTimestamp);
    expect(at(after) > at(before)).toBe(true);
    expect(after.headers.etag).toBe(before.headers.etag);
    expect((after.body as App).metadata).toEqual((before.body as App).metadata);
  });
});

describe('what cannot be read', () => {
  const KUBECTL_TABLE = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', columnDefinitions: [], rows: [] };
  const STATUS = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'pods is forbidden', code: 403 };
  const half = TEXT.slice(0, 90);
  const cases: [string, string | Buffer, RegExp][] = [
    [
      'a warning before the JSON',
      `Warning: v1 is old\n${TEXT}`,
      /^byte 0: text before the JSON: "Warning: v1 is old"$/,
    ],
    ['a log line before the JSON', `W1130 10:00:00 auth.go\n${TEXT}`, /^byte 0: text before the JSON: "W1130/],
    ['UTF-16, the lower byte first', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), /^byte 0: UTF-16 .*send UTF-8$/],
    ['UTF-16, the higher byte first', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(), /^byte 0: UTF-16/],
    ['YAML', 'apiVersion: v1\nitems:\n- apiVersion: v1\n', /^byte 0: YAML: send JSON/],
    ['YAML with a document start', '---\nkind: List\n', /^byte 0: YAML/],
    ['gzip that does not say so', gzipSync(TEXT), /^byte 0: gzip/],
    ['half of it', half, /^byte 90: .*cut off\?$/],
    ['nothing', '', /^byte 0: .*cut off\?$/],
    ['more than one', `${TEXT}{}`, new RegExp(`^byte ${TEXT.length}: something follows`)],
    ['a word without quotes', TEXT.replace('"v1"', 'v1'), /^byte 31: expected a value, found "v"$/],
    ['a byte that is no UTF-8', Buffer.concat([Buffer.from('{"kind":"a'), Buffer.of(0xff)]), /^byte 1[01]: /],
    ['a table', JSON.stringify(KUBECTL_TABLE), /"Table" is what is printed for people/],
    ['the answer of an API server', JSON.stringify(STATUS), /"Status" .*: pods is forbidden$/],
  ];

  it.each(cases)('is said with place and reason: %s sent as an inventory', async (_case, body, reason) => {
    const { id } = await appWithPods();
    const answer = await put(id, body);
    expectProblem(
      answer,
      7,
      invalidFields(answer).map(({ name }) => name),
    );
    expect(invalidFields(answer)).toEqual([
      { name: expect.stringMatching(/^(?:body|kind)$/), reason: expect.anything() },
    ]);
    expect(invalidFields(answer)[0]?.reason).toMatch(reason);
    expect(await namesOf(id)).toEqual(['db/nginx', 'web/nginx']);
  });

  const postApp = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    service
      .send('post', '/k8s/v2/apps')
      .set({ 'content-type': 'application/json', ...headers })
      .serialize((raw: unknown) => raw as string)
      .send(body);

  it.each(cases)('is said with place and reason: %s sent as an app', async (_case, body, reason) => {
    const answer = await postApp(body);
    expectProblem(
      answer,
      7,
      invalidFields(answer).map(({ name }) => name),
    );
    expect(invalidFields(answer)[0]?.reason).toMatch(reason);
  });

  it('is gzip that is cut off, damaged, or none', async () => {
    const { id } = await appWithPods();
    const zipped = gzipSync(TEXT);
    const damaged = Buffer.from(zipped);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 6) ^ 1, damaged.length - 6);
    for (const [body, reason] of [
      [zipped.subarray(0, -9), /^byte \d+: the gzip data ends before its end: was it cut off\?$/],
      [damaged, /^byte \d+: the gzip data is damaged: /],
      [Buffer.from(TEXT), /^byte 0: is not gzip, as Content-Encoding says$/],
    ] as const) {
      const answer = await put(id, body, { 'content-encoding': 'gzip' });
      expectProblem(answer, 7, ['body']);
      expect(invalidFields(answer)[0]?.reason).toMatch(reason);
    }
    expect(await namesOf(id)).toEqual(['db/nginx', 'web/nginx']);
  });

  it('is no list behind a byte order mark, nor any other resource', async () => {
    const { id } = await createApp(service);
    expect((await put(id, `\ufeff${TEXT}`)).status).toBe(200);
    expect((await put(id, gzipSync(`\ufeff${TEXT}`), { 'content-encoding': 'gzip' })).body).toMatchObject({
      revision: 1,
    });
    const app = JSON.stringify({ type: 'application/astra-app', version: '2.2', name: 'marked' });
    expect((await postApp(`\ufeff${app}`)).status).toBe(201);
  });

  it.each(['Identity', 'IDENTITY', ' identity '])(
    'is nothing that is encoded as %j, on any route',
    async (encoding) => {
      const { id } = await createApp(service);
      const headers = { 'content-encoding': encoding };
      expect((await put(id, TEXT, headers)).status).toBe(200);
      const app = JSON.stringify({
        type: 'application/astra-app',
        version: '2.2',
        name: `coded-${encoding.length}-${encoding.charCodeAt(1)}`,
      });
      expect((await postApp(app, headers)).status).toBe(201);
      expectPlainProblem(await postApp(app, { 'content-encoding': 'GZIP' }), 415, 'Unsupported Media Type');
    },
  );
});

describe('a recorded list cut after a third', () => {
  const LISTS = ['payroll-east', 'payroll-west', 'logging', 'streaming', 'wordpress'] as const;

  it.each(LISTS)('is refused with the old inventory kept, gzipped and not: %s', async (name) => {
    const { id } = await createApp(service);
    const text = Buffer.from(await recordedPods(name));
    await putInventory(service, id, text.toString());
    const before = await namesOf(id);
    expect(before).not.toEqual([]);
    const third = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 3);
    for (const [body, headers] of [
      [third(text), {}],
      [third(gzipSync(text)), { 'content-encoding': 'gzip' }],
      [gzipSync(third(text)), { 'content-encoding': 'gzip' }],
    ] as const) {
      const answer = await put(id, body, headers);
      expectProblem(answer, 7, ['body']);
      expect(invalidFields(answer)[0]?.reason).toMatch(/was it cut off\?$/);
      expect(await namesOf(id)).toEqual(before);
    }
  });
});
