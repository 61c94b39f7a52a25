import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'supertest';
import { newIdentifier } from '../../src/query/identifier.js';
import { ExpiredKeys } from '../../src/rest/idempotency/expired-keys.service.js';
import { IdempotencyKeysRepository } from '../../src/rest/idempotency/idempotency-keys.repository.js';
import { openAccount } from '../support/accounts.js';
import { requireConformance } from '../support/conformance.js';
import { expectPlainProblem, expectProblem, invalidParams } from '../support/problems.js';
import { appBody, hookBody, hookSourceBody, readItems } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const APPS = '/k8s/v2/apps';
const SOURCES = '/core/v1/hookSources';
const HOOKS = '/core/v1/executionHooks';

async function post(key: string, path: string, body: object, of: TestService = service): Promise<Response> {
  const answer = await of.send('post', path).set('Idempotency-Key', key).send(body);
  requireConformance(answer);
  return answer;
}

/** What of an answer is the same when it is repeated. */
function kept({ status, headers, body }: Response): object {
  const {
    location,
    etag,
    'last-modified': modified,
    'content-type': type,
  } = headers as Readonly<Record<string, string>>;
  return { status, location, etag, modified, type, body: body as unknown };
}

function isReplayed({ headers }: Response): boolean {
  return (headers as Readonly<Record<string, string>>)['idempotent-replayed'] === 'true';
}

async function count(path: string): Promise<number> {
  return (await readItems(service.send('get', `${path}?include=id`))).length;
}

async function rows(table: string): Promise<Record<string, unknown>[]> {
  return service.database.query<Record<string, unknown>>({ text: `SELECT * FROM ${table}` });
}

async function idOf(path: string, body: object): Promise<string> {
  return ((await service.send('post', path).send(body)).body as { readonly id: string }).id;
}

describe('a POST that is sent again with its Idempotency-Key', () => {
  it('is answered as the first one was, and writes nothing', async () => {
    const body = appBody();
    const before = await count(APPS);
    const first = await post('again', APPS, body);
    const second = await post('again', APPS, body);
    expect(first.status).toBe(201);
    expect(kept(second)).toEqual(kept(first));
    expect([isReplayed(first), isReplayed(second)]).toEqual([false, true]);
    expect(await count(APPS)).toBe(before + 1);
  });

  it('is answered so whatever has become of the resource', async () => {
    const body = appBody();
    const first = await post('gone', APPS, body);
    const { id } = first.body as { id: string };
    expect((await service.send('delete', `${APPS}/${id}`)).status).toBe(204);
    expect(kept(await post('gone', APPS, body))).toEqual(kept(first));
  });

  it('is answered so although what it referred to is gone', async () => {
    const sourceId = await idOf(SOURCES, hookSourceBody());
    const body = hookBody({ hookSourceID: sourceId, appID: await idOf(APPS, appBody()) });
    const first = await post('orphaned', HOOKS, body);
    expect(first.status).toBe(201);
    const { id } = first.body as { id: string };
    await service.send('delete', `${HOOKS}/${id}`);
    expect((await service.send('delete', `${SOURCES}/${sourceId}`)).status).toBe(204);
    expect(kept(await post('orphaned', HOOKS, body))).toEqual(kept(first));
  });

  it('is the same with other whitespace, and another one with another body or path', async () => {
    const body = { ...hookSourceBody(), name: 'fingerprint' };
    await post('fingerprint', SOURCES, body);
    const spaced = await service
      .send('post', SOURCES)
      .set('Idempotency-Key', 'fingerprint')
      .set('Content-Type', 'application/json')
      .send(JSON.stringify(body, null, 4));
    expect(isReplayed(spaced)).toBe(true);
    expectProblem(await post('fingerprint', SOURCES, { ...body, name: 'another' }), 10, ['Idempotency-Key']);
    expectProblem(await post('fingerprint', APPS, appBody()), 10, ['Idempotency-Key']);
  });

  it('belongs to the account and the caller', async () => {
    const body = appBody();
    const other = await openAccount(service);
    const member = await service.tokenOf('member');
    await post('mine', APPS, body);
    expect(isReplayed(await post('mine', APPS, body, other))).toBe(false);
    const theirs = await service
      .sendBare('post', `/accounts/${service.account.accountID}${APPS}`)
      .set('authorization', `Bearer ${member.token}`)
      .set('Idempotency-Key', 'mine')
      .send(body);
    expectProblem(theirs, 10, ['name']);
  });

  it('is not answered to a caller who may no longer send it', async () => {
    const { userID, token } = await service.tokenOf('member');
    const send = (): Promise<Response> =>
      service
        .sendBare('post', `/accounts/${service.account.accountID}${SOURCES}`)
        .set('authorization', `Bearer ${token}`)
        .set('Idempotency-Key', 'demoted')
        .send({ ...hookSourceBody(), name: 'demoted' })
        .then((answer) => answer);
    expect((await send()).status).toBe(201);
    await service.database.query({ text: `UPDATE role_bindings SET role = 'viewer' WHERE user_id = $1` }, [userID]);
    expectProblem(await send(), 11);
  });

  it('is done when the first one was refused', async () => {
    const body = appBody();
    const taken = await idOf(APPS, body);
    expectProblem(await post('refused', APPS, body), 10, ['name']);
    await service.send('delete', `${APPS}/${taken}`);
    const second = await post('refused', APPS, body);
    expect([second.status, isReplayed(second)]).toEqual([201, false]);
  });

  it('is done again after a day', async () => {
    const body = { ...hookSourceBody(), name: 'yesterday' };
    const first = await post('yesterday', SOURCES, body);
    await service.send('delete', `${SOURCES}/${(first.body as { id: string }).id}`);
    await service.database.query({
      text: `UPDATE idempotency_keys SET created_at = created_at - interval '24 hours' WHERE key = 'yesterday'`,
    });
    const second = await post('yesterday', SOURCES, body);
    expect([second.status, isReplayed(second)]).toEqual([201, false]);
    expect(isReplayed(await post('yesterday', SOURCES, body))).toBe(true);
  });
});

describe('many requests with one key at once', () => {
  it('do it once, and the others are answered so or told that it is under way', async () => {
    const before = await count(SOURCES);
    const body = { ...hookSourceBody(), name: 'at once' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('at-once', SOURCES, body)));
    const created = answers.filter(({ status }) => status === 201);
    expect(created.filter((answer) => !isReplayed(answer))).toHaveLength(1);
    expect(new Set(created.map((answer) => JSON.stringify(kept(answer)))).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectPlainProblem(answer, 409, 'Conflict');
    expect(await count(SOURCES)).toBe(before + 1);
  });

  it('are told so at once, without a connection being held for them', async () => {
    const { accountID: accountId, userID: userId } = service.account;
    const repository = service.app.get(IdempotencyKeysRepository);
    await service.database.transaction(async (transaction) => {
      expect(await repository.tryLock(transaction, { accountId, userId }, 'held')).toBe(true);
      expectPlainProblem(await post('held', SOURCES, hookSourceBody()), 409, 'Conflict');
    });
  });
});

describe('resource and key', () => {
  it('are committed together or not at all', async () => {
    const before = await count(APPS);
    await service.database.query({
      text: `ALTER TABLE idempotency_keys ADD CONSTRAINT broken CHECK (key <> 'broken')`,
    });
    try {
      expect((await service.send('post', APPS).set('Idempotency-Key', 'broken').send(appBody())).status).toBe(500);
    } finally {
      await service.database.query({ text: 'ALTER TABLE idempotency_keys DROP CONSTRAINT broken' });
    }
    expect(await count(APPS)).toBe(before);
  });

  it('are lost together when the commit fails', async () => {
    await service.database.query({
      text: `
        CREATE FUNCTION fail_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no commit'; END$$;
        CREATE CONSTRAINT TRIGGER fail_at_commit AFTER INSERT ON apps DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION fail_at_commit()`,
    });
    try {
      expect((await service.send('post', APPS).set('Idempotency-Key', 'no-commit').send(appBody())).status).toBe(500);
    } finally {
      await service.database.query({ text: 'DROP FUNCTION fail_at_commit CASCADE' });
    }
    expect((await rows('idempotency_keys')).filter(({ key }) => key === 'no-commit')).toEqual([]);
  });

  it('go together when the account is deleted', async () => {
    const other = await openAccount(service);
    expect((await post('with-the-account', APPS, appBody(), other)).status).toBe(201);
    const { accountID, token } = other.account;
    const authorization = `Bearer ${token}`;
    const gone = await service.sendBare('delete', `/accounts/${accountID}`).set('authorization', authorization);
    expect(gone.status).toBe(204);
    expect((await rows('idempotency_keys')).filter(({ account_id: id }) => id === accountID)).toEqual([]);
  });
});

describe('a secret that is shown once', () => {
  it.each([
    ['token', (): string => `/core/v1/users/${service.account.userID}/tokens`, 'application/astra-token', '1.0'],
    ['account', (): string => '', 'application/astra-account', '1.0'],
  ])('is in the first answer to the POST of a %s only, and is not stored', async (name, path, type, version) => {
    const send = async (): Promise<Response> => {
      const url = name === 'account' ? '/accounts' : `/accounts/${service.account.accountID}${path()}`;
      const answer = await service
        .sendBare('post', url)
        .set('authorization', `Bearer ${service.account.token}`)
        .set('Idempotency-Key', `secret ${name}`.replace(' ', '-'))
        .send({ type, version, name: `secret ${name}` });
      requireConformance(answer);
      return answer;
    };
    const first = await send();
    const second = await send();
    const { token, ...rest } = first.body as { readonly token: string };
    expect(token).toMatch(/^ehooks_/);
    expect(second.body).toEqual(rest);
    expect(isReplayed(second)).toBe(true);
    expect(kept({ ...first, body: rest } as Response)).toEqual(kept(second));
    const stored = JSON.stringify(await rows('idempotency_keys'));
    expect(stored).toContain(`secret-${name}`);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(createHash('sha256').update(token).digest('hex'));
  });
});

describe('the matching fields of a repeated request', () => {
  it('are those of the inventory at the time (docs/api.md, section 4)', async () => {
    const appId = await idOf(APPS, appBody());
    const body = hookBody({ hookSourceID: await idOf(SOURCES, hookSourceBody()), appID: appId });
    const first = await post('matching', HOOKS, body);
    expect(first.body).toMatchObject({ matchingContainers: [] });
    const pod = {
      metadata: { namespace: 'n', name: 'p' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
      status: { phase: 'Running' },
    };
    const put = service.send('put', `/k8s/v1/apps/${appId}/inventory`);
    expect((await put.send({ kind: 'PodList', apiVersion: 'v1', items: [pod] })).status).toBe(200);
    const second = await post('matching', HOOKS, body);
    expect(isReplayed(second)).toBe(true);
    expect(second.body).toMatchObject({ matchingImages: ['i'] });
    expect((second.headers as Record<string, string>).etag).toBe((first.headers as Record<string, string>).etag);
  });
});

describe('a key', () => {
  it.each(['two words', 'ключ', '', 'x'.repeat(256), 'tab\tbed'])('that is none is refused: %j', async (key) => {
    const answer = await service
      .send('post', APPS)
      .set('Idempotency-Key', Buffer.from(key).toString('latin1'))
      .send({});
    expectProblem(answer, 12);
    expect(invalidParams(answer)).toEqual([{ name: 'Idempotency-Key', reason: expect.any(String) }]);
  });

  it.each(['x', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 'x'.repeat(255)])('may be %s', async (key) => {
    expect((await post(key, APPS, appBody())).status).toBe(201);
  });

  it('is refused before the query and the body are looked at', async () => {
    const answer = await service.send('post', `${APPS}?color=red`).set('Idempotency-Key', 'two words').send('{');
    expectProblem(answer, 12);
  });

  it('means nothing to other methods', async () => {
    expect((await service.send('get', APPS).set('Idempotency-Key', 'two words')).status).toBe(200);
  });
});

describe('a POST without a key', () => {
  it('leaves nothing behind', async () => {
    const before = (await rows('idempotency_keys')).length;
    expect((await service.send('post', APPS).send(appBody())).status).toBe(201);
    expect(await rows('idempotency_keys')).toHaveLength(before);
  });
});

describe('expired keys', () => {
  async function expire(many: number): Promise<void> {
    await service.database.query(
      {
        text: `
          INSERT INTO idempotency_keys (account_id, user_id, key, request_sha256, path, json, entity_tag, modified_at, created_at)
          SELECT $1, $2, 'expired-' || n, '', '', '', '', now(), now() - interval '25 hours' FROM generate_series(1, $3) AS n`,
      },
      [service.account.accountID, newIdentifier(), many],
    );
  }

  async function expired(): Promise<number> {
    return (await rows('idempotency_keys')).filter(({ key }) => String(key).startsWith('expired-')).length;
  }

  it('are removed in batches, without waiting for those that another replica is removing', async () => {
    await expire(1201);
    const repository = service.app.get(IdempotencyKeysRepository);
    await service.database.transaction(async (transaction) => {
      await transaction.query({ text: `SELECT FROM idempotency_keys WHERE key = 'expired-1' FOR UPDATE` });
      expect([await repository.removeExpired(), await repository.removeExpired()]).toEqual([true, true]);
      expect(await repository.removeExpired()).toBe(false);
      expect(await expired()).toBe(1);
    });
    expect(await repository.removeExpired()).toBe(false);
    expect(await expired()).toBe(0);
  });

  it('are removed by the service itself, again and again until it stops', async () => {
    const repository = service.app.get(IdempotencyKeysRepository);
    const asked = jest.spyOn(repository, 'removeExpired');
    const removal = new ExpiredKeys(repository);
    await expire(501);
    removal.removeEvery(1);
    while ((await expired()) > 0) await sleep(5);
    await expire(1);
    while ((await expired()) > 0) await sleep(5);
    await removal.onModuleDestroy();
    const times = asked.mock.calls.length;
    // Timers of the same length fall due in the order in which they were set: one that was left over would be first.
    await sleep(1);
    expect(asked).toHaveBeenCalledTimes(times);
    asked.mockRestore();
  });
});
