import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createAccount, type CreatedAccount } from '../../src/features/accounts/new-account.js';
import { attributesOf, Collector } from '../support/collector.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { hookSourceBody } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';
import { startServiceOn } from '../support/service-on.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('a request that is part of a trace', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });
  afterAll(() => service.stop());

  async function traceInLog(header: string, correlationID: string): Promise<unknown> {
    await service.send('get', '/core/v1/hookSources').set('traceparent', header).set('x-correlation-id', correlationID);
    const lines = service.log.map(
      (line) => JSON.parse(line) as { correlationID?: string; msg: string; traceID?: string },
    );
    const [line, ...others] = lines.filter((each) => each.correlationID === correlationID && each.msg === 'request');
    expect(others).toEqual([]);
    return line?.traceID;
  }

  it('has its trace id in the log, if that is well-formed', async () => {
    expect(await traceInLog(`00-${TRACE}-${PARENT}-01`, 'good')).toBe(TRACE);
    expect(await traceInLog(`00-${TRACE}-${PARENT}`, 'bad')).toBeUndefined();
  });
});

describe('a collector', () => {
  let db: TestDatabase;
  let account: CreatedAccount;
  let collector: Collector;
  beforeAll(async () => {
    db = await createTestDatabase();
    account = await db.database.transaction((transaction) =>
      createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
    );
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    collector = await Collector.start();
  });
  afterEach(() => {
    collector.stop();
  });

  it('gets a span of each request, in the trace that the client began, with its statements below it', async () => {
    const service = await startServiceOn(db.url, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const sources = `/accounts/${account.accountID}/core/v1/hookSources`;
    const { status } = await request(service.url)
      .post(sources)
      .set('authorization', `Bearer ${account.token}`)
      .set('traceparent', `00-${TRACE}-${PARENT}-01`)
      .set('x-correlation-id', 'traced')
      .send(hookSourceBody({ name: 'traced source' }));
    expect(status).toBe(201);
    await request(service.url).get('/made-up?secret=1');
    await service.stop();

    expect(collector.resource).toMatchObject({ 'service.name': 'execution-hooks' });
    const [made, unmatched, ...others] = collector.spans.filter(({ attributes }) =>
      attributes.some(({ key }) => key === 'http.request.method'),
    );
    expect(others).toEqual([]);
    expect(made).toMatchObject({
      name: 'POST /accounts/:account_id/core/v1/hookSources',
      traceId: TRACE,
      parentSpanId: PARENT,
    });
    expect(attributesOf(made ?? { attributes: [] })).toMatchObject({
      'http.response.status_code': 201,
      'url.path': sources,
      'execution_hooks.correlation_id': 'traced',
    });
    expect(unmatched).toMatchObject({ name: 'GET' });
    expect(unmatched?.traceId).not.toBe(TRACE);

    const statements = collector.spans.filter(({ parentSpanId }) => parentSpanId === made?.spanId);
    expect(statements.length).toBeGreaterThanOrEqual(2);
    expect(new Set(statements.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const operations = statements.map((span) => attributesOf(span)['db.operation.name']);
    for (const operation of operations) expect(operation).toMatch(/^(SELECT|UPDATE|INSERT|WITH)$/);

    // Nothing of what clients and statements hold.
    for (const secret of [account.token, 'traced source', 'secret=1']) expect(collector.sent).not.toContain(secret);
  });

  it('gets nothing of a trace that its client does not sample, and nothing while it is switched off', async () => {
    const sampling = await startServiceOn(db.url, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` });
    await request(sampling.url).get('/made-up').set('traceparent', `00-${TRACE}-${PARENT}-00`);
    await sampling.stop();
    expect(collector.spans.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
    const off = await startServiceOn(db.url, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' });
    await request(off.url).get('/made-up');
    const before = collector.spans.length;
    await off.stop();
    expect(collector.spans).toHaveLength(before);
  });

  it('that is not there costs a request and a stop nothing but its spans', async () => {
    const { url } = collector;
    collector.stop();
    const service = await startServiceOn(db.url, { OTEL_EXPORTER_OTLP_ENDPOINT: url });
    expect((await request(service.url).get('/readyz')).status).toBe(200);
    await service.stop();
  });
});
