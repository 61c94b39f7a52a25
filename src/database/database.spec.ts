import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import type { ConnectionSettings } from './connection-settings.js';
import type { Database, Transaction } from './database.js';
import { openDatabase } from './open-database.js';

describe('Database', () => {
  let db: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    db = await createTestDatabase();
    database = db.database;
    await database.query({ text: 'CREATE TABLE notes (text text UNIQUE DEFERRABLE INITIALLY DEFERRED)' });
  });
  beforeEach(() => database.query({ text: 'TRUNCATE notes' }));
  afterAll(() => db.drop());

  const settings = (changes: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
    url: db.url,
    poolSize: 2,
    statementTimeoutMs: 20_000,
    lockTimeoutMs: 10_000,
    idleInTransactionTimeoutMs: 20_000,
    connectionTimeoutMs: 10_000,
    applicationName: 'database.spec',
    ...changes,
  });

  /** A database of other settings for the length of `use`. */
  async function withDatabase(
    changes: Partial<ConnectionSettings>,
    use: (other: Database, errors: Error[]) => Promise<void>,
  ): Promise<void> {
    const errors: Error[] = [];
    const other = await openDatabase(settings(changes), (error) => errors.push(error));
    try {
      await use(other, errors);
    } finally {
      await other.onApplicationShutdown();
    }
  }

  const notes = (): Promise<{ text: string }[]> => database.query({ text: 'SELECT text FROM notes ORDER BY text' });
  const write = (to: Pick<Transaction, 'query'>, text: string): Promise<object[]> =>
    to.query({ text: 'INSERT INTO notes VALUES ($1)' }, [text]);
  const endSession = (pid: unknown): Promise<object[]> =>
    database.query({ text: 'SELECT pg_terminate_backend($1, 5000)' }, [pid]);
  const ownPid = async (of: Pick<Transaction, 'query'>): Promise<number> =>
    (await of.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' }))[0]?.pid ?? 0;

  describe('values', () => {
    it.each([
      ['2022-10-06 20:58:16.305662+00', '2022-10-06T20:58:16.305662Z'],
      ['2022-10-06 20:58:16.30566+00', '2022-10-06T20:58:16.305660Z'],
      ['2022-10-06 20:58:16+00', '2022-10-06T20:58:16.000000Z'],
      ['2022-10-07 01:28:16.5+04:30', '2022-10-06T20:58:16.500000Z'],
    ])('give the timestamp %s as %s', async (stored, given) => {
      expect(await database.query({ text: 'SELECT $1::timestamptz AS at' }, [stored])).toEqual([{ at: given }]);
    });

    it('leave int8 a string, and anything else to node-postgres', async () => {
      const text = `SELECT 9007199254740993::int8 AS int8, 7 AS int4, 'a' AS text, true AS bool, NULL AS none,
                           '{"a":[1]}'::jsonb AS jsonb, '\\x00ff'::bytea AS bytea`;
      expect(await database.query({ text })).toEqual([
        {
          int8: '9007199254740993',
          int4: 7,
          text: 'a',
          bool: true,
          none: null,
          jsonb: { a: [1] },
          bytea: Buffer.from([0, 255]),
        },
      ]);
    });
  });

  describe('sessions', () => {
    it('are in UTC, print ISO dates and have the limits of the settings', async () => {
      await withDatabase(
        { statementTimeoutMs: 1_234, lockTimeoutMs: 567, idleInTransactionTimeoutMs: 8_901 },
        async (other) => {
          const text = `SELECT current_setting('TimeZone') AS zone, current_setting('DateStyle') AS dates,
                             current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                             current_setting('idle_in_transaction_session_timeout') AS idle,
                             current_setting('application_name') AS name`;
          expect(await other.query({ text })).toEqual([
            {
              zone: 'UTC',
              dates: 'ISO, MDY',
              statement: '1234ms',
              lock: '567ms',
              idle: '8901ms',
              name: 'database.spec',
            },
          ]);
        },
      );
    });

    it("keep the options of the URL, except where they are the service's own", async () => {
      const url = new URL(db.url);
      url.searchParams.set('options', '-c work_mem=5MB -c TimeZone=Asia/Tokyo');
      await withDatabase({ url: url.href }, async (other) => {
        const text = `SELECT current_setting('work_mem') AS memory, current_setting('TimeZone') AS zone`;
        expect(await other.query({ text })).toEqual([{ memory: '5MB', zone: 'UTC' }]);
      });
    });

    it('are refused for a URL that is none, without repeating it', async () => {
      const refusal = openDatabase(settings({ url: 'secret@nowhere' }), () => undefined);
      await expect(refusal).rejects.toThrow('The database URL is not a valid URL.');
    });
  });

  it('prepares named statements once a connection, and unnamed ones never', async () => {
    await database.transaction(async (tx) => {
      for (const note of ['a', 'b']) {
        await tx.query({ name: 'note-by-text', text: 'SELECT text FROM notes WHERE text = $1' }, [note]);
      }
      expect(await tx.query({ text: 'SELECT name, custom_plans::int FROM pg_prepared_statements' })).toEqual([
        { name: 'note-by-text', custom_plans: 2 },
      ]);
    });
  });

  it('names no statement where a pooler would give it to another client', async () => {
    await withDatabase({ preparedStatements: false, poolSize: 1 }, async (other) => {
      await other.query({ name: 'one', text: 'SELECT $1::integer' }, [1]);
      expect(await other.query({ text: 'SELECT name FROM pg_prepared_statements' })).toEqual([]);
    });
  });

  describe('a transaction', () => {
    it('is committed, and hands on the result', async () => {
      const result = await database.transaction(async (tx) => {
        await write(tx, 'kept');
        expect(await notes()).toEqual([]);
        return 'result';
      });
      expect(result).toBe('result');
      expect(await notes()).toEqual([{ text: 'kept' }]);
    });

    it("is rolled back when its work fails, and hands on the work's own error", async () => {
      const failure = new Error('no');
      const work = async (tx: Transaction): Promise<void> => {
        await write(tx, 'lost');
        throw failure;
      };
      await expect(database.transaction(work)).rejects.toBe(failure);
      expect(await notes()).toEqual([]);
    });

    it('hands on the error of a constraint that is checked at COMMIT, and leaves its client usable', async () => {
      const work = async (tx: Transaction): Promise<void> => {
        await write(tx, 'twice');
        await write(tx, 'twice');
      };
      await expect(database.transaction(work)).rejects.toMatchObject({ code: '23505', constraint: 'notes_text_key' });
      expect(await notes()).toEqual([]);
    });

    it('fails when its work swallows an error, after which Postgres does not commit', async () => {
      const work = async (tx: Transaction): Promise<void> => {
        await write(tx, 'lost');
        await tx.query({ text: 'SELECT 1 / 0' }).catch(() => undefined);
      };
      await expect(database.transaction(work)).rejects.toThrow('The transaction was rolled back');
      expect(await notes()).toEqual([]);
    });

    it.each([
      [{}, 'read committed', 'off'],
      [{ isolation: 'repeatable read' }, 'repeatable read', 'off'],
      [{ readOnly: true }, 'read committed', 'on'],
      [{ isolation: 'repeatable read', readOnly: true }, 'repeatable read', 'on'],
    ] as const)('with the options %j is %s, read only %s', async (options, isolation, readOnly) => {
      const text = `SELECT current_setting('transaction_isolation') AS isolation,
                           current_setting('transaction_read_only') AS "readOnly"`;
      const work = (tx: Transaction): Promise<object[]> => tx.query({ text });
      expect(await database.transaction(work, options)).toEqual([{ isolation, readOnly }]);
    });

    it('gives its client back, whatever becomes of it', async () => {
      await withDatabase({ poolSize: 1 }, async (other) => {
        await other.transaction((tx) => write(tx, 'a'));
        await other.transaction(() => Promise.reject(new Error('no'))).catch(() => undefined);
        expect(other.poolUsage()).toEqual({ total: 1, idle: 1, waiting: 0, max: 1 });
      });
    });

    it('does not give a client back whose session has ended; the pool makes another', async () => {
      await withDatabase({ poolSize: 1 }, async (other) => {
        let first = 0;
        const work = async (tx: Transaction): Promise<void> => {
          first = await ownPid(tx);
          await endSession(first);
          await tx.query({ text: 'SELECT 1' });
        };
        await expect(other.transaction(work)).rejects.toThrow();
        expect(other.poolUsage().total).toBe(0);
        expect(await ownPid(other)).not.toBe(first);
      });
    });
  });

  describe('a conflict', () => {
    const meeting = (): (() => Promise<void>) => {
      let open: () => void = () => undefined;
      const both = new Promise<void>((resolve) => {
        open = resolve;
      });
      let arrived = 0;
      return () => {
        if (++arrived === 2) open();
        return both;
      };
    };
    const append = (tx: Pick<Transaction, 'query'>, text: string, suffix: string): Promise<object[]> =>
      tx.query({ text: 'UPDATE notes SET text = text || $2 WHERE starts_with(text, $1)' }, [text, suffix]);

    it('of two that each wait for the other is settled by doing the work of one again', async () => {
      await write(database, 'a');
      await write(database, 'b');
      const meet = meeting();
      let runs = 0;
      const rival = (own: string, other: string): Promise<void> =>
        database.transaction(async (tx) => {
          runs += 1;
          await append(tx, own, own);
          if (runs <= 2) await meet();
          await append(tx, other, own);
        });
      await Promise.all([rival('a', 'b'), rival('b', 'a')]);
      expect(runs).toBe(3);
      const [first, second] = await notes();
      expect([first?.text.length, second?.text.length]).toEqual([3, 3]);
    });

    it('of one with what has changed since its snapshot is settled likewise', async () => {
      await write(database, 'a');
      let runs = 0;
      await database.transaction(
        async (tx) => {
          runs += 1;
          await tx.query({ text: 'SELECT 1' });
          if (runs === 1) await append(database, 'a', '1');
          await append(tx, 'a', '2');
        },
        { isolation: 'repeatable read' },
      );
      expect([runs, await notes()]).toEqual([2, [{ text: 'a12' }]]);
    });

    it('that does not end is given up', async () => {
      await write(database, 'a');
      let runs = 0;
      const work = async (tx: Transaction): Promise<void> => {
        runs += 1;
        await tx.query({ text: 'SELECT 1' });
        await append(database, 'a', '.');
        await append(tx, 'a', '!');
      };
      await expect(database.transaction(work, { isolation: 'repeatable read' })).rejects.toMatchObject({
        code: '40001',
      });
      expect(runs).toBe(5);
      expect(await notes()).toEqual([{ text: 'a.....' }]);
    });

    it('of a single statement is settled likewise, and other errors are nobody’s to settle', async () => {
      await write(database, 'a');
      await write(database, 'b');
      const meet = meeting();
      const locked = database.transaction(async (tx) => {
        await append(tx, 'a', '1');
        await meet();
        // Long enough for the statement below to wait for this transaction.
        await tx.query({ text: 'SELECT pg_sleep(0.3)' });
        await append(tx, 'b', '1');
      });
      const statement = (async () => {
        await meet();
        await database.query({
          text: `WITH b AS (SELECT text FROM notes WHERE starts_with(text, 'b') FOR UPDATE),
                      a AS (SELECT text FROM notes WHERE starts_with(text, 'a') FOR UPDATE)
                 SELECT * FROM b, a`,
        });
      })();
      await Promise.allSettled([locked, statement]);
      await expect(statement).resolves.toBeUndefined();
      let runs = 0;
      const work = (): Promise<never> => {
        runs += 1;
        return Promise.reject(new Error('no'));
      };
      await expect(database.transaction(work)).rejects.toThrow('no');
      expect(runs).toBe(1);
    });
  });

  it('keeps its connections when statements are refused', async () => {
    await withDatabase({ poolSize: 1 }, async (other) => {
      const pid = await ownPid(other);
      await expect(other.query({ text: 'SELECT 1 / 0' })).rejects.toMatchObject({ code: '22012' });
      expect(await ownPid(other)).toBe(pid);
    });
  });

  it('survives sessions that end while idle, and reports them without the client and its settings', async () => {
    await withDatabase({}, async (other, errors) => {
      await endSession(await ownPid(other));
      while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(errors).toMatchObject([{ code: '57P01' }]);
      expect(errors[0]).not.toHaveProperty('client');
      expect(await ownPid(other)).toBeGreaterThan(0);
    });
  });

  it('gives up on a server that says nothing any more, and on its connection', async () => {
    const silent = await SilencingProxy.start(new URL(db.url));
    const url = new URL(db.url);
    url.hostname = '127.0.0.1';
    url.port = String(silent.port);
    try {
      await withDatabase({ url: url.href, statementTimeoutMs: 2_000, poolSize: 1 }, async (other) => {
        silent.silence();
        await expect(other.transaction((tx) => tx.query({ text: 'SELECT 1' }))).rejects.toThrow('Query read timeout');
        expect(other.poolUsage().total).toBe(0);
      });
    } finally {
      silent.stop();
    }
  });

  it('closes its pool once, on shutdown, and takes nothing afterwards', async () => {
    const other = await openDatabase(settings(), () => undefined);
    await Promise.all([other.onApplicationShutdown()]);
    await other.onApplicationShutdown();
    await expect(other.query({ text: 'SELECT 1' })).rejects.toThrow('Cannot use a pool after calling end on the pool');
  });
});

/** A way to the server that can be made to swallow everything, like a network that has lost the server's host. */
class SilencingProxy {
  private silent = false;
  private readonly sockets: Socket[] = [];
  private readonly server = createServer();

  static async start(target: URL): Promise<SilencingProxy> {
    const proxy = new SilencingProxy();
    proxy.server.on('connection', (client) => {
      const upstream = connect(Number(target.port || 5432), target.hostname);
      proxy.sockets.push(client, upstream);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        from.on('data', (bytes) => {
          if (!proxy.silent) to.write(bytes);
        });
        from.on('close', () => to.destroy());
        from.on('error', () => to.destroy());
      }
    });
    await new Promise<void>((listening) => proxy.server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  silence(): void {
    this.silent = true;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}
