import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { openAccount } from '../support/accounts.js';
import { expectProblem } from '../support/problems.js';
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
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
});
afterAll(() => service.stop());

async function untilSomebodyWaits(): Promise<void> {
  const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  while ((await service.database.query({ text })).length === 0) await setTimeout(10);
}

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

  it.each([
    { condition: 'a condition that no longer holds', isConditional: true },
    { condition: 'no condition', isConditional: false },
  ])('waits for who is changing it, with $condition', async ({ isConditional }) => {
    const { id } = await createHook(service, references);
    const { etag = '' } = (await service.send('get', pathOf(id))).headers as Record<string, string>;
    let answer: Promise<Response> | undefined;
    await service.database.transaction(async (transaction) => {
      const text = `UPDATE execution_hooks SET description = 'changed', modified_at = clock_timestamp() WHERE id = $1`;
      await transaction.query({ text }, [id]);
      const request = service.send('delete', pathOf(id));
      answer = (isConditional ? request.set('if-match', etag) : request).then((response) => response);
      await untilSomebodyWaits();
    });
    const status = (await answer)?.status;
    expect(status).toBe(isConditional ? 412 : 204);
    expect((await service.send('get', pathOf(id))).status).toBe(isConditional ? 200 : 404);
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
