import { DataSource } from 'typeorm';
import { entities } from './entities.js';
import { dataSourceOptions } from '../../src/database/data-source.js';

/**
 * Where a migrated database and the entities disagree; nothing when they agree. Two comparisons:
 *
 * - the statements with which TypeORM would synchronise the migrated database (nothing is executed);
 * - the catalogue of the migrated database against that of an empty one, which TypeORM makes from the entities. It
 *   sees what the first comparison takes on trust by name: the expressions of checks, the columns of constraints.
 *
 * @param emptyUrl of a database without tables, which is filled.
 */
export async function schemaDrift(migratedUrl: string, emptyUrl: string): Promise<string[]> {
  const migrated = await open(migratedUrl);
  const synchronized = await open(emptyUrl);
  try {
    const { upQueries } = await migrated.driver.createSchemaBuilder().log();
    await synchronized.synchronize();
    const [actual, described] = [await describeSchema(migrated), await describeSchema(synchronized)];
    return [
      ...upQueries.map(({ query }) => `TypeORM would run: ${query}`),
      ...actual.filter((line) => !described.includes(line)).map((line) => `only in the migrations: ${line}`),
      ...described.filter((line) => !actual.includes(line)).map((line) => `only in the entities: ${line}`),
    ];
  } finally {
    await migrated.destroy();
    await synchronized.destroy();
  }
}

/** Every table, column, constraint and index as Postgres itself prints it, one a line, without TypeORM's own table. */
export async function describeSchema(dataSource: DataSource): Promise<string[]> {
  const rows = await dataSource.query<{ line: string }[]>(`
    WITH tables AS (
      SELECT oid FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
    )
    SELECT format('%s.%s %s%s%s%s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
                  ' COLLATE ' || NULLIF(collname, 'default'),
                  CASE WHEN attnotnull THEN ' NOT NULL' END,
                  ' DEFAULT ' || pg_get_expr(adbin, adrelid)) AS line
    FROM pg_attribute
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid IN (SELECT oid FROM tables) AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT format('%s: constraint %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint
    WHERE conrelid IN (SELECT oid FROM tables) AND contype <> 'n'
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (SELECT oid FROM tables)
    ORDER BY line`);
  return rows.map(({ line }) => line);
}

async function open(url: string): Promise<DataSource> {
  const options = dataSourceOptions(
    {
      url,
      poolSize: 2,
      statementTimeoutMs: 0,
      lockTimeoutMs: 0,
      idleInTransactionTimeoutMs: 0,
      connectionTimeoutMs: 10_000,
      applicationName: 'execution-hooks schema drift',
    },
    () => undefined,
  );
  return new DataSource({ ...options, entities: [...entities] }).initialize();
}
