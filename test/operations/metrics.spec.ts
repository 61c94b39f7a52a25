import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { parse } from 'yaml';
import type { Service } from '../../src/app/service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { podList, putInventory } from '../support/inventory.js';
import { insertLargeApp } from '../support/large-inventory.js';
import { createApp, createHook, createHookSource } from '../support/resources.js';
import { expectProblem } from '../support/problems.js';
import { startTestService, type TestService } from '../support/service.js';
import { startServiceOn } from '../support/service-on.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ INVENTORY_CACHE_BYTES: '1000000' });
});
afterAll(() => service.stop());

async function scrape(): Promise<string> {
  const answer = await service.sendBare('get', '/metrics').set('authorization', `Bearer ${service.account.token}`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return answer.text;
}

/** The value of one series, as it is printed; 0 where there is none. */
function valueOf(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

/** How much each series grows by what is done. */
async function growth(series: readonly string[], work: () => Promise<unknown>): Promise<number[]> {
  const before = await scrape();
  await work();
  const after = await scrape();
  return series.map((each) => valueOf(after, each) - valueOf(before, each));
}

describe('the metrics', () => {
  it('need a token on the port of the API', async () => {
    expectProblem(await service.sendBare('get', '/metrics'), 3);
    expectProblem(await service.sendBare('get', '/metrics').set('authorization', 'Bearer x'), 4);
  });

  it('count requests by route template, method and status', async () => {
    const hook = '/accounts/:account_id/core/v1/executionHooks/:executionHook_id';
    const count = 'execution_hooks_http_request_duration_seconds_count';
    expect(
      await growth(
        [
          `${count}{method="GET",route="${hook}",status="404"}`,
          `${count}{method="GET",route="/accounts/:account_id/core/v1/executionHooks",status="401"}`,
          `${count}{method="any",route="other",status="404"}`,
          `${count}{method="any",route="other",status="401"}`,
        ],
        async () => {
          for (let id = 0; id < 3; id++) await service.send('get', `/core/v1/executionHooks/${id}`);
          await service.sendBare('get', `/accounts/${service.account.accountID}/core/v1/executionHooks`);
          await service.sendBare('delete', '/made-up').send();
          await service.sendBare('get', '/made-up-too').send();
          await service.sendBare('patch', '/accounts/made-up').send();
        },
      ),
    ).toEqual([3, 1, 2, 1]);
  });

  it('count, and the log has, an answer that its client does not read to the end', async () => {
    const { accountID, token } = service.account;
    const path = `/accounts/${accountID}/k8s/v1/apps/${await insertLargeApp(service.database, accountID)}/inventory`;
    const headers = { authorization: `Bearer ${token}`, 'x-correlation-id': 'left' };
    const [answer] = (await once(get(service.url + path, { headers }), 'response')) as [IncomingMessage];
    answer.destroy();
    const route = '/accounts/:account_id/k8s/v1/apps/:app_id/inventory';
    const series = `execution_hooks_http_request_duration_seconds_count{method="GET",route="${route}",status="aborted"}`;
    while (valueOf(await scrape(), series) === 0) await sleep(10);
    const lines = service.log.filter(
      (line) => line.includes('"correlationID":"left"') && line.includes('"msg":"request"'),
    );
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ status: 200, aborted: true }]);
  });

  it('name no account, no identifier and no token', async () => {
    const text = await scrape();
    expect(text).not.toContain(service.account.accountID);
    expect(text).not.toContain(service.account.token);
    expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}|made-up/);
  });

  it('count what is not let in, by its reason', async () => {
    const reasons = ['missing', 'invalid'].map(
      (reason) => `execution_hooks_authentication_failures_total{reason="${reason}"}`,
    );
    const bad = async (): Promise<void> => {
      await service.sendBare('get', '/accounts').send();
      await service.sendBare('get', '/accounts').set('authorization', 'Bearer x');
      await service.sendBare('get', '/accounts').set('authorization', 'Bearer y');
    };
    expect(await growth(reasons, bad)).toEqual([1, 2]);
  });

  it('measure inventories, the cache and the matching', async () => {
    const { id: appID } = await createApp(service);
    const containers = { main: 'mariadb:11' };
    const pods = JSON.stringify(podList(['one', 'two'].map((name) => ({ name, containers }))));
    expect(
      await growth(
        [
          'execution_hooks_inventory_ingest_bytes_count',
          'execution_hooks_inventory_ingest_bytes_sum',
          'execution_hooks_inventory_ingest_pods_sum',
        ],
        () => putInventory(service, appID, pods),
      ),
    ).toEqual([1, pods.length, 2]);
    const source = await createHookSource(service);
    const reads = ['hit', 'miss'].map((result) => `execution_hooks_inventory_cache_requests_total{result="${result}"}`);
    expect(
      await growth(
        [...reads, 'execution_hooks_matching_duration_seconds_count', 'execution_hooks_inventory_cache_inventories'],
        async () => {
          const { id } = await createHook(service, { appID, hookSourceID: source.id });
          await service.send('get', `/core/v1/executionHooks/${id}`);
        },
      ),
    ).toEqual([1, 1, 2, 1]);
    const after = await scrape();
    expect(valueOf(after, 'execution_hooks_inventory_cache_bytes')).toBeGreaterThan(0);
    expect(valueOf(after, 'execution_hooks_inventory_cache_limit_bytes')).toBe(1_000_000);
  });

  it('tell of the pool and the event loop', async () => {
    const [waits = 0] = await growth(['execution_hooks_database_wait_seconds_count'], () => service.send('get', ''));
    expect(waits).toBeGreaterThan(0);
    const text = await scrape();
    expect(valueOf(text, 'execution_hooks_database_connections_max')).toBe(5);
    expect(valueOf(text, 'execution_hooks_database_connections')).toBeGreaterThan(0);
    expect(valueOf(text, 'execution_hooks_http_requests_in_flight')).toBe(1);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  });
});

describe('METRICS_PORT', () => {
  let db: TestDatabase;
  let running: Service;
  beforeAll(async () => {
    db = await createTestDatabase();
    running = await startServiceOn(db.url, { METRICS_PORT: '0' });
  });
  afterAll(async () => {
    await running.stop();
    await db.drop();
  });

  it('serves them without a token, and nothing else, and takes them off the port of the API', async () => {
    const { metricsUrl = '', url } = running;
    const answer = await request(metricsUrl).get('');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(answer.text).toContain('execution_hooks_http_requests_in_flight');
    expect((await request(metricsUrl).post('')).status).toBe(404);
    expect((await request(new URL('/healthz', metricsUrl).href).get('')).status).toBe(404);
    expectProblem(await request(url).get('/metrics'), 3);
  });
});

/** The names of metrics in PromQL; the parts of a histogram by the histogram's. */
function namesIn(expressions: string): string[] {
  const names = expressions.match(/\b(execution_hooks|nodejs|process)_\w+/g) ?? [];
  return [...new Set(names)];
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('what is shipped for the metrics', () => {
  interface Panel {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }
  const dashboard = JSON.parse(read('deploy/helm/execution-hooks/files/dashboard.json')) as {
    readonly panels: readonly Panel[];
  };
  const rules = parse(read('deploy/helm/execution-hooks/files/alerts.yaml')) as {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly alert: string;
        readonly expr: string;
        readonly labels: { readonly severity: string };
        readonly annotations: { readonly summary: string; readonly description: string };
      }[];
    }[];
  };
  const alerts = rules.groups.flatMap((group) => group.rules);

  it('names metrics that there are', async () => {
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    expect(alerts.length).toBeGreaterThan(5);
    const known = new Set((await scrape()).match(/(?<=^# HELP )[a-z_\d]+|^[a-z_\d]+/gm));
    const asked = namesIn([...queries, ...alerts.map(({ expr }) => expr)].join('\n'));
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('says of each alert how bad it is and what to do', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(alert).toMatch(/^ExecutionHooks[A-Z]\w+$/);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.description).toMatch(/\.$/);
    }
  });

  it('is described, each metric of the service by its name', async () => {
    const page = read('docs/operations.md');
    const own = (await scrape()).match(/(?<=^# HELP )execution_hooks_\w+/gm) ?? [];
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
