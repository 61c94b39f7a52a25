import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type ExecutionHook,
  type Fields,
  HOOK_ROUTES,
  hookBody,
  type HookReferences,
  readHook,
  uniqueName,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
});
afterAll(() => service.stop());

describe.each(HOOK_ROUTES)('POST of a hook on the $family route', ({ hooksPath }) => {
  const post = (fields: Fields = {}) =>
    service.send('post', hooksPath(references.appID)).send(hookBody(references, fields));

  it('answers 201 with every field, as GET answers it afterwards', async () => {
    const sent = hookBody(references, {
      version: '1.2',
      matchingCriteria: [{ type: 'podLabel', value: '^env=production$' }],
      arguments: ['freeze', '10'],
      enabled: 'false',
      description: 'Payroll production hook',
      metadata: { labels: [{ name: 'team', value: 'payments' }] },
    });
    const answer = await service.send('post', hooksPath(references.appID)).send(sent);
    expect(answer.status).toBe(201);
    const hook = answer.body as ExecutionHook;
    expect(hook).toEqual({
      ...sent,
      id: expect.stringMatching(UUID_V4),
      matchingContainers: [],
      matchingImages: [],
      metadata: {
        labels: [{ name: 'team', value: 'payments' }],
        creationTimestamp: expect.stringMatching(TIMESTAMP),
        modificationTimestamp: hook.metadata.creationTimestamp,
        createdBy: service.account.userID,
      },
    });
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it('says in Location where the hook is, on the same route', async () => {
    const answer = await post();
    const { id } = answer.body as ExecutionHook;
    const path = `/accounts/${service.account.accountID}${hooksPath(references.appID)}/${id}`;
    expect(answer.headers.location).toBe(`${service.url}${path}`);
    const read = await service.sendBare('get', path).set('authorization', `Bearer ${service.account.token}`);
    expect(read.body).toEqual(answer.body);
    expect(read.headers.etag).toBe(answer.headers.etag);
  });

  const MINIMAL = {
    matchingCriteria: [],
    arguments: [],
    enabled: 'true',
    metadata: { labels: [] },
  };

  it('fills in what is left out', async () => {
    const hook = (await post()).body as ExecutionHook;
    expect(hook).toMatchObject(MINIMAL);
    expect(hook).not.toHaveProperty('description');
    expect(hook.metadata).not.toHaveProperty('modifiedBy');
  });

  it('takes null for left out', async () => {
    const optional = { matchingCriteria: null, arguments: null, enabled: null, description: null, metadata: null };
    const hook = (await post(optional)).body as ExecutionHook;
    expect(hook).toMatchObject(MINIMAL);
    expect(hook).not.toHaveProperty('description');
    expect(((await post({ metadata: { labels: null } })).body as ExecutionHook).metadata.labels).toEqual([]);
  });

  it.each(['1.0', '1.1', '1.2', '1.3'])('stores version %s and answers with it', async (version) => {
    const { id } = (await post({ version })).body as ExecutionHook;
    expect((await readHook(service, id)).version).toBe(version);
  });

  it.each([
    ['snapshot', 'pre', '1.0'],
    ['snapshot', 'post', '1.1'],
    ['backup', 'pre', '1.2'],
    ['backup', 'post', '1.3'],
    ['restore', 'post', '1.2'],
    ['failover', 'post', '1.3'],
  ])('takes %s at stage %s with version %s', async (action, stage, version) => {
    const answer = await post({ action, stage, version });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ action, stage, version });
  });

  it.each([
    ['restore', '1.2'],
    ['failover', '1.3'],
  ])('refuses %s before the action', async (action, version) => {
    expectProblem(await post({ action, stage: 'pre', version }), 9, ['stage']);
  });

  it.each(['1.0', '1.1', '1.2'])('does not know failover in version %s', async (version) => {
    expectProblem(await post({ action: 'failover', stage: 'post', version }), 8, ['action']);
  });

  it('takes ten criteria, one of each type among them', async () => {
    const types = ['containerImage', 'containerName', 'podName', 'podLabel', 'namespaceName'];
    const matchingCriteria = [...types, ...types].map((type) => ({ type, value: '^a\\b|[^x]{2,3}$' }));
    const answer = await post({ matchingCriteria });
    expect(answer.status).toBe(201);
    expect((answer.body as ExecutionHook).matchingCriteria).toEqual(matchingCriteria);
  });

  it('keeps empty texts apart from missing ones', async () => {
    const hook = (await post({ description: '', arguments: ['', ''] })).body as ExecutionHook;
    expect(hook).toMatchObject({ description: '', arguments: ['', ''] });
    expect(await readHook(service, hook.id)).toMatchObject({ description: '', arguments: ['', ''] });
  });

  it('keeps any text as it was sent', async () => {
    const text = 'é e\u0301 \u{1f512} "\\" \u2028 \u007f </script> %00';
    const sent = { name: uniqueName(text), description: text, arguments: [text] };
    const { id } = (await post(sent)).body as ExecutionHook;
    expect(await readHook(service, id)).toMatchObject(sent);
  });

  it('lets clients set labels only', async () => {
    const metadata = {
      labels: [],
      creationTimestamp: '2001-01-01T00:00:00.000000Z',
      modificationTimestamp: 'whenever',
      createdBy: UNKNOWN_ID,
      modifiedBy: 42,
    };
    const hook = (await post({ metadata })).body as ExecutionHook;
    expect(hook.metadata).toMatchObject({ labels: [], createdBy: service.account.userID });
    expect(hook.metadata).not.toHaveProperty('modifiedBy');
    expect(Date.parse(hook.metadata.creationTimestamp)).toBeGreaterThan(Date.parse('2025-01-01'));
  });

  it('lists a hook source that does not exist', async () => {
    expectProblem(await post({ hookSourceID: UNKNOWN_ID }), 9, ['hookSourceID']);
  });

  it("does not see another account's hook source", async () => {
    const other = await openAccount(service);
    const foreign = (await createHookSource(other)).id;
    expectProblem(await post({ hookSourceID: foreign }), 9, ['hookSourceID']);
  });

  it('lists every broken rule and every missing reference', async () => {
    const matchingCriteria = [
      { type: 'podName', value: 'fine' },
      { type: 'podName', value: '(?=x)' },
      { type: 'podLabel', value: '(a' },
    ];
    expectProblem(await post({ action: 'restore', matchingCriteria, hookSourceID: UNKNOWN_ID }), 9, [
      'stage',
      'matchingCriteria[1].value',
      'matchingCriteria[2].value',
      'hookSourceID',
    ]);
  });

  it('refuses a name that another hook of the account has, whatever its app', async () => {
    const { name } = await createHook(service, { ...references, appID: (await createApp(service)).id });
    expectProblem(await post({ name }), 10, ['name']);
  });

  it('lets two accounts have hooks of the same name', async () => {
    const other = await openAccount(service);
    const { name } = await createHook(other, await createReferences(other));
    expect((await post({ name })).status).toBe(201);
  });

  it('tells names apart by case, and by form of their letters', async () => {
    const name = uniqueName('caf\u00e9');
    expect((await post({ name })).status).toBe(201);
    expect((await post({ name: name.toUpperCase() })).status).toBe(201);
    expect((await post({ name: name.normalize('NFD') })).status).toBe(201);
  });

  it('refuses a netapp hook', async () => {
    expectProblem(await post({ hookType: 'netapp' }), 73);
  });

  it.each(['application/json', 'application/astra-executionHook+json; charset=UTF-8', 'application/ld+json'])(
    'takes a body of %s',
    async (contentType) => {
      const request = service.send('post', hooksPath(references.appID)).set('content-type', contentType);
      expect((await request.send(JSON.stringify(hookBody(references)))).status).toBe(201);
    },
  );
});

describe('POST of a hook', () => {
  it('refuses an app that does not exist, or is of another account', async () => {
    const other = await openAccount(service);
    for (const appID of [UNKNOWN_ID, (await createApp(other)).id]) {
      const answer = await service.send('post', '/core/v1/executionHooks').send(hookBody({ ...references, appID }));
      expectProblem(answer, 9, ['appID']);
    }
  });

  it("refuses, on an app's route, a body with another app", async () => {
    const { id: appID } = await createApp(service);
    const answer = await service
      .send('post', `/k8s/v1/apps/${references.appID}/executionHooks`)
      .send(hookBody({ ...references, appID }));
    expectProblem(answer, 10, ['appID']);
  });
});
