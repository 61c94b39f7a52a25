import type { DataSource } from 'typeorm';

/**
 * The statements that would turn the database's schema into what the entities describe: none when the migrations
 * and the entities agree. Nothing is executed.
 *
 * The indexes, constraints, columns, types, defaults and collations of the entities' tables are compared; check
 * constraints by name only, as Postgres rewrites their expressions.
 */
export async function schemaDrift(dataSource: DataSource): Promise<string[]> {
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}
