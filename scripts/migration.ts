import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.js';
import { migrate, revertMigration } from '../src/database/migrate.js';
import { execute, withDatabase } from '../test/support/database-server.js';
import { schemaDrift } from '../test/support/schema-drift.js';

/**
 * `npm run migration:run`, `migration:revert` (both on DATABASE_URL) and `migration:check`, which compares what the
 * migrations make with what the entities describe, on a server of its own. Exit code 1: they differ, or it failed.
 */
const CONNECTION_TIMEOUT_MS = 10_000;

const command = process.argv[2];
switch (command) {
  case 'run':
    await migrate(given());
    break;
  case 'revert':
    await revertMigration(given());
    break;
  case 'check':
    await check();
    break;
  default:
    notice(`Unknown command "${command ?? ''}": run, revert or check.`);
    process.exitCode = 1;
}

async function check(): Promise<void> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'execution-hooks-check-'));
  const server = await startEmbeddedPostgres({ dataDirectory, durable: false, notice: () => undefined });
  try {
    await migrate({ url: server.url, connectionTimeoutMs: CONNECTION_TIMEOUT_MS, notice });
    await execute(server.url, 'CREATE DATABASE described');
    const differences = await schemaDrift(server.url, withDatabase(server.url, 'described'));
    differences.forEach(notice);
    notice(
      differences.length === 0
        ? 'The migrations make what the entities describe.'
        : `The migrations and the entities differ in ${differences.length} points.`,
    );
    process.exitCode = differences.length === 0 ? 0 : 1;
  } finally {
    await server.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

function given(): Parameters<typeof migrate>[0] {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set.');
  return { url, connectionTimeoutMs: CONNECTION_TIMEOUT_MS, notice };
}

function notice(message: string): void {
  process.stdout.write(`${message}\n`);
}
