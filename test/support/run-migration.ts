import { migrate } from '../../src/database/migrate.js';

/** A replica reduced to its migrations: `run-migration.ts <url>`. Prints one JSON line: the names of those that it ran. */
const ran = await migrate({
  url: process.argv[2] ?? '',
  connectionTimeoutMs: 10_000,
  notice: () => undefined,
});
process.stdout.write(`${JSON.stringify({ ran })}\n`);
