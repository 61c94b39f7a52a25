import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from './support/accounts.js';
import { expectProblem } from './support/problems.js';
import {
  createApp,
  createHook,
  createReferences,
  type ExecutionHook,
  HOOK_ROUTES,
  type HookReferences,
  readHook,
  readItems,
  UNKNOWN_ID,
} from './support/resources.js';
import { startTestService, type TestService } from './support/service.js';

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
});
afterAll(() => service.stop());

describe.each(HOOK_ROUTES)('DELETE of a hook on the $family route', ({ hooksPath }) => {
  const pathOf = (id: string): string => `${hooksPath(references.appID)}/${id}`;

  it('answers 204 without a body, and the hook is gone', async () => {
    const { id, name } = await createHook(service, references);
    const answer = await service.send('delete', pathOf(id));
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    expectProblem(await service.send('get', pathOf(id)), 2);
    expectProblem(await service.send('delete', pathOf(id)), 1);
    expectProblem(await service.send('put', pathOf(id)).send({}), 1);
    const hooks = await readItems<ExecutionHook>(service.send('get', hooksPath(references.appID)));
    expect(hooks.map((hook) => hook.id)).not.toContain(id);
    // Its name is free again.
    await createHook(service, references, { name });
  });

  it('leaves every other hook alone', async () => {
    const hook = await createHook(service, references);
    const { id } = await createHook(service, references);
    await service.send('delete', pathOf(id));
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it.each([UNKNOWN_ID, 'no-identifier'])('does not find %s', async (id) => {
    expectProblem(await service.send('delete', pathOf(id)), 1);
  });

  it('does not find a hook of another account', async () => {
    const { id } = await createHook(service, references);
    const other = await openAccount(service);
    const { appID } = await createReferences(other);
    expectProblem(await other.send('delete', `${hooksPath(appID)}/${id}`), 1);
    await readHook(service, id);
  });
});

describe('DELETE of a hook of an app', () => {
  it("does not find another app's hook", async () => {
    const { id } = await createHook(service, references);
    const { id: otherApp } = await createApp(service);
    for (const appId of [otherApp, UNKNOWN_ID]) {
      expectProblem(await service.send('delete', `/k8s/v1/apps/${appId}/executionHooks/${id}`), 1);
    }
    await readHook(service, id);
  });
});
