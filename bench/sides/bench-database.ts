import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';

/** The service's own connection to a database, without time limits. */
export function benchDatabase(url: string): Promise<Database> {
  return openDatabase(
    {
      url,
      poolSize: 2,
      statementTimeoutMs: 0,
      lockTimeoutMs: 0,
      idleInTransactionTimeoutMs: 0,
      connectionTimeoutMs: 10_000,
      applicationName: 'execution-hooks bench',
    },
    () => undefined,
  );
}
