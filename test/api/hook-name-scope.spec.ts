import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createApp as createNestApp } from '../../src/app/create-app.js';
import { readSettings } from '../../src/settings/settings.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  type Fields,
  hookBody,
  HOOK_ROUTES,
  readHook,
  uniqueName,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
let hookSourceID: string;
let east: string;
let west: string;
beforeAll(async () => {
  service = await startTestService({ HOOK_NAME_SCOPE: 'app' });
  hookSourceID = (await createHookSource(service)).id;
  east = (await createApp(service)).id;
  west = (await createApp(service)).id;
});
afterAll(() => service.stop());

const put = (id: string, fields: Fields) =>
  service
    .send('put', `/core/v1/executionHooks/${id}`)
    .send({ type: 'application/astra-executionHook', version: '1.2', ...fields });

/** Starts another replica on the same database, as far as it gets before it listens. */
async function startReplica(scope: 'account' | 'app'): Promise<void> {
  // The database is the running service's; its URL only keeps the settings from asking for an embedded one.
  const settings = readSettings({ DATABASE_URL: 'postgres://replica/database', HOOK_NAME_SCOPE: scope });
  const replica = await createNestApp(settings, service.database, pino({ level: 'silent' }));
  await replica.init();
}

describe('HOOK_NAME_SCOPE=app', () => {
  it.each(HOOK_ROUTES)('lets two apps have hooks of the same name, and one app not: $family', async ({ hooksPath }) => {
    const name = uniqueName('shared');
    const post = (appID: string) =>
      service.send('post', hooksPath(appID)).send(hookBody({ appID, hookSourceID }, { name }));
    expect((await post(east)).status).toBe(201);
    expect((await post(west)).status).toBe(201);
    expectProblem(await post(east), 10, ['name']);
  });

  it('counts when a hook is renamed, or moves', async () => {
    const name = uniqueName('shared');
    await createHook(service, { appID: east, hookSourceID }, { name });
    const hook = await createHook(service, { appID: west, hookSourceID });
    expect((await put(hook.id, { name })).status).toBe(204);
    expectProblem(await put(hook.id, { appID: east }), 10, ['name']);
    expect((await put(hook.id, { appID: east, name: uniqueName('free') })).status).toBe(204);
    expectProblem(await put(hook.id, { name }), 10, ['name']);
    expect((await readHook(service, hook.id)).appID).toBe(east);
  });
});

describe('HOOK_NAME_SCOPE=account, later', () => {
  it('is refused at start as long as names are shared, and then narrows every replica', async () => {
    const name = uniqueName('shared');
    const [one, two] = [
      await createHook(service, { appID: east, hookSourceID }, { name }),
      await createHook(service, { appID: west, hookSourceID }, { name }),
    ];
    await expect(startReplica('account')).rejects.toThrow(
      'HOOK_NAME_SCOPE=account is not possible: hooks of different apps have the same name. ' +
        'Rename them, or start with HOOK_NAME_SCOPE=app.',
    );
    // The refused start has changed nothing.
    const third = await createHook(service, { appID: (await createApp(service)).id, hookSourceID }, { name });

    await service.database.query({ text: 'DELETE FROM execution_hooks WHERE id NOT IN ($1)' }, [one.id]);
    await startReplica('account');
    for (const appID of [two.appID ?? '', third.appID ?? '']) {
      const answer = await service
        .send('post', '/core/v1/executionHooks')
        .send(hookBody({ appID, hookSourceID }, { name }));
      expectProblem(answer, 10, ['name']);
    }
    await startReplica('app');
    await createHook(service, { appID: west, hookSourceID }, { name });
  });
});

describe('the default', () => {
  it('is one name an account', async () => {
    const other = await startTestService();
    const source = await createHookSource(other);
    const { name } = await createHook(other, { appID: (await createApp(other)).id, hookSourceID: source.id });
    const references = { appID: (await createApp(other)).id, hookSourceID: source.id };
    expectProblem(await other.send('post', '/core/v1/executionHooks').send(hookBody(references, { name })), 10, [
      'name',
    ]);
    await other.stop();
  });
});
