import type { Test } from 'supertest';
import { createToken } from '../../src/features/accounts/new-account.js';
import type { Role } from '../../src/settings/role.js';
import { newIdentifier, NULL_IDENTIFIER } from '../../src/query/identifier.js';
import type { TestService } from './service.js';

type Method = Parameters<TestService['send']>[0];

/** A user of the service's account, and their way into it. */
export interface Person {
  readonly userID: string;
  readonly roleBindingID: string;
  readonly tokenID: string;
  readonly token: string;
  /** A request below the account with the person's token. */
  send(method: Method, path: string): Test;
}

/** What a person may have that differs. */
export interface PersonOptions {
  readonly roleConstraints?: readonly string[];
  /** A timestamp. */
  readonly expiresAt?: string;
}

/** Gives a user of any account a role in the service's account, as the operator's command line does. */
export async function bindUser(service: TestService, userID: string, role: Role): Promise<void> {
  await service.database.query(
    { text: 'INSERT INTO role_bindings (account_id, id, user_id, role, created_by) VALUES ($1, $2, $3, $4, $5)' },
    [service.account.accountID, newIdentifier(), userID, role, NULL_IDENTIFIER],
  );
}

/** Makes a user with a role in the account, and a token. */
export async function makePerson(service: TestService, role: Role, options: PersonOptions = {}): Promise<Person> {
  const { accountID } = service.account;
  const userID = newIdentifier();
  const roleBindingID = newIdentifier();
  const { tokenID, token } = await service.database.transaction(async (transaction) => {
    await transaction.query({ text: 'INSERT INTO users (id, account_id, email, created_by) VALUES ($1, $2, $3, $4)' }, [
      userID,
      accountID,
      `${role}-${userID}@test.example`,
      NULL_IDENTIFIER,
    ]);
    await transaction.query(
      {
        text: `
          INSERT INTO role_bindings (account_id, id, user_id, role, role_constraints, created_by)
          VALUES ($1, $2, $3, $4, $5, $6)`,
      },
      [accountID, roleBindingID, userID, role, JSON.stringify(options.roleConstraints ?? ['*']), NULL_IDENTIFIER],
    );
    return createToken(transaction, accountID, userID, role, { expiresAt: options.expiresAt ?? null });
  });
  return {
    userID,
    roleBindingID,
    tokenID,
    token,
    send: (method, path) =>
      service.sendBare(method, `/accounts/${accountID}${path}`).set('authorization', `Bearer ${token}`),
  };
}
