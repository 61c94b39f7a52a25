import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { dataSourceOptions } from '../src/database/data-source.js';
import { App } from '../src/features/apps/app.entity.js';
import { ExecutionHook } from '../src/features/hooks/execution-hook.entity.js';
import { migrate, revertMigration } from '../src/database/migrate.js';
import { ChildProgram } from '../test/support/child-program.js';
import { createTestDatabase, type TestDatabase } from '../test/support/database.js';
import { execute, SERVER_URL, withDatabase } from '../test/support/database-server.js';
import { describeSchema, schemaDrift } from '../test/support/schema-drift.js';
import { migrations } from './index.js';

describe('the migrations', () => {
  const serverUrl = process.env[SERVER_URL] ?? '';
  let name: string;
  let emptyUrl: string;
  let migrated: TestDatabase;

  beforeEach(async () => {
    name = `execution_hooks_empty_${randomBytes(6).toString('hex')}`;
    await execute(serverUrl, `CREATE DATABASE ${name}`);
    emptyUrl = withDatabase(serverUrl, name);
    migrated = await createTestDatabase();
  });

  afterEach(async () => {
    await migrated.drop();
    await execute(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  });

  const quiet = (): void => undefined;
  const options = (url: string): Parameters<typeof migrate>[0] => ({ url, connectionTimeoutMs: 10_000, notice: quiet });

  async function schemaOf(url: string): Promise<string[]> {
    const dataSource = new DataSource(
      dataSourceOptions(
        {
          url,
          poolSize: 1,
          statementTimeoutMs: 0,
          lockTimeoutMs: 0,
          idleInTransactionTimeoutMs: 0,
          connectionTimeoutMs: 10_000,
          applicationName: 'execution-hooks test',
        },
        quiet,
      ),
    );
    await dataSource.initialize();
    const schema = await describeSchema(dataSource);
    await dataSource.destroy();
    return schema;
  }

  it('go up, down to nothing, and up again to the same schema', async () => {
    await migrate(options(emptyUrl));
    const schema = await schemaOf(emptyUrl);
    expect(schema).toContain('accounts.id uuid NOT NULL');

    for (let left = migrations.length; left > 0; left--) await revertMigration(options(emptyUrl));
    expect(await schemaOf(emptyUrl)).toEqual([]);

    expect(await migrate(options(emptyUrl))).toEqual(migrations.map(({ name: migration }) => migration));
    expect(await schemaOf(emptyUrl)).toEqual(schema);
  });

  it('find nothing to do the second time', async () => {
    expect(await migrate(options(migrated.url))).toEqual([]);
  });

  it('run once when several replicas start together, and make the others wait', async () => {
    const notices: string[] = [];
    const replica = (): Promise<string[]> =>
      migrate({ ...options(emptyUrl), notice: (message) => notices.push(message) });
    const ran = await Promise.all([replica(), replica(), replica()]);
    expect(ran.flat()).toHaveLength(migrations.length);
    expect(notices).toContain('Another replica is migrating the schema; waiting for it.');
  });

  it('run once when two replicas start together, each a process', async () => {
    const replicas = await Promise.all([1, 2].map(() => ChildProgram.start('run-migration.ts', emptyUrl)));
    expect(replicas.flatMap(({ said }) => said.ran)).toEqual(migrations.map(({ name: migration }) => migration));
    await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
  });

  it('make the others wait in a way that lets an index be built concurrently', async () => {
    const other = new pg.Client({ connectionString: emptyUrl });
    await other.connect();
    try {
      await other.query('SELECT pg_advisory_lock(7203918455012643001)');
      let isWaiting: (message: string) => void = quiet;
      const waiting = new Promise<string>((resolve) => (isWaiting = resolve));
      const ran = migrate({
        ...options(emptyUrl),
        notice: (message) => {
          isWaiting(message);
        },
      });
      expect(await waiting).toBe('Another replica is migrating the schema; waiting for it.');
      await other.query('CREATE TABLE large (id integer)');
      await other.query('CREATE INDEX CONCURRENTLY large_index ON large (id)');
      await other.query('SELECT pg_advisory_unlock(7203918455012643001)');
      expect(await ran).toHaveLength(migrations.length);
      await other.query('DROP TABLE large');
    } finally {
      await other.end();
    }
  });

  it('take no lock and no right on the schema when there is nothing to do', async () => {
    const other = new pg.Client({ connectionString: migrated.url });
    await other.connect();
    try {
      await other.query('SELECT pg_advisory_lock(7203918455012643001)');
      expect(await migrate(options(migrated.url))).toEqual([]);
    } finally {
      await other.end();
    }
  });

  it('make what the entities describe', async () => {
    expect(await schemaDrift(migrated.url, emptyUrl)).toEqual([]);
  });

  describe('when an entity changes without one', () => {
    const storage = getMetadataArgsStorage();

    it('differ in a column', async () => {
      const column = storage.columns.find((each) => each.target === App && each.propertyName === 'clusterName');
      if (column === undefined) throw new Error('App.clusterName is gone');
      column.options.nullable = false;
      try {
        const drift = await schemaDrift(migrated.url, emptyUrl);
        expect(drift).toContain('TypeORM would run: ALTER TABLE "apps" ALTER COLUMN "cluster_name" SET NOT NULL');
        expect(drift).toContain('only in the entities: apps.cluster_name text COLLATE C NOT NULL');
      } finally {
        column.options.nullable = true;
      }
    });

    it('differ in the expression of a check, which TypeORM does not see', async () => {
      const check = storage.checks.find(
        (each) => each.target === ExecutionHook && each.name === 'execution_hooks_stage_check',
      );
      if (check === undefined) throw new Error('execution_hooks_stage_check is gone');
      const { expression } = check;
      check.expression = "stage IN ('pre', 'post', 'during')";
      try {
        expect(await schemaDrift(migrated.url, emptyUrl)).toEqual([
          expect.stringMatching(/^only in the migrations: .*execution_hooks_stage_check/),
          expect.stringMatching(/^only in the entities: .*execution_hooks_stage_check.*during/),
        ]);
      } finally {
        check.expression = expression;
      }
    });
  });
});
