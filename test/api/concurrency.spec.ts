import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Test } from 'supertest';
import { podList, putInventory } from '../support/inventory.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type ExecutionHook,
  type Fields,
  hookBody,
  type HookReferences,
  readHook,
  readItems,
  uniqueName,
} from '../support/resources.js';
import { ServiceProcess } from '../support/service-process.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';

let service: TestService;
let references: HookReferences;
let other: ServiceProcess;
let otherUrl: string;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
  other = ServiceProcess.start([], { DATABASE_URL: service.databaseUrl, PORT: '0', LOG_LEVEL: 'info' });
  otherUrl = await other.listens();
});
afterAll(async () => {
  expect(await other.stop()).toBe(0);
  expect(service.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  await service.stop();
});

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

/** A request to a second process on the same database. */
function toOther(method: 'get' | 'post' | 'put', path: string): Test {
  const { accountID, token } = service.account;
  return request(otherUrl)[method](`/accounts/${accountID}${path}`).auth(token, { type: 'bearer' });
}

/** Half of the requests to each of two processes. */
const either = (index: number, method: 'get' | 'post' | 'put', path: string): Test =>
  index % 2 === 0 ? service.send(method, path) : toOther(method, path);

describe('concurrent writers', () => {
  it('cannot both have a name', async () => {
    const name = uniqueName('wanted');
    const answers = await times(50, async (index) => {
      const path = index % 4 < 2 ? HOOKS : `/k8s/v1/apps/${references.appID}/executionHooks`;
      return either(index, 'post', path).send(hookBody(references, { name }));
    });
    const [made, ...others] = answers.filter(({ status }) => status === 201);
    expect([made?.status, others]).toEqual([201, []]);
    for (const answer of answers.filter((each) => each !== made)) expectProblem(answer, 10, ['name']);
    const hooks = await readItems<ExecutionHook>(service.send('get', HOOKS));
    expect(hooks.filter((hook) => hook.name === name)).toEqual([made?.body]);
  });

  it('cannot both take a name', async () => {
    const name = uniqueName('wanted');
    const hooks = await times(10, () => createHook(service, references));
    const answers = await Promise.all(
      hooks.map(async ({ id, type, version }, index) =>
        either(index, 'put', `${HOOKS}/${id}`).send({ type, version, name }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 204)) expectProblem(answer, 10, ['name']);
  });

  it('lose no update when they say what they have read', async () => {
    const { id, type, version } = await createHook(service, references, { description: '0' });
    const path = `${HOOKS}/${id}`;
    const count = async (index: number): Promise<void> => {
      for (;;) {
        const read = await either(index, 'get', path);
        const description = String(Number((read.body as ExecutionHook).description) + 1);
        const { etag = '' } = read.headers as Record<string, string>;
        const answer = await either(index, 'put', path).set('if-match', etag).send({ type, version, description });
        if (answer.status === 204) return;
        expectProblem(answer, 38);
      }
    };
    await times(10, count);
    expect((await readHook(service, id)).description).toBe('10');
  });

  it('replace each other whole when they do not', async () => {
    const { id, type, version } = await createHook(service, references);
    const changes = (index: number): Fields => ({
      type,
      version,
      description: `writer ${index}`,
      arguments: [`writer ${index}`],
      metadata: { labels: [{ name: 'writer', value: `writer ${index}` }] },
    });
    const answers = await times(20, async (index) => service.send('put', `${HOOKS}/${id}`).send(changes(index)));
    for (const { status } of answers) expect(status).toBe(204);
    const {
      description,
      arguments: [argument],
      metadata,
    } = await readHook(service, id);
    expect([argument, metadata.labels[0]?.value]).toEqual([description, description]);
  });

  it('of different fields keep what the others wrote', async () => {
    const { id, type, version } = await createHook(service, references);
    const fields = {
      description: 'x',
      arguments: ['x'],
      enabled: 'false',
      stage: 'post',
      metadata: { labels: [{ name: 'x', value: 'x' }] },
    };
    await Promise.all(
      Object.entries(fields).map(async ([field, value]) =>
        service.send('put', `${HOOKS}/${id}`).send({ type, version, [field]: value }),
      ),
    );
    expect(await readHook(service, id)).toMatchObject(fields);
  });

  it('delete a thing once', async () => {
    const { id } = await createHook(service, references);
    const answers = await times(10, async () => service.send('delete', `${HOOKS}/${id}`));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 204)) expectProblem(answer, 1);
  });

  it('leave no hook without its hook source', async () => {
    const outcomes = await times(20, async () => {
      const { id: hookSourceID } = await createHookSource(service);
      const [made, deleted] = await Promise.all([
        service.send('post', HOOKS).send(hookBody({ ...references, hookSourceID })),
        service.send('delete', `/core/v1/hookSources/${hookSourceID}`),
      ]);
      if (made.status === 201) expectProblem(deleted, 72);
      else {
        expectProblem(made, 9, ['hookSourceID']);
        expect(deleted.status).toBe(204);
      }
      const source = await service.send('get', `/core/v1/hookSources/${hookSourceID}`);
      expect(source.status).toBe(made.status === 201 ? 200 : 404);
      return made.status;
    });
    expect(outcomes).toHaveLength(20);
  });

  it('leave no hook without its hook source when one changes to it', async () => {
    await times(20, async () => {
      const { id: hookSourceID } = await createHookSource(service);
      const { id, type, version } = await createHook(service, references);
      const [changed, deleted] = await Promise.all([
        service.send('put', `${HOOKS}/${id}`).send({ type, version, hookSourceID }),
        service.send('delete', `/core/v1/hookSources/${hookSourceID}`),
      ]);
      if (changed.status === 204) expectProblem(deleted, 72);
      else {
        expectProblem(changed, 9, ['hookSourceID']);
        expect(deleted.status).toBe(204);
      }
      const kept = await readHook(service, id);
      expect(kept.hookSourceID).toBe(changed.status === 204 ? hookSourceID : references.hookSourceID);
    });
  });

  it('leave nothing of an app that is deleted', async () => {
    await times(10, async () => {
      const { id: appID } = await createApp(service);
      const pods = podList([{ name: 'pod', containers: { main: 'image' } }]);
      const before = await createHook(service, { ...references, appID });
      const [made, changed, taken, deleted] = await Promise.all([
        service.send('post', `/k8s/v1/apps/${appID}/executionHooks`).send(hookBody({ ...references, appID })),
        service
          .send('put', `${HOOKS}/${before.id}`)
          .send({ type: before.type, version: before.version, enabled: 'false' }),
        service.send('put', `/k8s/v1/apps/${appID}/inventory`).send(pods),
        service.send('delete', `/k8s/v2/apps/${appID}`),
      ]);
      expect(deleted.status).toBe(204);
      if (made.status === 400) expectProblem(made, 9, ['appID']);
      else if (made.status !== 201) expectProblem(made, 2);
      if (changed.status !== 204) expectProblem(changed, 1);
      if (taken.status !== 200) expectProblem(taken, 1);
      expectProblem(await service.send('get', `/k8s/v1/apps/${appID}/executionHooks`), 2);
      expectProblem(await service.send('get', `${HOOKS}/${before.id}`), 2);
      const rows = await service.database.query({ text: 'SELECT FROM inventory_pods WHERE app_id = $1' }, [appID]);
      expect(rows).toHaveLength(0);
    });
  });

  it('of the same inventory make one revision', async () => {
    const { id } = await createApp(service);
    const pods = podList([{ name: 'pod', containers: { main: 'image' } }]);
    const answers = await times(10, () => putInventory(service, id, pods));
    for (const { body } of answers) expect(body).toMatchObject({ revision: 1 });
    const added = answers.map(({ body }) => (body as { containers: { added: number } }).containers.added);
    expect(added.sort()).toEqual([...Array<number>(9).fill(0), 1]);
  });
});
