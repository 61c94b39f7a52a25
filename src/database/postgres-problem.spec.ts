import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { Database, Transaction } from './database.js';
import { openDatabase } from './open-database.js';
import { ServiceNotReady, ServiceUnavailable } from '../problems/catalogue.js';
import { postgresProblem, violatedConstraint } from './postgres-problem.js';

/** The errors are a real server's, except those that would need a broken disk. */
describe('postgresProblem', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
    await db.database.query({
      text: 'CREATE TABLE parents (id int CONSTRAINT parents_pk PRIMARY KEY, name text NOT NULL)',
    });
    await db.database.query({
      text: `CREATE TABLE children (parent int CONSTRAINT children_parent_fk REFERENCES parents,
                                    age int CONSTRAINT children_age_check CHECK (age > 0))`,
    });
    await db.database.query({ text: `INSERT INTO parents VALUES (1, 'one'), (2, 'two')` });
  });
  afterAll(() => db.drop());

  async function withDatabase<T>(
    changes: Partial<ConnectionSettings>,
    use: (database: Database) => Promise<T>,
  ): Promise<T> {
    const settings: ConnectionSettings = {
      url: db.url,
      poolSize: 2,
      statementTimeoutMs: 20_000,
      lockTimeoutMs: 10_000,
      idleInTransactionTimeoutMs: 20_000,
      connectionTimeoutMs: 10_000,
      applicationName: 'postgres-problem.spec',
      ...changes,
    };
    const database = await openDatabase(settings, () => undefined);
    try {
      return await use(database);
    } finally {
      await database.onApplicationShutdown();
    }
  }

  const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
    try {
      await work;
    } catch (error) {
      return error;
    }
    throw new Error('Nothing failed.');
  };
  const failing = (text: string, on: Pick<Transaction, 'query'> = db.database): Promise<unknown> =>
    errorOf(on.query({ text }));
  const update = (id: number) => ({ text: `UPDATE parents SET name = name WHERE id = ${id}` });
  const databaseError = (code: string): Error =>
    Object.assign(new pg.DatabaseError('no', 0, 'error'), { code, severity: 'ERROR' });

  describe('24, service unavailable', () => {
    it('a server that is not there', async () => {
      const closed = createServer();
      await new Promise<void>((listening) => closed.listen(0, '127.0.0.1', listening));
      const address = closed.address();
      await new Promise((done) => closed.close(done));
      const url = new URL(db.url);
      url.hostname = '127.0.0.1';
      url.port = typeof address === 'object' ? String(address?.port) : '';
      const error = await errorOf(withDatabase({ url: url.href }, () => Promise.resolve()));
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
      expect(postgresProblem(error)).toBeInstanceOf(ServiceUnavailable);
    });

    it('a session that the server ends, and each later use of it', async () => {
      await withDatabase({}, (database) =>
        database
          .transaction(async (tx) => {
            const [own] = await tx.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
            const running = failing('SELECT pg_sleep(60)', tx);
            await db.database.query({ text: 'SELECT pg_terminate_backend($1, 5000)' }, [own?.pid]);
            const ended = await running;
            expect(ended).toMatchObject({ code: '57P01' });
            expect(postgresProblem(ended)).toBeInstanceOf(ServiceUnavailable);
            expect(postgresProblem(await failing('SELECT 1', tx))).toBeInstanceOf(ServiceUnavailable);
          })
          .catch((error: unknown) => {
            if (postgresProblem(error) === undefined) throw error;
          }),
      );
    });

    it('no connection of the server free', async () => {
      const name = new URL(db.url).pathname.slice(1);
      await db.database.query({ text: `ALTER DATABASE ${name} CONNECTION LIMIT 1` });
      const superuser = (
        await db.database.query({ text: `SELECT FROM pg_user WHERE usename = current_user AND usesuper` })
      ).length;
      // Limits do not bind a superuser, which the role of somebody else's server may be.
      if (superuser === 0) {
        const error = await errorOf(withDatabase({}, () => Promise.resolve()));
        expect(error).toMatchObject({ code: '53300' });
        expect(postgresProblem(error)).toBeInstanceOf(ServiceUnavailable);
      }
      await db.database.query({ text: `ALTER DATABASE ${name} CONNECTION LIMIT -1` });
    });

    it('a pool that is closed because the service stops', async () => {
      const error = await withDatabase({}, (database) => Promise.resolve(database)).then((database) =>
        failing('SELECT 1', database),
      );
      expect(postgresProblem(error)).toBeInstanceOf(ServiceUnavailable);
    });

    it('a write where only reading is possible', async () => {
      const error = await errorOf(db.database.transaction((tx) => tx.query(update(1)), { readOnly: true }));
      expect(error).toMatchObject({ code: '25006' });
      expect(postgresProblem(error)).toBeInstanceOf(ServiceUnavailable);
    });

    it.each(['53100', '53200', '57P02', '57P03', '58030', '08006'])('SQLSTATE %s', (code) => {
      expect(postgresProblem(databaseError(code))).toBeInstanceOf(ServiceUnavailable);
    });
  });

  describe('41, service not ready', () => {
    it('no connection of the pool free in time', async () => {
      await withDatabase({ poolSize: 1, connectionTimeoutMs: 2_000 }, (database) =>
        database.transaction(async () => {
          expect(postgresProblem(await failing('SELECT 1', database))).toBeInstanceOf(ServiceNotReady);
        }),
      );
    });

    it('a statement that takes too long', async () => {
      const error = await withDatabase({ statementTimeoutMs: 2_000 }, (database) =>
        failing('SELECT pg_sleep(60)', database),
      );
      expect(error).toMatchObject({ code: '57014' });
      expect(postgresProblem(error)).toBeInstanceOf(ServiceNotReady);
    });

    it('a lock that takes too long', async () => {
      const error = await withDatabase({ lockTimeoutMs: 50 }, (database) =>
        db.database.transaction(async (tx) => {
          await tx.query(update(1));
          return errorOf(database.query(update(1)));
        }),
      );
      expect(error).toMatchObject({ code: '55P03' });
      expect(postgresProblem(error)).toBeInstanceOf(ServiceNotReady);
    });

    it('a serialisation failure', async () => {
      const error = await errorOf(
        db.database.transaction(
          async (tx) => {
            await tx.query({ text: 'SELECT 1' });
            await db.database.query(update(1));
            await tx.query(update(1));
          },
          { isolation: 'repeatable read' },
        ),
      );
      expect(error).toMatchObject({ code: '40001' });
      expect(postgresProblem(error)).toBeInstanceOf(ServiceNotReady);
    });

    it('a deadlock', async () => {
      let meet: () => void = () => undefined;
      const bothHold = new Promise<void>((resolve) => {
        let holding = 0;
        meet = () => {
          if (++holding === 2) resolve();
        };
      });
      const rival = (own: number, others: number): Promise<unknown> =>
        db.database.transaction(async (tx) => {
          await tx.query(update(own));
          meet();
          await bothHold;
          // As it is, a deadlock would have the transaction done again.
          await tx.query(update(others)).catch((cause: unknown) => Promise.reject(new Error('met', { cause })));
        });
      const outcomes = await Promise.allSettled([rival(1, 2), rival(2, 1)]);
      const errors = outcomes.flatMap((outcome) =>
        outcome.status === 'rejected' ? [(outcome.reason as Error).cause] : [],
      );
      expect(errors).toMatchObject([{ code: '40P01' }]);
      expect(postgresProblem(errors[0])).toBeInstanceOf(ServiceNotReady);
    });
  });

  it('keeps the error as the cause, for the log', () => {
    const error = databaseError('53100');
    expect(postgresProblem(error)?.cause).toBe(error);
  });

  it.each([
    ['a mistake in the SQL', 'SELEC 1'],
    ['a table that does not exist', 'SELECT FROM nothing'],
    ['a violated constraint', `INSERT INTO parents VALUES (1, 'again')`],
    ['a value of the wrong form', `SELECT 'x'::uuid`],
  ])('is nothing for %s', async (_, sql) => {
    expect(postgresProblem(await failing(sql))).toBeUndefined();
  });

  it.each([
    new TypeError('x is not a function'),
    'a string',
    undefined,
    Object.assign(new Error('no'), { code: 'ENOENT' }),
  ])('is nothing for what is no error of the database: %s', (thrown) => {
    expect(postgresProblem(thrown)).toBeUndefined();
  });

  describe('violatedConstraint', () => {
    it.each([
      [`INSERT INTO parents VALUES (1, 'again')`, 'parents_pk'],
      ['INSERT INTO children VALUES (9, 1)', 'children_parent_fk'],
      ['INSERT INTO children VALUES (1, 0)', 'children_age_check'],
    ])('of %s is %s', async (sql, constraint) => {
      expect(violatedConstraint(await failing(sql))).toBe(constraint);
    });

    it.each([
      ['duplicate key value violates unique constraint "apps_name_unique_102040"', 'apps_name_unique'],
      ['insert or update on table "a_102050" violates foreign key constraint "a_b_fk_102050"', 'a_b_fk'],
    ])('is read in the message where a distributed engine gives nothing else: %s', (message, constraint) => {
      const error = Object.assign(new Error(message), { code: '23505', severity: 'ERROR' });
      expect(violatedConstraint(error)).toBe(constraint);
    });

    it.each(['INSERT INTO parents VALUES (3, NULL)', 'SELECT FROM nothing'])('of %s is none', async (sql) => {
      expect(violatedConstraint(await failing(sql))).toBeUndefined();
    });
  });
});
