import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { createAccount } from '../../src/features/accounts/new-account.js';
import { createTestDatabase } from '../support/database.js';
import { ServiceProcess } from '../support/service-process.js';

// Starts a whole process, which compiles the service first.
jest.setTimeout(300_000);

describe('the audit line of a write that a stop cuts off', () => {
  it('says that it was aborted, and not that it was refused', async () => {
    const db = await createTestDatabase();
    const { accountID, token } = await db.database.transaction((transaction) =>
      createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
    );
    const service = ServiceProcess.start([], { DATABASE_URL: db.url, PORT: '0', SHUTDOWN_TIMEOUT_MS: '200' });
    const { hostname, port } = new URL(await service.listens());
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const head = [
      `POST /accounts/${accountID}/core/v1/hookSources HTTP/1.1`,
      'Host: test',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Content-Length: 1000',
      'Expect: 100-continue',
      '\r\n',
    ];
    socket.write(head.join('\r\n'));
    // The service has the request's head, and waits for a body that never comes.
    await once(socket, 'data');
    await sleep(100);
    expect(await service.stop()).toBe(0);
    const line = service.output.split('\n').find((each) => each.includes('"msg":"audit"')) ?? '{}';
    const { audit } = JSON.parse(line) as { audit?: object };
    expect(audit).toMatchObject({ method: 'POST', outcome: 'aborted' });
    expect(audit).not.toHaveProperty('status');
    await db.drop();
  });
});

describe('a message that is fatal', () => {
  it('is logged once', async () => {
    const service = ServiceProcess.start([], {
      DATABASE_URL: 'postgresql://127.0.0.1:9/hooks',
      DATABASE_START_TIMEOUT_MS: '0',
    });
    expect(await service.end()).toBe(1);
    const lines = service.output.split('\n').filter((each) => each.includes('"level":"fatal"'));
    expect(lines).toHaveLength(1);
    const { err } = JSON.parse(lines[0] ?? '{}') as { err: { message: string; cause: { message: string } } };
    expect(err.message.match(/ECONNREFUSED/g)).toHaveLength(1);
    expect(err.cause.message).toContain('ECONNREFUSED');
    expect(service.errors).toBe('');
  });
});
