import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import request, { type Test } from 'supertest';
import { createAccount, type CreatedAccount, createToken } from '../../src/features/accounts/new-account.js';
import type { Role } from '../../src/settings/role.js';
import { createApp } from '../../src/app/create-app.js';
import type { Database } from '../../src/database/database.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../src/query/identifier.js';
import { readSettings } from '../../src/settings/settings.js';
import { createTestDatabase } from './database.js';

type Method = 'get' | 'post' | 'put' | 'delete' | 'patch' | 'head' | 'options';

/** The whole service over HTTP on a database of its own, with one account and its owner. */
export interface TestService {
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly database: Database;
  /** The database's own URL, for what connects by itself. */
  readonly databaseUrl: string;
  /** The account that {@link send} speaks for. */
  readonly account: CreatedAccount;
  /** Every line that the service has logged so far. */
  readonly log: readonly string[];
  /** A request below `/accounts/{account_id}` with the owner's token. */
  send(method: Method, path: string): Test;
  /** A request to any path, without a token. */
  sendBare(method: Method, path: string): Test;
  /** The token of a new user with a role in the account. */
  tokenOf(role: Role): Promise<{ readonly userID: string; readonly token: string }>;
  stop(): Promise<void>;
}

/** @param env settings that differ from the defaults */
export async function startTestService(env: Readonly<Record<string, string>> = {}): Promise<TestService> {
  const { database, url: databaseUrl, drop } = await createTestDatabase();
  const log: string[] = [];
  const logger = pino({ level: env.LOG_LEVEL ?? 'trace' }, { write: (line: string) => log.push(line) });
  const settings = readSettings({ DATABASE_URL: databaseUrl, PORT: '0', ...env });
  const app = await createApp(settings, database, logger);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = await app.getUrl();
  const account = await database.transaction((transaction) =>
    createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
  );
  const sendBare = (method: Method, path: string): Test => request(url)[method](path);
  return {
    url,
    app,
    database,
    databaseUrl,
    account,
    log,
    sendBare,
    send: (method, path) =>
      sendBare(method, `/accounts/${account.accountID}${path}`).set('authorization', `Bearer ${account.token}`),
    tokenOf: (role) =>
      database.transaction(async (transaction) => {
        const userID = newIdentifier();
        await transaction.query({ text: 'INSERT INTO users (id, created_by) VALUES ($1, $2)' }, [
          userID,
          NULL_IDENTIFIER,
        ]);
        await transaction.query(
          { text: 'INSERT INTO role_bindings (account_id, id, user_id, role, created_by) VALUES ($1, $2, $3, $4, $3)' },
          [account.accountID, newIdentifier(), userID, role],
        );
        const { token } = await createToken(transaction, account.accountID, userID, role);
        return { userID, token };
      }),
    stop: async () => {
      // Closing the application closes its database, which has to come before it can be dropped.
      await app.close();
      await drop();
    },
  };
}
