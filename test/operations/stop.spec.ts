import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAccount, type CreatedAccount } from '../../src/features/accounts/new-account.js';
import type { Service } from '../../src/app/service.js';
import { Metrics } from '../../src/operations/metrics.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { insertLargeApp, LARGE_INVENTORY } from '../support/large-inventory.js';
import { hookSourceBody } from '../support/resources.js';
import { startServiceOn } from '../support/service-on.js';
import { ServiceProcess } from '../support/service-process.js';

let db: TestDatabase;
let account: CreatedAccount;
beforeAll(async () => {
  db = await createTestDatabase();
  account = await db.database.transaction((transaction) =>
    createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
  );
});
afterAll(() => db.drop());

const start = (env: Readonly<Record<string, string>>): Promise<Service> => startServiceOn(db.url, env);

const authorization = (): string => `Bearer ${account.token}`;
const path = (rest: string): string => `/accounts/${account.accountID}${rest}`;

/** The answer to a GET, its body not read yet. */
async function get(url: string, agent?: Agent): Promise<IncomingMessage> {
  const asked = request(url, { headers: { authorization: authorization() }, ...(agent && { agent }) }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

async function refuses(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

async function untilRefused(url: string): Promise<void> {
  while (!(await refuses(url))) await sleep(20);
}

/** A POST of a hook source whose body is sent all but its last byte. */
function beginWrite(
  service: Service,
  name: string,
): { finish: () => Promise<IncomingMessage>; broken: Promise<unknown> } {
  const body = JSON.stringify(hookSourceBody({ name }));
  const asked = request(service.url + path('/core/v1/hookSources'), {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: {
      authorization: authorization(),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  });
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>;
  const broken = answered.then(
    () => undefined,
    (error: unknown) => error,
  );
  asked.write(body.slice(0, -1));
  return {
    broken,
    finish: async () => {
      asked.end(body.slice(-1));
      return (await answered)[0];
    },
  };
}

/** Waits until the service has begun with a request. */
async function begun(service: Service): Promise<void> {
  const metrics = service.app.get(Metrics);
  while (!/^execution_hooks_http_requests_in_flight [1-9]/m.test(await metrics.text())) await sleep(1);
}

describe('a service that is asked to stop', () => {
  it('finishes a request under way, and takes no other', async () => {
    const service = await start({ SHUTDOWN_TIMEOUT_MS: '600000' });
    const write = beginWrite(service, 'under way');
    await begun(service);
    const stopped = service.stop();
    await untilRefused(service.url);
    const answer = await write.finish();
    expect([answer.statusCode, answer.headers.connection]).toEqual([201, 'close']);
    answer.resume();
    await stopped;
    const rows = await db.database.query({ text: `SELECT FROM hook_sources WHERE name = 'under way'` });
    expect(rows).toHaveLength(1);
  });

  it('sends a list that is being read to its end, and then ends the connection', async () => {
    const service = await start({ SHUTDOWN_TIMEOUT_MS: '600000' });
    const appId = await insertLargeApp(db.database, account.accountID);
    const answer = await get(service.url + path(`/k8s/v1/apps/${appId}/inventory`), new Agent({ keepAlive: true }));
    expect(answer.headers.connection).toBe('keep-alive');
    const stopped = service.stop();
    await untilRefused(service.url);
    const list = JSON.parse(await text(answer)) as { items: unknown[] };
    expect(list.items).toHaveLength(LARGE_INVENTORY);
    await stopped;
  });

  it('cuts what is under way at its deadline, without waiting for the database either', async () => {
    const service = await start({
      SHUTDOWN_TIMEOUT_MS: '200',
      DATABASE_STATEMENT_TIMEOUT_MS: '86400000',
      DATABASE_LOCK_TIMEOUT_MS: '86400000',
    });
    const unfinished = beginWrite(service, 'unfinished');
    await begun(service);
    await db.database.transaction(async (transaction) => {
      await transaction.query({ text: 'LOCK TABLE hook_sources' });
      const waiting = beginWrite(service, 'waiting');
      waiting.finish().catch(() => undefined);
      while (service.database.poolUsage().total === service.database.poolUsage().idle) await sleep(10);
      await service.stop();
      expect(await waiting.broken).toMatchObject({ code: 'ECONNRESET' });
      expect(await unfinished.broken).toMatchObject({ code: 'ECONNRESET' });
    });
    // The other request had come whole: PostgreSQL may have stored its hook source, and no answer says so.
    expect(await db.database.query({ text: `SELECT FROM hook_sources WHERE name = 'unfinished'` })).toEqual([]);
  });
});

describe('SIGTERM', () => {
  it('fails readiness first while requests are served, and a second one ends the service at once', async () => {
    const service = ServiceProcess.start([], { DATABASE_URL: db.url, PORT: '0', SHUTDOWN_DELAY_MS: '600000' });
    const url = await service.listens();
    expect((await get(`${url}/readyz`)).statusCode).toBe(200);
    service.signal('SIGTERM');
    await service.says(/"msg":"Stopping\."/);
    const unready = await get(`${url}/readyz`);
    expect([unready.statusCode, unready.headers.connection]).toEqual([503, 'close']);
    const served = await get(url + path('/core/v1/hookSources'), new Agent({ keepAlive: true }));
    expect([served.statusCode, served.headers.connection]).toEqual([200, 'close']);
    served.resume();
    // Within the first 200 ms a second signal counts as an echo of the first one.
    await sleep(200);
    service.signal('SIGINT');
    expect(await service.end()).toBe(1);
  });

  it('heard twice at once, as Ctrl-C in a terminal is, stops in good order', async () => {
    const service = ServiceProcess.start([], { DATABASE_URL: db.url, PORT: '0', LOG_LEVEL: 'info' });
    await service.listens();
    service.signal('SIGINT');
    service.signal('SIGINT');
    expect(await service.end()).toBe(0);
    expect(service.output).toContain('"msg":"Stopped."');
  });
});
