import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHookSource,
  type ExecutionHook,
  type Fields,
  hookBody,
  type HookReferences,
  readHook,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';

let service: TestService;
let references: HookReferences;

/** A pod of the app with a main container and a sidecar. */
function pod(name: string): object {
  const containers = ['main', 'proxy'].map((container) => ({
    name: container,
    image: `registry.example/${container}:1`,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'payroll', labels: { app: name } },
    spec: { containers },
    status: { phase: 'Running' },
  };
}

async function post(fields: Fields): Promise<ExecutionHook> {
  const answer = await service.send('post', HOOKS).send(hookBody(references, fields));
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 201, text: answer.text });
  return answer.body as ExecutionHook;
}

function matched({ matchingContainers = [] }: ExecutionHook): string[] {
  return matchingContainers.map(({ podName, containerName }) => `${podName}/${containerName}`);
}

beforeAll(async () => {
  service = await startTestService();
  const app = await createApp(service);
  references = { appID: app.id, hookSourceID: (await createHookSource(service)).id };
  const list = { apiVersion: 'v1', kind: 'List', items: [pod('a'), pod('b')] };
  expect((await service.send('put', `/k8s/v1/apps/${app.id}/inventory`).send(list)).status).toBe(200);
});
afterAll(() => service.stop());

describe('excluding criteria', () => {
  it('leave out the containers that meet any of them', async () => {
    const excludingCriteria = [
      { type: 'containerName', value: '^proxy$' },
      { type: 'podName', value: '^b$' },
    ];
    const hook = await post({ excludingCriteria });
    expect(hook.excludingCriteria).toEqual(excludingCriteria);
    expect(matched(hook)).toEqual(['a/main']);
    expect(await readHook(service, hook.id)).toEqual(hook);
    const listed = await service.send(
      'get',
      `/k8s/v1/apps/${references.appID}/executionHooks?filter=id eq '${hook.id}'`,
    );
    expect((listed.body as { items: unknown }).items).toEqual([hook]);
  });

  it('go with the matching criteria, and change by themselves', async () => {
    const hook = await post({
      matchingCriteria: [{ type: 'podName', value: 'a' }],
      excludingCriteria: [{ type: 'containerImage', value: 'proxy' }],
    });
    expect(matched(hook)).toEqual(['a/main']);
    const head = { type: hook.type, version: hook.version };
    const path = `${HOOKS}/${hook.id}`;
    expect((await service.send('put', path).send({ ...head, excludingCriteria: [] })).status).toBe(204);
    const changed = await readHook(service, hook.id);
    expect(matched(changed)).toEqual(['a/main', 'a/proxy']);
    expect(changed).not.toHaveProperty('excludingCriteria');
  });

  it('are held to RE2 and to their number', async () => {
    const broken = await service
      .send('post', HOOKS)
      .send(hookBody(references, { excludingCriteria: [{ type: 'podName', value: '(' }] }));
    expectProblem(broken, 9, ['excludingCriteria[0].value']);
    const many = Array<Fields>(11).fill({ type: 'podName', value: 'a' });
    expectProblem(await service.send('post', HOOKS).send(hookBody(references, { excludingCriteria: many })), 8, [
      'excludingCriteria',
    ]);
  });
});

describe('how a hook is run', () => {
  it('is shown when it is set, kept by a PUT and replaced as a whole', async () => {
    const hook = await post({ execution: { order: 7, onError: 'continue' } });
    expect(hook.execution).toEqual({ order: 7, onError: 'continue' });
    const head = { type: hook.type, version: hook.version };
    const path = `${HOOKS}/${hook.id}`;
    expect((await service.send('put', path).send({ ...head, description: 'kept' })).status).toBe(204);
    expect((await readHook(service, hook.id)).execution).toEqual(hook.execution);
    expect((await service.send('put', path).send({ ...head, execution: { timeoutMinutes: 5 } })).status).toBe(204);
    expect((await readHook(service, hook.id)).execution).toEqual({ timeoutMinutes: 5 });
  });

  it('is in no answer about a hook that says nothing of it', async () => {
    const hook = await post({});
    expect(hook).not.toHaveProperty('execution');
    expect(hook).not.toHaveProperty('excludingCriteria');
  });

  it.each<[Fields, string]>([
    [{ order: -1 }, 'execution.order'],
    [{ order: 1001 }, 'execution.order'],
    [{ order: 1.5 }, 'execution.order'],
    [{ order: '1' }, 'execution.order'],
    [{ timeoutMinutes: 0 }, 'execution.timeoutMinutes'],
    [{ timeoutMinutes: 1441 }, 'execution.timeoutMinutes'],
    [{ onError: 'stop' }, 'execution.onError'],
    [{ retries: 3 }, 'execution.retries'],
  ])('cannot be %j', async (execution, field) => {
    expectProblem(await service.send('post', HOOKS).send(hookBody(references, { execution })), 8, [field]);
  });

  it('is filtered and sorted by as numbers', async () => {
    const nine = await post({ execution: { order: 9 } });
    const hundred = await post({ execution: { order: 100 } });
    const list = async (query: string): Promise<unknown> =>
      ((await service.send('get', `${HOOKS}?include=id,execution.order&${query}`)).body as { items: unknown }).items;
    expect(await list("filter=execution.order gte '9'&orderBy=execution.order")).toEqual([
      [nine.id, 9],
      [hundred.id, 100],
    ]);
    expectProblem(await service.send('get', `${HOOKS}?filter=execution.order eq 'first'`), 5);
  });
});
