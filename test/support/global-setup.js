import './register-typescript.js';

/** Jest's global setup: the database server of this run (see `database-server.ts`). */
export default async function globalSetup() {
  const { startDatabaseServer } = await import('./database-server.ts');
  await startDatabaseServer();
}
