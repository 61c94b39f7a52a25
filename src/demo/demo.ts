import { createToken } from '../features/accounts/new-account.js';
import { InventoryService } from '../features/inventory/inventory.service.js';
import type { Service } from '../app/service.js';
import { DEMO } from '../rest/openapi/demo-identifiers.js';
import { type DemoAccess, saveDemoAccess, savedDemoToken } from './demo-file.js';
import { loadDemo } from './load-demo.js';

/**
 * Sees to it that an embedded database which is empty, or already has the demo, can be used: loads it if need be and
 * writes `demo.json`. Undefined where the database holds something else, which is left alone.
 */
export async function prepareDemo(service: Service, dataDir: string): Promise<DemoAccess | undefined> {
  const { database } = service;
  const [state] = await database.query<{ hasDemo: boolean; isEmpty: boolean }>(
    {
      text: `
        SELECT EXISTS (SELECT FROM accounts WHERE id = $1) AS "hasDemo",
          NOT EXISTS (SELECT FROM accounts) AS "isEmpty"`,
    },
    [DEMO.accountID],
  );
  if (state?.isEmpty === true) {
    const token = await loadDemo(database, service.app.get(InventoryService));
    return saveDemoAccess(dataDir, service.url, token);
  }
  if (state?.hasDemo !== true) return undefined;
  // Only its digest is stored: a token whose file is gone can but be replaced.
  const token =
    savedDemoToken(dataDir) ?? (await createToken(database, DEMO.accountID, DEMO.userID, 'demo.json was lost')).token;
  return saveDemoAccess(dataDir, service.url, token);
}
