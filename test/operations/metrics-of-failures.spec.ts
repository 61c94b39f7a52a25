import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../src/app/service.js';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { podList, putInventory } from '../support/inventory.js';
import { type OutageService, startOutageService } from '../support/outage-service.js';
import { createApp, createHook, createHookSource } from '../support/resources.js';
import { startTestService } from '../support/service.js';
import { startServiceOn } from '../support/service-on.js';

// The metrics that deploy/helm/execution-hooks/files/alerts.yaml is about, where something fails.

async function scrape({ metricsUrl = '' }: Pick<Service, 'metricsUrl'>): Promise<string> {
  return (await fetch(metricsUrl)).text();
}

/** The value of a series; undefined where there is none. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const READY = 'execution_hooks_ready';
const FAILURES = 'execution_hooks_database_connection_failures_total';
const EXPIRY = 'execution_hooks_certificate_expiry_timestamp_seconds';
const NOTHING = 'execution_hooks_hooks_matching_nothing_total';

describe('the metrics of a service whose database is away', () => {
  let outage: OutageService;
  beforeAll(async () => {
    outage = await startOutageService({ METRICS_PORT: '0' });
  });
  afterAll(() => outage.stop());

  it('say that it is not ready, and count connections that could not be made', async () => {
    const before = await scrape(outage.service);
    expect([valueOf(before, READY), valueOf(before, FAILURES)]).toEqual([1, 0]);
    await outage.stopServer();
    const headers = { authorization: `Bearer ${outage.account.token}` };
    const answer = await fetch(`${outage.service.url}/accounts`, { headers });
    expect(answer.status).toBe(503);
    const away = await scrape(outage.service);
    expect(valueOf(away, READY)).toBe(0);
    // Of the request, of readiness, or of both.
    expect(valueOf(away, FAILURES)).toBeGreaterThan(0);
    await outage.startServer();
    while (valueOf(await scrape(outage.service), READY) !== 1) await sleep(50);
    const back = valueOf(await scrape(outage.service), FAILURES);
    await fetch(`${outage.service.url}/readyz`);
    expect(valueOf(await scrape(outage.service), FAILURES)).toBe(back);
  });
});

describe('the metrics of a service', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'execution-hooks-metrics-'));
  });
  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('say which build it is', async () => {
    const service = await startServiceOn(database.url, { METRICS_PORT: '0' });
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    const series = `execution_hooks_build_info{version="${version}",node="${process.version}"}`;
    const text = await scrape(service);
    expect(valueOf(text, series)).toBe(1);
    expect(text).toContain(`# TYPE ${EXPIRY} gauge`);
    expect(valueOf(text, EXPIRY)).toBeUndefined();
    await service.stop();
  });

  it('say when its certificate ends', async () => {
    const { cert, key } = await selfSignedPair();
    const files = { TLS_CERT_FILE: join(folder, 'tls.crt'), TLS_KEY_FILE: join(folder, 'tls.key') };
    writeFileSync(files.TLS_CERT_FILE, cert);
    writeFileSync(files.TLS_KEY_FILE, key);
    const service = await startServiceOn(database.url, { METRICS_PORT: '0', ...files });
    const end = Date.parse(new X509Certificate(cert).validTo) / 1000;
    expect(valueOf(await scrape(service), EXPIRY)).toBe(end);
    await service.stop();
  });

  it('count hooks in answers that match nothing, by themselves and in lists', async () => {
    const service = await startTestService();
    const { id: appID } = await createApp(service);
    await putInventory(service, appID, JSON.stringify(podList([{ name: 'one', containers: { main: 'mariadb:11' } }])));
    const { id: hookSourceID } = await createHookSource(service);
    const criteria = (value: string): object => ({ matchingCriteria: [{ type: 'containerImage', value }] });
    await createHook(service, { appID, hookSourceID }, { name: 'meets one', ...criteria('mariadb') });
    const count = async (): Promise<number> => {
      const answer = await service.sendBare('get', '/metrics').set('authorization', `Bearer ${service.account.token}`);
      return valueOf(answer.text, NOTHING) ?? 0;
    };
    await service.send('get', '/core/v1/executionHooks');
    expect(await count()).toBe(0);
    const { id } = await createHook(service, { appID, hookSourceID }, { name: 'meets none', ...criteria('postgres') });
    expect(await count()).toBe(1);
    await service.send('get', `/core/v1/executionHooks/${id}`);
    expect(await count()).toBe(2);
    await service.send('get', '/core/v1/executionHooks');
    expect(await count()).toBe(3);
    await service.stop();
  });
});
