import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { DatabaseError } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import type { Database, Queryable } from '../database/database.js';
import { openDatabase } from '../database/open-database.js';
import type { CollectionDefinition } from '../query/collection-definition.js';
import { type CollectionList, listCollection } from './collection-list.js';
import { parseCollectionQuery } from '../query/collection-query.js';
import { computedField, identifierField, stringField } from '../query/field.js';
import { sql } from '../query/sql-fragment.js';

/** A collection of rows that Postgres makes up on the way: long, slow or broken at a certain row, without a table. */
function numbers(last: number, extra = 'NULL'): CollectionDefinition {
  return {
    type: 'application/astra-numbers',
    version: '1.0',
    from: {
      table: `(SELECT g, lpad(g::text, 32, '0')::uuid AS id, repeat('x', 700) AS name
               FROM generate_series(1, ${last}) AS g)`,
      alias: 'n',
    },
    fields: {
      id: identifierField('n.id'),
      name: stringField('(n.name COLLATE "C")'),
      extra: stringField(`((${extra})::text COLLATE "C")`, { nullable: true }),
      computed: computedField(),
    },
    defaultOrder: 'id',
    key: ['id'],
    completedFrom: { number: 'n.g' },
    batchRows: 1000,
  };
}

interface Envelope {
  readonly items: readonly { readonly id: string; readonly extra?: string; readonly computed?: number }[];
  readonly metadata: { readonly count?: number };
}

let db: TestDatabase;
/** A pool without a time limit for statements: what is not cancelled sleeps on. */
let database: Database;

beforeAll(async () => {
  db = await createTestDatabase();
  database = await openDatabase(
    {
      url: db.url,
      poolSize: 5,
      statementTimeoutMs: 0,
      lockTimeoutMs: 10_000,
      idleInTransactionTimeoutMs: 0,
      connectionTimeoutMs: 10_000,
      applicationName: 'execution-hooks test of lists',
    },
    () => undefined,
  );
});

afterEach(async () => {
  // Whatever a test did, every connection comes back to the pool and nothing goes on running on the server.
  await until(() => Promise.resolve(database.poolUsage().idle === database.poolUsage().total));
  await until(async () => (await othersActive()) === 0);
});

afterAll(async () => {
  await database.onApplicationShutdown();
  await db.drop();
});

function list(
  definition: CollectionDefinition,
  query = '',
  options: Partial<CollectionList<{ number: number }>> = {},
): Promise<string | Readable> {
  return listCollection<{ number: number }>({
    database,
    definition,
    query: parseCollectionQuery(definition, query, []),
    scope: [sql`true`],
    caller: '00000000-0000-0000-0000-000000000000',
    complete: () => ({}),
    ...options,
  });
}

async function stream(...parameters: Parameters<typeof list>): Promise<Readable> {
  const body = await list(...parameters);
  if (typeof body === 'string') throw new Error('The list is no stream.');
  return body;
}

async function othersActive(): Promise<number> {
  const [row] = await database.query<{ count: string }>({
    text: `SELECT count(*) FROM pg_stat_activity
           WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`,
  });
  return Number(row?.count);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(5);
}

describe('a long list', () => {
  it('is one valid document with every row once and in order', async () => {
    const { items, metadata } = JSON.parse(await text(await stream(numbers(10_000), 'count=true'))) as Envelope;
    expect(items.map(({ id }) => Number(id.replaceAll('-', '')))).toEqual(
      Array.from({ length: 10_000 }, (_, i) => i + 1),
    );
    expect(metadata.count).toBe(10_000);
  });

  it('begins before the last row is made', async () => {
    const body = await stream(numbers(2_000, 'CASE WHEN n.g = 2000 THEN pg_sleep(600) END'));
    const [chunk] = (await once(body, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^\{"type":"application\/astra-numbers","version":"1.0","items":\[\{"id":/);
    body.destroy();
  });

  it('takes memory for a few batches only', async () => {
    const body = await stream(numbers(100_000), '', { complete: ({ number }) => ({ computed: String(number) }) });
    const before = process.memoryUsage().heapUsed;
    let peak = 0;
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    }
    expect(bytes).toBeGreaterThan(70_000_000);
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('is read no faster than it is taken', async () => {
    const made: number[] = [];
    const body = await stream(numbers(100_000), '', {
      complete: ({ number }) => {
        made.push(number);
        return {};
      },
    });
    // Nobody reads: what the list does of its own accord is done once it makes no more rows while others ask the database.
    for (let before = -1; before < made.length;) {
      before = made.length;
      for (let asked = 0; asked < 10; asked++) await othersActive();
    }
    expect(made.length).toBeLessThan(1_000);
    body.destroy();
  });

  it('ends the statement that runs when its reader leaves', async () => {
    const body = await stream(numbers(2_000, 'CASE WHEN n.g = 1000 THEN pg_sleep(600) END'));
    body.resume();
    await until(async () => (await sleeping()) === 1);
    body.destroy();
    await until(async () => (await sleeping()) === 0);
  });

  it('goes back to the pool when its reader leaves between two batches', async () => {
    const body = await stream(numbers(100_000));
    await once(body, 'data');
    body.pause();
    body.destroy();
    await once(body, 'close');
  });

  it('is destroyed with the error of whatever fails after its first bytes', async () => {
    const body = await stream(numbers(100_000, '1 / (50000 - n.g)'));
    await expect(text(body)).rejects.toThrow(DatabaseError);
    const broken = await stream(numbers(100_000), '', {
      complete: ({ number }) => {
        if (number === 50_000) throw new Error('cannot complete');
        return {};
      },
    });
    await expect(text(broken)).rejects.toThrow('cannot complete');
  });
});

describe('a list that does not begin', () => {
  it('rejects when its first rows fail', async () => {
    await expect(list(numbers(100_000, '1 / (50 - n.g)'))).rejects.toThrow(DatabaseError);
    await expect(list(numbers(10, '1 / (5 - n.g)'), 'limit=10&include=id,extra')).rejects.toThrow(DatabaseError);
  });

  it('rejects when its scope or the completion of its first rows fails', async () => {
    const fail = (): never => {
      throw new Error('not today');
    };
    await expect(list(numbers(10), '', { scope: () => Promise.reject(new Error('not today')) })).rejects.toThrow(
      'today',
    );
    await expect(list(numbers(10), '', { complete: fail })).rejects.toThrow('today');
  });

  it.each(['', 'limit=5&include=id,extra', 'limit=5'])('ends when its client leaves (%s)', async (query) => {
    const leaving = new AbortController();
    const waiting = list(numbers(10, 'pg_sleep(600)'), query, { signal: leaving.signal });
    const rejection = expect(waiting).rejects.toThrow('left');
    await until(async () => (await sleeping()) === 1);
    leaving.abort(new Error('left'));
    await rejection;
  });

  it('ends when its client leaves between two statements', async () => {
    const leaving = new AbortController();
    const waiting = list(numbers(10, 'pg_sleep(600)'), '', {
      signal: leaving.signal,
      scope: () => {
        leaving.abort(new Error('left'));
        return Promise.resolve([sql`true`]);
      },
    });
    await expect(waiting).rejects.toThrow('left');
  });

  it('is not begun for a client that has left', async () => {
    await expect(list(numbers(10), '', { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left');
  });
});

describe('computed fields', () => {
  it('are completed only where they are asked for', async () => {
    const complete = (): never => {
      throw new Error('nothing was to be computed');
    };
    const definition = { ...numbers(3), completedFrom: { number: '1 / 0' } };
    for (const query of [
      'include=id,name',
      'include=id&limit=2',
      'include=id&count=true',
      'include=id&orderBy=extra',
    ]) {
      const body = await list(definition, query, { complete });
      expect(JSON.parse(body as string)).toHaveProperty('items');
    }
  });

  it('may be made asynchronously, and are in order', async () => {
    const body = await list(numbers(100), 'include=computed,id', {
      complete: async ({ number }) => {
        await pause(number % 3);
        return number === 2 ? {} : { computed: String(number) };
      },
    });
    const { items } = JSON.parse(typeof body === 'string' ? body : await text(body)) as { items: [number, string][] };
    expect(items.map(([computed]) => computed)).toEqual(
      Array.from({ length: 100 }, (_, i) => (i === 1 ? null : i + 1)),
    );
  });

  it('see the moment that the items are of, whatever is committed meanwhile', async () => {
    await database.query({ text: 'CREATE TABLE moments (id uuid, revision int)' });
    await database.query({
      text: `INSERT INTO moments SELECT lpad(g::text, 32, '0')::uuid, 1 FROM generate_series(1, 3000) AS g`,
    });
    const definition = {
      ...numbers(0),
      from: { table: '(SELECT *, 1 AS g, NULL AS name FROM moments)', alias: 'n' },
    };
    let completed = 0;
    const body = await stream(definition, 'include=id,computed&count=true', {
      scope: async (snapshot) => [sql`n.revision = ${(await revisions(snapshot))[0]}`],
      complete: async (_, __, snapshot) => {
        completed += 1;
        if (completed === 100) {
          await database.query({ text: 'DELETE FROM moments WHERE random() < 0.5' });
          await database.query({ text: 'UPDATE moments SET revision = 2' });
        }
        return completed % 100 === 1 ? { computed: JSON.stringify(await revisions(snapshot)) } : { computed: '[1]' };
      },
    });
    const { items, metadata } = JSON.parse(await text(body)) as {
      items: [string, number[]][];
      metadata: { count: number };
    };
    expect(items).toHaveLength(3000);
    expect(metadata.count).toBe(3000);
    for (const [, seen] of items) expect(seen).toEqual([1]);
    expect(await revisions(database)).toEqual([2]);
  });
});

describe('a list over HTTP', () => {
  let server: FastifyInstance;
  const log: Record<string, unknown>[] = [];
  let base = '';

  beforeAll(async () => {
    server = fastify({
      genReqId: () => 'correlation-1',
      logger: { level: 'info', stream: { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) } },
    });
    server.get('/broken', async (_, reply) => reply.send(await list(numbers(100_000, '1 / (50000 - n.g)'))));
    server.get('/broken-at-once', async (_, reply) => reply.send(await list(numbers(100_000, '1 / (5 - n.g)'))));
    server.get('/endless', async (_, reply) =>
      reply.send(await list(numbers(2_000, 'CASE WHEN n.g > 1000 THEN pg_sleep(600) END'))),
    );
    await server.listen({ host: '127.0.0.1', port: 0 });
    base = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  });

  afterAll(() => server.close());

  it('is cut off by an error after its first byte, and that error is logged with its correlation id', async () => {
    const [response] = (await once(get(`${base}/broken`), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    await expect(text(response)).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    expect(log).toContainEqual(
      expect.objectContaining({
        reqId: 'correlation-1',
        err: expect.objectContaining({ message: expect.stringContaining('division by zero') }),
      }),
    );
  });

  it('is an ordinary error before its first byte', async () => {
    const [response] = (await once(get(`${base}/broken-at-once`), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(500);
    response.resume();
    await once(response, 'end');
  });

  it('stops when the client hangs up', async () => {
    const [response] = (await once(get(`${base}/endless`), 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    await once(response, 'data');
    response.resume();
    await until(async () => (await sleeping()) === 1);
    response.destroy();
    await until(async () => (await sleeping()) === 0);
  });
});

async function sleeping(): Promise<number> {
  const [row] = await database.query<{ count: string }>({
    text: `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
  });
  return Number(row?.count);
}

async function revisions(queryable: Queryable): Promise<number[]> {
  const rows = await queryable.query<{ revision: number }>({ text: 'SELECT DISTINCT revision FROM moments' });
  return rows.map(({ revision }) => revision);
}
