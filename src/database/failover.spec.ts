import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PostgresServer } from '../../faults/postgres-server.js';
import { ServiceUnavailable } from '../problems/catalogue.js';
import type { Database } from './database.js';
import { errorCode } from './error-code.js';
import { openDatabase } from './open-database.js';
import { migrate } from './migrate.js';
import { postgresProblem } from './postgres-problem.js';
import { connectToPrimary } from './primary.js';
import type { ReadinessProbe } from './readiness-probe.js';
import { waitForDatabase } from './wait-for-database.js';

/** Two servers that know nothing of each other, one of them read only, as a primary and its standby are for a client. */
describe('a database with two hosts', () => {
  let folder: string;
  let one: PostgresServer;
  let two: PostgresServer;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'execution-hooks-failover-'));
    chmodSync(folder, 0o755);
    one = await PostgresServer.start(join(folder, 'one'));
    two = await PostgresServer.start(join(folder, 'two'));
    url = one.url.replace(/@([^/]+)/, (_, host: string) => `@${host},127.0.0.1:${new URL(two.url).port}`);
    for (const server of [one, two]) {
      await migrate({ url: server.url, connectionTimeoutMs: 10_000, notice: () => undefined });
      await server.execute('CREATE TABLE notes AS SELECT 1 AS note');
      await server.execute('GRANT ALL ON notes TO execution_hooks');
    }
  });
  beforeEach(async () => {
    await Promise.all([takeWrites(one, true), takeWrites(two, false)]);
    database = await openDatabase(
      {
        url,
        poolSize: 3,
        statementTimeoutMs: 500,
        lockTimeoutMs: 500,
        idleInTransactionTimeoutMs: 0,
        connectionTimeoutMs: 10_000,
        applicationName: 'failover.spec',
      },
      () => undefined,
    );
  });
  afterEach(() => database.onApplicationShutdown());
  afterAll(async () => {
    await Promise.all([one, two].map((server) => server.end('fast')));
    rmSync(folder, { recursive: true, force: true });
  });

  async function set(server: PostgresServer, name: string, value: string): Promise<void> {
    await server.execute(`ALTER SYSTEM SET ${name} = ${value}`);
    await server.execute('SELECT pg_reload_conf()');
    const wanted = value.replaceAll("'", '');
    while ((await server.execute(`SHOW ${name}`))[0]?.[name] !== wanted) await pause(5);
  }

  const takeWrites = (server: PostgresServer, does: boolean): Promise<void> =>
    set(server, 'default_transaction_read_only', does ? 'off' : 'on');
  const portOf = async (of: Pick<Database, 'query'>): Promise<string> =>
    (await of.query<{ port: string }>({ text: `SELECT current_setting('port') AS port` }))[0]?.port ?? '';
  const write = (): Promise<object[]> => database.query({ text: 'UPDATE notes SET note = note + 1' });
  const port = (server: PostgresServer): string => new URL(server.url).port;

  it('is found behind one that is read only, by the first connection as by the pool', async () => {
    await Promise.all([takeWrites(one, false), takeWrites(two, true)]);
    const { client, url: found } = await connectToPrimary(url, {});
    await client.end();
    expect(new URL(found).port).toBe(port(two));
    await waitForDatabase({ url, connectionTimeoutMs: 10_000, deadlineMs: 0, notice: () => undefined });
    expect(await migrate({ url, connectionTimeoutMs: 10_000, notice: () => undefined })).toEqual([]);
  });

  it('is left by all connections when it becomes read only', async () => {
    const three = (): Promise<string[]> =>
      Promise.all([1, 2, 3].map(() => database.transaction((tx) => portOf(tx).then((it) => pause(50, it)))));
    expect(await three()).toEqual([port(one), port(one), port(one)]);
    await Promise.all([takeWrites(one, false), takeWrites(two, true)]);
    const refusal = await write().catch((error: unknown) => error);
    expect(postgresProblem(refusal)).toBeInstanceOf(ServiceUnavailable);
    expect(await three()).toEqual([port(two), port(two), port(two)]);
    await write();
  });

  it('is the other one once the first is gone, as soon as that takes writes', async () => {
    await write();
    await one.end('kill -9');
    // Its processes outlive the first of them by a moment, and the first error may be that of a connection that breaks.
    while (
      !(await write().then(
        () => false,
        (error: unknown) => errorCode(error) === '25006',
      ))
    )
      await pause(5);
    const refusal = await write().catch((error: unknown) => error);
    expect(postgresProblem(refusal)).toBeInstanceOf(ServiceUnavailable);
    const options = { url, connectionTimeoutMs: 10_000, deadlineMs: 0, notice: () => undefined };
    await expect(waitForDatabase(options)).rejects.toThrow(
      /could not be reached.*None of the database's hosts takes writes: .*ECONNREFUSED.*; The database server is read only\./,
    );
    await takeWrites(two, true);
    await write();
    expect(await portOf(database)).toBe(port(two));
    await one.start();
  });

  describe('as readiness sees it', () => {
    const probe = (): ReadinessProbe => database.probe;

    it('is ready, and follows the host that takes writes', async () => {
      await probe().requireReady();
      await takeWrites(one, false);
      await expect(probe().requireReady()).rejects.toThrow('read only');
      await expect(probe().requireReady()).rejects.toThrow("None of the database's hosts takes writes");
      await takeWrites(two, true);
      await probe().requireReady();
    });

    it('is not ready while a synchronous standby does not answer, and keeps no connection that waits for it', async () => {
      await set(one, 'synchronous_standby_names', "'nobody'");
      for (let times = 0; times < 4; times++) await expect(probe().requireReady()).rejects.toThrow('timeout');
      const waiting = await one.execute(`SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
      expect(waiting.length).toBeLessThanOrEqual(3);
      await set(one, 'synchronous_standby_names', "''");
      await probe().requireReady();
    });
  });

  it('leaves open whether a write happened that was never answered, and says what to do', async () => {
    await set(one, 'synchronous_standby_names', "'nobody'");
    for (const writing of [
      write,
      () => database.transaction((tx) => tx.query({ text: 'UPDATE notes SET note = 7' })),
    ]) {
      const problem = postgresProblem(await writing().catch((error: unknown) => error));
      expect(problem).toBeInstanceOf(ServiceUnavailable);
      expect(problem?.definition.detail).toMatch(
        /^The service is unavailable\. The write may have happened all the same\./,
      );
      await one.execute(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
    }
    await set(one, 'synchronous_standby_names', "''");
    expect(await database.query({ text: 'SELECT note FROM notes' })).toEqual([{ note: 7 }]);
  });
});
