import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createReferences,
  type ExecutionHook,
  HOOK_ROUTES,
  type HookReferences,
  readItems,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let service: TestService;
let references: HookReferences;
let hooks: ExecutionHook[];
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
  hooks = [await createHook(service, references), await createHook(service, references)];
});
afterAll(() => service.stop());

describe.each(HOOK_ROUTES)('GET of hooks on the $family route', ({ hooksPath }) => {
  it('lists each hook as GET answers it, in the order in which they were made', async () => {
    const answer = await service.send('get', hooksPath(references.appID));
    expect(answer.status).toBe(200);
    const { metadata } = answer.body as { metadata: { creationTimestamp: string } };
    expect(answer.body).toEqual({
      type: 'application/astra-executionHooks',
      version: '1.2',
      items: hooks,
      metadata: {
        labels: [],
        creationTimestamp: expect.stringMatching(TIMESTAMP),
        modificationTimestamp: metadata.creationTimestamp,
        createdBy: service.account.userID,
      },
    });
  });

  it('answers one of them', async () => {
    for (const hook of hooks) {
      const answer = await service.send('get', `${hooksPath(references.appID)}/${hook.id}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(hook);
    }
  });

  it('is for viewers too', async () => {
    const { token } = await service.tokenOf('viewer');
    const account = `/accounts/${service.account.accountID}`;
    for (const path of [hooksPath(references.appID), `${hooksPath(references.appID)}/${hooks[0]?.id ?? ''}`]) {
      const answer = await service.sendBare('get', account + path).set('authorization', `Bearer ${token}`);
      expect(answer.status).toBe(200);
    }
  });

  it('shows nothing of another account', async () => {
    const other = await openAccount(service);
    const { appID } = await createReferences(other);
    expect(await readItems(other.send('get', hooksPath(appID)))).toEqual([]);
    for (const { id } of hooks) expectProblem(await other.send('get', `${hooksPath(appID)}/${id}`), 2);
  });

  it.each([
    ['is unknown', UNKNOWN_ID],
    ['is no identifier', 'Payroll'],
    ['is an identifier in capitals', UNKNOWN_ID.toUpperCase()],
    ['is a UUID of version 1', 'deadbeef-0000-1000-8000-000000000000'],
    ['is the null UUID', '00000000-0000-0000-0000-000000000000'],
    ['holds what a path must escape', '%2e%2e%2f%00%22%ff'],
    ['is longer than any identifier', 'a'.repeat(1000)],
  ])('does not find a hook whose id %s', async (_, id) => {
    expectProblem(await service.send('get', `${hooksPath(references.appID)}/${id}`), 2);
  });
});

describe('GET of hooks of an app', () => {
  it("shows the app's hooks only", async () => {
    const other = await createApp(service);
    const path = `/k8s/v1/apps/${other.id}/executionHooks`;
    expect(await readItems(service.send('get', path))).toEqual([]);
    expectProblem(await service.send('get', `${path}/${hooks[0]?.id ?? ''}`), 2);
  });

  it('does not find an app that does not exist, or is of another account', async () => {
    const { appID } = await createReferences(await openAccount(service));
    for (const id of [UNKNOWN_ID, appID, 'payroll-east']) {
      expectProblem(await service.send('get', `/k8s/v1/apps/${id}/executionHooks`), 2);
      expectProblem(await service.send('get', `/k8s/v1/apps/${id}/executionHooks/${hooks[0]?.id ?? ''}`), 2);
    }
  });
});
