import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import type { Queryable } from '../../src/database/database.js';
import { expectProblem } from '../support/problems.js';
import { type OutageService, startOutageService } from '../support/outage-service.js';
import { hookSourceBody } from '../support/resources.js';

let outage: OutageService;
beforeAll(async () => {
  outage = await startOutageService({ DATABASE_POOL_SIZE: '2' });
});
afterAll(() => outage.stop());

const get = (path: string): Promise<Response> =>
  request(outage.service.url)
    .get(path)
    .then((answer) => answer);

/** Asks until readiness is what is expected: an answer holds for a fraction of a second. */
async function ready(expected: boolean): Promise<Response> {
  for (;;) {
    const answer = await get('/readyz');
    if ((answer.status === 200) === expected) return answer;
    await sleep(50);
  }
}

/**
 * Asks until the service has asked the database anew, for which it has a connection of its own; its answer before that
 * may be an old one.
 */
async function readyAnew(database: Queryable): Promise<void> {
  const lastAsked = async (): Promise<string | undefined> => {
    // In a transaction the view would go on showing what it showed first.
    await database.query({ text: 'SELECT pg_stat_clear_snapshot()' });
    const [row] = await database.query<{ asked: string }>({
      text: `SELECT max(query_start) AS asked FROM pg_stat_activity WHERE application_name = 'execution-hooks readiness'`,
    });
    return row?.asked;
  };
  const before = await lastAsked();
  do expect((await get('/readyz')).status).toBe(200);
  while ((await lastAsked()) === before);
  expect((await get('/readyz')).status).toBe(200);
}

const write = (name: string): Promise<Response> =>
  request(outage.service.url)
    .post(`/accounts/${outage.account.accountID}/core/v1/hookSources`)
    .set('authorization', `Bearer ${outage.account.token}`)
    .send(hookSourceBody({ name }))
    .then((answer) => answer);

async function names(): Promise<string[]> {
  const rows = await outage.service.database.query<{ name: string }>({
    text: 'SELECT name FROM hook_sources ORDER BY name',
  });
  return rows.map(({ name }) => name);
}

describe('health', () => {
  it('is told without a token and without a detail', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await get(path);
      expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
    }
  });

  it('is unready while the schema lacks a migration, and ready with one that this build does not know', async () => {
    const { database } = outage.service;
    await database.query({ text: `UPDATE migrations SET name = 'x' || name` });
    const answer = await ready(false);
    expectProblem(answer, 41);
    expect(answer.headers['retry-after']).toBe('1');
    await database.query({ text: `UPDATE migrations SET name = substr(name, 2)` });
    await ready(true);
    await database.query({ text: `INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later')` });
    await readyAnew(database);
    await database.query({ text: `DELETE FROM migrations WHERE name = 'Later'` });
  });

  it('is ready while every connection of the pool is at work', async () => {
    const { database } = outage.service;
    await database.transaction(() =>
      database.transaction(async (transaction) => {
        await readyAnew(transaction);
      }),
    );
  });

  it('is unready, within a deadline, while the database says nothing', async () => {
    outage.gate.silence();
    expectProblem(await ready(false), 41);
    expect((await get('/healthz')).status).toBe(200);
    outage.gate.speak();
    await ready(true);
  });
});

describe('a database that is stopped and started again', () => {
  it('gives 503s that say when to try again, and costs the service nothing else', async () => {
    expect((await write('before')).status).toBe(201);
    await outage.stopServer();
    for (const answer of await Promise.all([write('lost'), write('lost'), write('lost')])) {
      expectProblem(answer, 24);
      expect(answer.headers['retry-after']).toBe('5');
    }
    expectProblem(await ready(false), 41);
    expect((await get('/healthz')).status).toBe(200);

    await outage.startServer();
    await ready(true);
    expect((await write('after')).status).toBe(201);
    expect(await names()).toEqual(['after', 'before']);
  });

  it('has a transaction that it interrupts leave nothing behind', async () => {
    const { database } = outage.service;
    const interrupted = database.transaction(async (transaction) => {
      await transaction.query({
        text: `INSERT INTO hook_sources (account_id, id, version, name, source_type, source, source_md5, created_by)
               SELECT account_id, gen_random_uuid(), version, 'half', source_type, source, source_md5, created_by
               FROM hook_sources LIMIT 1`,
      });
      await outage.stopServer();
      await transaction.query({ text: 'SELECT 1' });
    });
    await expect(interrupted).rejects.toThrow();
    await outage.startServer();
    await ready(true);
    expect(await names()).toEqual(['after', 'before']);
  });
});
