import type { Queryable } from './database.js';

/**
 * Which privileges the service needs of its user of the database: to use the schema, to make temporary tables, to read
 * and write every row; of the record of migrations only to read it. Its owner needs nothing else: it migrates.
 */
const MISSING = {
  text: `
    WITH schema AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = coalesce(current_schema(), 'public')),
    needed AS (
      SELECT privilege || ' on table ' || relname AS name, has_table_privilege(c.oid, privilege) AS is_there
      FROM schema JOIN pg_class AS c ON c.relnamespace = schema.oid AND c.relkind IN ('r', 'p'),
        unnest(CASE relname WHEN 'migrations' THEN ARRAY['SELECT'] ELSE ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'] END)
          AS privilege
      UNION ALL
      SELECT 'USAGE on schema ' || nspname, has_schema_privilege(oid, 'USAGE') FROM schema
      UNION ALL
      SELECT 'TEMPORARY on database ' || current_database(), has_database_privilege(current_database(), 'TEMPORARY')
    )
    SELECT name FROM needed WHERE NOT is_there ORDER BY name`,
};

/** The names of the privileges that the service needs and its user of the database lacks, e.g. `SELECT on table apps`. */
export async function missingPrivileges(database: Queryable): Promise<string[]> {
  return (await database.query<{ name: string }>(MISSING)).map(({ name }) => name);
}
