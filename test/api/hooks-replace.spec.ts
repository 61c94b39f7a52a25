import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { openAccount } from '../support/accounts.js';
import { putInventory, recordedPods } from '../support/inventory.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type ExecutionHook,
  type Fields,
  HOOK_ROUTES,
  type HookReferences,
  readHook,
  uniqueName,
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

/** What every PUT has to say. */
const REQUIRED = { type: 'application/astra-executionHook', version: '1.2' };

describe.each(HOOK_ROUTES)('PUT of a hook on the $family route', ({ hooksPath }) => {
  const put = (id: string, fields: Fields) =>
    service.send('put', `${hooksPath(references.appID)}/${id}`).send({ ...REQUIRED, ...fields });

  it('changes nothing but what it names', async () => {
    const hook = await createHook(service, references, { arguments: ['freeze'], description: 'Payroll' });
    // The example of the published API.
    const answer = await put(hook.id, { arguments: ['freeze', '10'] });
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    const { metadata, ...fields } = await readHook(service, hook.id);
    expect({ ...fields, metadata: hook.metadata }).toEqual({ ...hook, arguments: ['freeze', '10'] });
    expect(metadata).toMatchObject({ modifiedBy: service.account.userID });
  });

  it.each([
    { condition: 'a condition that no longer holds', isConditional: true },
    { condition: 'no condition', isConditional: false },
  ])('waits for who is changing it, with $condition', async ({ isConditional }) => {
    const { id } = await createHook(service, references);
    const { etag = '' } = (await service.send('get', `${hooksPath(references.appID)}/${id}`)).headers as Record<
      string,
      string
    >;
    let answer: Promise<Response> | undefined;
    await service.database.transaction(async (transaction) => {
      const text = `UPDATE execution_hooks SET description = 'theirs', modified_at = clock_timestamp() WHERE id = $1`;
      await transaction.query({ text }, [id]);
      const request = put(id, { arguments: ['ours'] });
      answer = (isConditional ? request.set('if-match', etag) : request).then((response) => response);
      await untilSomebodyWaits();
    });
    expect((await answer)?.status).toBe(isConditional ? 412 : 204);
    const { description, arguments: args } = await readHook(service, id);
    expect(description).toBe('theirs');
    expect(args).toEqual(isConditional ? [] : ['ours']);
  });

  it('replaces everything that it names', async () => {
    const hook = await createHook(service, references);
    const changes = {
      version: '1.3',
      name: uniqueName('renamed'),
      matchingCriteria: [{ type: 'containerName', value: 'web' }],
      action: 'restore',
      stage: 'post',
      hookSourceID: (await createHookSource(service)).id,
      arguments: ['thaw'],
      enabled: 'false',
      description: 'Changed',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    };
    expect((await put(hook.id, changes)).status).toBe(204);
    expect(await readHook(service, hook.id)).toMatchObject(changes);
  });

  it('empties what it names as empty', async () => {
    const hook = await createHook(service, references, {
      matchingCriteria: [{ type: 'podName', value: 'x' }],
      arguments: ['x'],
      description: 'x',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const changes = { matchingCriteria: [], arguments: [], description: '', metadata: { labels: [] } };
    expect((await put(hook.id, changes)).status).toBe(204);
    expect(await readHook(service, hook.id)).toMatchObject(changes);
  });

  it('keeps what is null, as if it were left out', async () => {
    const hook = await createHook(service, references, {
      matchingCriteria: [{ type: 'podName', value: 'x' }],
      arguments: ['x'],
      enabled: 'false',
      description: 'x',
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    const nulls = Object.fromEntries(Object.keys(hook).map((field) => [field, null]));
    expect((await put(hook.id, { ...nulls, ...REQUIRED })).status).toBe(204);
    expect((await put(hook.id, { metadata: { labels: null } })).status).toBe(204);
    const { metadata, ...fields } = await readHook(service, hook.id);
    expect({ ...fields, metadata: hook.metadata }).toEqual(hook);
    expect(metadata.labels).toEqual(hook.metadata.labels);
  });

  it('takes back what GET has answered', async () => {
    const hook = await createHook(service, references, {
      description: 'round trip',
      matchingCriteria: [{ type: 'podLabel', value: '^env=production$' }],
      metadata: { labels: [{ name: 'a', value: 'b' }] },
    });
    await put(hook.id, {});
    await putInventory(service, references.appID, await recordedPods('payroll-east'));
    const answer = await service.send('get', `${hooksPath(references.appID)}/${hook.id}`);
    const before = answer.body as ExecutionHook;
    expect(before.matchingContainers).not.toEqual([]);
    expect((await put(hook.id, before)).status).toBe(204);
    const { metadata, ...fields } = await readHook(service, hook.id);
    expect({ ...fields, metadata: before.metadata }).toEqual(before);
    expect(metadata.labels).toEqual(hook.metadata.labels);
  });

  it('ignores what it cannot set, whatever that holds', async () => {
    const hook = await createHook(service, references);
    const ignored = {
      matchingContainers: 'none',
      matchingImages: { not: ['a', 'list'] },
      metadata: {
        creationTimestamp: 'x',
        modificationTimestamp: 1,
        createdBy: UNKNOWN_ID,
        modifiedBy: [UNKNOWN_ID],
      },
    };
    expect((await put(hook.id, ignored)).status).toBe(204);
    const { metadata, ...fields } = await readHook(service, hook.id);
    expect({ ...fields, metadata: hook.metadata }).toEqual(hook);
    const { creationTimestamp, createdBy } = hook.metadata;
    expect(metadata).toMatchObject({ creationTimestamp, createdBy, modifiedBy: service.account.userID });
  });

  it('records who changed the hook last, and when', async () => {
    const { metadata: created, id } = await createHook(service, references);
    const { userID, token } = await service.tokenOf('member');
    const answer = await service
      .sendBare('put', `/accounts/${service.account.accountID}${hooksPath(references.appID)}/${id}`)
      .set('authorization', `Bearer ${token}`)
      .send(REQUIRED);
    expect(answer.status).toBe(204);
    const { metadata } = await readHook(service, id);
    const { labels, creationTimestamp, createdBy } = created;
    expect(metadata).toMatchObject({ labels, creationTimestamp, createdBy, modifiedBy: userID });
    expect(metadata.modificationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    // Texts of this form sort as the times do, to the microsecond.
    expect(metadata.modificationTimestamp > created.modificationTimestamp).toBe(true);
  });

  it('keeps labels, creation and creator when metadata is left out', async () => {
    const hook = await createHook(service, references, { metadata: { labels: [{ name: 'a', value: 'b' }] } });
    await put(hook.id, { metadata: {} });
    const { labels, creationTimestamp, createdBy } = hook.metadata;
    expect((await readHook(service, hook.id)).metadata).toMatchObject({ labels, creationTimestamp, createdBy });
  });

  it("refuses another hook's id", async () => {
    const { id } = await createHook(service, references);
    expectProblem(await put(id, { id: UNKNOWN_ID }), 10, ['id']);
    expectProblem(await put(id, { id: 'no identifier' }), 8, ['id']);
  });

  it('refuses to change what cannot change, all of it at once', async () => {
    const hook = await createHook(service, references);
    expectProblem(await put(hook.id, { id: UNKNOWN_ID, hookType: 'netapp' }), 10, ['id', 'hookType']);
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it('refuses a name that another hook has, and keeps its own', async () => {
    const taken = await createHook(service, references);
    const hook = await createHook(service, references);
    expectProblem(await put(hook.id, { name: taken.name, description: 'half' }), 10, ['name']);
    expect(await readHook(service, hook.id)).toEqual(hook);
    expect((await put(hook.id, { name: hook.name })).status).toBe(204);
  });

  it('judges the hook as it will be', async () => {
    const pre = await createHook(service, references, { action: 'backup', stage: 'pre' });
    expectProblem(await put(pre.id, { action: 'restore' }), 9, ['stage']);
    expect((await put(pre.id, { action: 'restore', stage: 'post' })).status).toBe(204);
    expectProblem(await put(pre.id, { stage: 'pre' }), 9, ['stage']);

    const failover = await createHook(service, references, { version: '1.3', action: 'failover', stage: 'post' });
    expectProblem(await put(failover.id, { version: '1.2' }), 9, ['action']);
    expectProblem(await put(failover.id, { version: '1.2', action: 'failover' }), 8, ['action']);
    expect((await put(failover.id, { version: '1.3' })).status).toBe(204);
    expect((await put(failover.id, { version: '1.1', action: 'backup' })).status).toBe(204);
  });

  it('lists every broken rule and every missing reference', async () => {
    const hook = await createHook(service, references);
    const changes = {
      action: 'restore',
      hookSourceID: UNKNOWN_ID,
      matchingCriteria: [{ type: 'podName', value: '\\1' }],
    };
    expectProblem(await put(hook.id, changes), 9, ['stage', 'hookSourceID', 'matchingCriteria[0].value']);
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it("does not see another account's hook source", async () => {
    const { id } = await createHook(service, references);
    const foreign = await createHookSource(await openAccount(service));
    expectProblem(await put(id, { hookSourceID: foreign.id }), 9, ['hookSourceID']);
  });

  it('does not find a hook of another account', async () => {
    const { id } = await createHook(service, references);
    const other = await openAccount(service);
    const { appID } = await createReferences(other);
    expectProblem(await other.send('put', `${hooksPath(appID)}/${id}`).send(REQUIRED), 1);
    expectProblem(await put(UNKNOWN_ID, {}), 1);
    expectProblem(await put('no-identifier', {}), 1);
  });
});

describe('PUT of a hook', () => {
  it('moves it to another app', async () => {
    const hook = await createHook(service, references);
    const { id: appID } = await createApp(service);
    const path = `/core/v1/executionHooks/${hook.id}`;
    expect((await service.send('put', path).send({ ...REQUIRED, appID })).status).toBe(204);
    expect((await readHook(service, hook.id)).appID).toBe(appID);
    expect((await service.send('get', `/k8s/v1/apps/${appID}/executionHooks/${hook.id}`)).status).toBe(200);
    expectProblem(await service.send('get', `/k8s/v1/apps/${references.appID}/executionHooks/${hook.id}`), 2);
  });

  it('refuses an app that does not exist, or is of another account', async () => {
    const { id } = await createHook(service, references);
    const foreign = await createApp(await openAccount(service));
    for (const appID of [UNKNOWN_ID, foreign.id]) {
      const answer = await service.send('put', `/core/v1/executionHooks/${id}`).send({ ...REQUIRED, appID });
      expectProblem(answer, 9, ['appID']);
    }
  });

  it("keeps to the app of the path on an app's route", async () => {
    const { id } = await createHook(service, references);
    const other = await createApp(service);
    const path = (appId: string) => `/k8s/v1/apps/${appId}/executionHooks/${id}`;
    const moved = await service.send('put', path(references.appID)).send({ ...REQUIRED, appID: other.id });
    expectProblem(moved, 10, ['appID']);
    for (const appId of [other.id, UNKNOWN_ID]) {
      expectProblem(await service.send('put', path(appId)).send(REQUIRED), 1);
    }
  });
});
