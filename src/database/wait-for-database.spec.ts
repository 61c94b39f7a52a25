import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { waitForDatabase, type WaitOptions } from './wait-for-database.js';

describe('waitForDatabase', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  const options = (url: string, changes: Partial<WaitOptions> = {}): WaitOptions => ({
    url,
    connectionTimeoutMs: 5_000,
    deadlineMs: 20_000,
    notice: () => undefined,
    ...changes,
  });

  const listen = async (server: Server, port = 0): Promise<number> => {
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };

  /** The test database by another port of the loopback interface. */
  const throughPort = (port: number): string => {
    const url = new URL(db.url);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  };

  it('returns at once when the database is there', async () => {
    const notices: string[] = [];
    await waitForDatabase(options(db.url, { notice: (message) => notices.push(message) }));
    expect(notices).toEqual([]);
  });

  it('asks again, saying so, until the database comes up', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((done) => closed.close(done));

    const notices: string[] = [];
    const gate = createServer((client) => {
      const { hostname, port: target } = new URL(db.url);
      const upstream = connect(Number(target || 5432), hostname);
      client.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => client.destroy()).pipe(client);
    });
    const notice = (message: string): void => {
      notices.push(message);
      if (notices.length === 2) void listen(gate, port);
    };
    await waitForDatabase(options(throughPort(port), { notice }));
    gate.close();
    expect(notices.length).toBeGreaterThanOrEqual(2);
    expect(notices[0]).toMatch(/^The database cannot be reached yet \(.*ECONNREFUSED.*\); trying again in 100 ms\.$/);
    expect(notices[1]).toContain('200 ms');
  });

  it('gives up when the deadline has passed', async () => {
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((done) => closed.close(done));
    await expect(waitForDatabase(options(throughPort(port), { deadlineMs: 250 }))).rejects.toThrow(
      'The database could not be reached within 250 ms',
    );
  });

  it('gives up at once when waiting would not help, and does not repeat the URL', async () => {
    const url = new URL(db.url);
    url.pathname = '/no_such_database';
    const failure = waitForDatabase(options(url.href));
    await expect(failure).rejects.toThrow(
      'The database refuses the connection: database "no_such_database" does not exist',
    );
    await expect(failure).rejects.not.toThrow(url.password);
  });
});
