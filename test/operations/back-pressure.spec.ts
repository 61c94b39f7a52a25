import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount, type CreatedAccount } from '../../src/features/accounts/new-account.js';
import type { Service } from '../../src/app/service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { insertLargeApp, LARGE_INVENTORY } from '../support/large-inventory.js';
import { expectPlainProblem, expectProblem, type ProblemAnswer } from '../support/problems.js';
import { startServiceOn } from '../support/service-on.js';

let db: TestDatabase;
let account: CreatedAccount;
let other: CreatedAccount;
let appId: string;
let otherAppId: string;
beforeAll(async () => {
  db = await createTestDatabase();
  const create = (name: string): Promise<CreatedAccount> =>
    db.database.transaction((transaction) => createAccount(transaction, { name, ownerEmail: `owner@${name}.example` }));
  account = await create('one');
  other = await create('other');
  appId = await insertLargeApp(db.database, account.accountID);
  otherAppId = await insertLargeApp(db.database, other.accountID);
});
afterAll(() => db.drop());

let service: Service;
afterEach(() => service.stop());

function ask(owner: CreatedAccount, method: string, path: string): ClientRequest {
  return request(`${service.url}/accounts/${owner.accountID}${path}`, {
    method,
    // A connection each: a request that waits for its answer keeps no other waiting.
    agent: new Agent(),
    headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
  });
}

async function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

const inventory = (id: string, query = ''): string => `/k8s/v1/apps/${id}/inventory${query}`;

const get = (owner: CreatedAccount, path: string): Promise<IncomingMessage> => answerOf(ask(owner, 'GET', path).end());

async function whole(answer: IncomingMessage): Promise<ProblemAnswer> {
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers as ProblemAnswer['headers'],
    text: await text(answer),
  };
}

function expectTooMany(answer: ProblemAnswer): void {
  expectPlainProblem(answer, 429, 'Too Many Requests');
  expect(answer.text).toContain('Too many requests of this kind are under way in the account.');
  expect(answer.headers['retry-after']).toBe('1');
}

describe('a pool whose connections are all in use', () => {
  it('has a request wait, and then be asked to come again', async () => {
    service = await startServiceOn(db.url, { DATABASE_POOL_SIZE: '1', DATABASE_POOL_WAIT_MS: '1000' });
    await service.database.transaction(async () => {
      const answer = await whole(await get(account, '/core/v1/hookSources?limit=1'));
      expectProblem(answer, 41);
      expect(answer.headers['retry-after']).toBe('1');
    });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const holding = service.database.transaction(() => held);
    while (service.database.poolUsage().idle > 0) await sleep(1);
    const waiting = get(account, '/core/v1/hookSources?limit=1');
    while (service.database.poolUsage().waiting === 0) await sleep(1);
    release();
    await holding;
    expect((await whole(await waiting)).status).toBe(200);
  });
});

describe('unpaged lists', () => {
  it('are sent to one account as many at a time as the setting says', async () => {
    service = await startServiceOn(db.url, { LISTS_PER_ACCOUNT: '1', DATABASE_POOL_WAIT_MS: '3000' });
    const first = await get(account, inventory(appId));
    expect(first.statusCode).toBe(200);
    expectTooMany(await whole(await get(account, inventory(appId))));
    expectTooMany(await whole(await get(account, inventory(appId, '?limit=500'))));
    expect((await whole(await get(account, inventory(appId, '?limit=499')))).status).toBe(200);
    expect((await whole(await get(other, inventory(otherAppId)))).status).toBe(200);

    const { items } = JSON.parse(await text(first)) as { items: unknown[] };
    expect(items).toHaveLength(LARGE_INVENTORY);
    const second = await get(account, inventory(appId));
    expect(second.statusCode).toBe(200);
    second.destroy();
    expect((await whole(await get(account, inventory(appId)))).status).toBe(200);
  });

  it('leave half of the pool to everything else', async () => {
    service = await startServiceOn(db.url, { DATABASE_POOL_SIZE: '2', DATABASE_POOL_WAIT_MS: '3000' });
    const first = await get(account, inventory(appId));
    const answer = await whole(await get(other, inventory(otherAppId)));
    expectProblem(answer, 41);
    expect(answer.headers['retry-after']).toBe('1');
    expect((await whole(await get(other, '/core/v1/hookSources?limit=1'))).status).toBe(200);
    first.destroy();
  });
});

describe('inventories', () => {
  it('are taken in from one account as many at a time as the setting says', async () => {
    service = await startServiceOn(db.url, { INGESTS_PER_ACCOUNT: '1', DATABASE_POOL_WAIT_MS: '1000' });
    const pods = '{"kind": "PodList", "apiVersion": "v1", "items": []}';
    const first = ask(account, 'PUT', inventory(appId));
    const answered = answerOf(first);
    first.write(pods.slice(0, 10));
    let refused: ProblemAnswer;
    // Until the first one has begun.
    do refused = await whole(await answerOf(ask(account, 'PUT', inventory(appId)).end('{}')));
    while (refused.status === 400);
    expectTooMany(refused);
    expect((await whole(await answerOf(ask(other, 'PUT', inventory(otherAppId)).end(pods)))).status).toBe(200);
    first.end(pods.slice(10));
    expect((await whole(await answered)).status).toBe(200);
    expect((await whole(await answerOf(ask(account, 'PUT', inventory(appId)).end(pods)))).status).toBe(200);
  });
});
