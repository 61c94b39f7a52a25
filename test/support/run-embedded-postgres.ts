import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';

/**
 * A service reduced to its embedded database, for specs that kill it: `run-embedded-postgres.ts <data directory>`.
 * Prints one JSON line: `{url, pid}` of the server, or `{error}`; SIGTERM stops it in good order.
 */
const print = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

try {
  const notices: string[] = [];
  const server = await startEmbeddedPostgres({
    dataDirectory: process.argv[2] ?? '',
    notice: (message) => notices.push(message),
  });
  process.once('SIGTERM', () => {
    void server.stop();
  });
  print({ url: server.url, pid: server.pid, notices });
} catch (error) {
  print({ error: error instanceof Error ? error.message : String(error) });
}
