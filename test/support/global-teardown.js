import './register-typescript.js';

/** Jest's global teardown: stops what the global setup has started. */
export default async function globalTeardown() {
  const { stopDatabaseServer } = await import('./database-server.ts');
  await stopDatabaseServer();
}
