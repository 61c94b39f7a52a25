import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccount, type CreatedAccount } from '../../src/features/accounts/new-account.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.js';
import type { Service } from '../../src/app/service.js';
import { DatabaseGate } from './database-gate.js';
import { startServiceOn } from './service-on.js';

/** The service on a database server of its own, which can be stopped and started under it. */
export interface OutageService {
  readonly service: Service;
  readonly account: CreatedAccount;
  readonly gate: DatabaseGate;
  /** Stops the server: it ends every session. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

/** @param env settings that differ from the defaults */
export async function startOutageService(env: Readonly<Record<string, string>>): Promise<OutageService> {
  const folder = await mkdtemp(join(tmpdir(), 'outage-'));
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDirectory: folder, durable: false, notice: () => undefined });
  let server = await start();
  const gate = await DatabaseGate.open(server.url);
  const service = await startServiceOn(gate.url, env);
  const account = await service.database.transaction((transaction) =>
    createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
  );
  return {
    service,
    account,
    gate,
    stopServer: () => server.stop(),
    startServer: async () => {
      server = await start();
      gate.leadTo(server.url);
    },
    stop: async () => {
      await service.stop();
      gate.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}
