import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrations } from '../../migrations/index.js';

const FOLDER = new URL('../../migrations/', import.meta.url);

/** `1763700000000-initial-schema.ts`: when it was written, in milliseconds, and what it does. */
const FILE_NAME = /^(\d{13})-([a-z\d]+(?:-[a-z\d]+)*)\.ts$/;

/** The class that a file of that name holds, as TypeORM wants it: `InitialSchema1763700000000`. */
function className(fileName: string): string {
  const [, timestamp = '', title = ''] = FILE_NAME.exec(fileName) ?? [];
  return title.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()) + timestamp;
}

describe('the migrations', () => {
  const files = readdirSync(FOLDER)
    .filter((name) => name !== 'index.ts' && !name.endsWith('.spec.ts'))
    .sort();

  it('have file names that begin with a timestamp', () => {
    expect(files.filter((name) => !FILE_NAME.test(name))).toEqual([]);
  });

  it('are all in the index, in ascending order, each class named after its file', () => {
    expect(migrations.map(({ name }) => name)).toEqual(files.map(className));
  });

  it('bear their class name as their name, which the database remembers them by', () => {
    const instances = migrations.map((Migration): MigrationInterface => new Migration());
    expect(instances.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
  });
});

/**
 * What breaks the previous release, which still serves while a migration runs and for as long as an upgrade takes, or
 * keeps it from writing for long. A migration that only contracts what no release uses any more says so:
 * `readonly contracts = 'since 1.4 nothing reads apps.cluster_type'`.
 */
const UNSAFE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['drops a table', /\bDROP\s+TABLE\b/i],
  ['drops a column', /\bDROP\s+COLUMN\b/i],
  ['renames', /\bRENAME\b/i],
  ['changes a type', /\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b/i],
  ['demands a value', /\bSET\s+NOT\s+NULL\b/i],
  [
    'adds a column that the previous release leaves out',
    /\bADD\s+(COLUMN\s+)?(?!CONSTRAINT)\w+\s(?=[^,]*\bNOT\s+NULL\b)(?![^,]*\bDEFAULT\b)/i,
  ],
  ['checks every row under a lock', /\bADD\s+CONSTRAINT\b(?![^;]*\bNOT\s+VALID\b)(?![^;]*\bUSING\s+INDEX\b)/i],
];

/** The statements of a migration's `up`. */
async function statementsOf(migration: MigrationInterface): Promise<string[]> {
  const statements: string[] = [];
  const runner = {
    query: (statement: string) => {
      statements.push(statement);
      return Promise.resolve([]);
    },
  };
  await migration.up(runner as unknown as QueryRunner);
  return statements;
}

/** Why a migration is not safe under the previous release; nothing when it is, or says what it contracts. */
async function objections(migration: MigrationInterface): Promise<string[]> {
  const statements = await statementsOf(migration);
  const made = statements.flatMap((statement) => /^\s*CREATE\s+TABLE\s+(\w+)/i.exec(statement)?.[1] ?? []);
  return statements.flatMap((statement) => {
    const [, isConcurrent, table = ''] =
      /^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(CONCURRENTLY\s)?.*?\bON\s+(\w+)/is.exec(statement) ?? [];
    const unsafe = 'contracts' in migration ? [] : UNSAFE.filter(([, pattern]) => pattern.test(statement));
    const isBuilt = table !== '' && !made.includes(table);
    return [
      ...(/^\s*CREATE\s+TABLE/i.test(statement) ? [] : unsafe.map(([what]) => what)),
      ...(isBuilt && isConcurrent === undefined ? ['keeps a table from being written while it builds an index'] : []),
      ...(isConcurrent !== undefined && migration.transaction !== false
        ? ['builds concurrently in a transaction']
        : []),
    ];
  });
}

describe('a migration after the first release', () => {
  it.each(migrations.slice(1).map((Migration) => [Migration.name, new Migration()] as const))(
    '%s is safe under the release before it',
    async (_name, migration) => {
      expect(await objections(migration)).toEqual([]);
    },
  );

  const migration = (statements: readonly string[], more: object = {}): MigrationInterface => ({
    up: async (runner) => {
      for (const statement of statements) await runner.query(statement);
    },
    down: () => Promise.resolve(),
    ...more,
  });

  it.each([
    ['drops a table', 'DROP TABLE apps'],
    ['drops a column', 'ALTER TABLE apps DROP COLUMN name'],
    ['renames', 'ALTER TABLE apps RENAME COLUMN name TO title'],
    ['changes a type', 'ALTER TABLE apps ALTER COLUMN name TYPE varchar(10)'],
    ['demands a value', 'ALTER TABLE apps ALTER COLUMN name SET NOT NULL'],
    ['adds a column that the previous release leaves out', 'ALTER TABLE apps ADD COLUMN kind text NOT NULL'],
    ['checks every row under a lock', "ALTER TABLE apps ADD CONSTRAINT c CHECK (name <> '')"],
    ['keeps a table from being written while it builds an index', 'CREATE INDEX i ON apps (name)'],
    ['builds concurrently in a transaction', 'CREATE INDEX CONCURRENTLY i ON apps (name)'],
  ])('is refused when it %s', async (objection, statement) => {
    expect(await objections(migration([statement]))).toEqual([objection]);
  });

  it.each([
    ['ALTER TABLE apps ADD COLUMN kind text', {}],
    ["ALTER TABLE apps ADD COLUMN kind text NOT NULL DEFAULT 'none'", {}],
    ["ALTER TABLE apps ADD CONSTRAINT c CHECK (name <> '') NOT VALID", {}],
    ['CREATE INDEX CONCURRENTLY i ON apps (name)', { transaction: false }],
    ['ALTER TABLE apps DROP COLUMN cluster_type', { contracts: 'since 1.4 nothing reads apps.cluster_type' }],
  ])('may %s', async (statement, more) => {
    expect(await objections(migration([statement], more))).toEqual([]);
  });

  it('may build indexes of the tables that it makes', async () => {
    expect(await objections(migration(['CREATE TABLE t (id uuid NOT NULL)', 'CREATE INDEX i ON t (id)']))).toEqual([]);
  });
});
