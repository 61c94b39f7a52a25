import { createAccount } from '../../src/features/accounts/new-account.js';
import type { TestService } from './service.js';

/** The same service seen by the owner of another account, which is made for it. */
export async function openAccount(service: TestService): Promise<TestService> {
  const account = await service.database.transaction((transaction) =>
    createAccount(transaction, { name: 'Other', ownerEmail: 'owner@other.example' }),
  );
  return {
    ...service,
    account,
    send: (method, path) =>
      service.sendBare(method, `/accounts/${account.accountID}${path}`).set('authorization', `Bearer ${account.token}`),
  };
}
