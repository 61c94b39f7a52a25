import { InventoryService } from '../../features/inventory/inventory.service.js';
import { createApp } from '../../app/create-app.js';
import { demoWelcome } from '../../demo/demo-file.js';
import { DEMO } from '../../rest/openapi/demo-identifiers.js';
import { loadDemo } from '../../demo/load-demo.js';
import type { Settings } from '../../settings/settings.js';
import { command, CommandFailure } from '../command.js';
import { withDatabase } from '../with-database.js';

/** The demo for a database of the operator's own, which the service never fills unasked. */
export const demoLoad = command({
  name: 'demo:load',
  summary: 'Loads the demo: an account with fixed identifiers, apps with containers, and hooks',
  details: 'For trying the service out: the identifiers are public, the token that is printed is not.',
  declare: (blank) => blank,
  run: (_options, surroundings) =>
    withDatabase(surroundings, async (database, settings, logger) => {
      const [existing] = await database.query({ text: 'SELECT FROM accounts WHERE id = $1' }, [DEMO.accountID]);
      if (existing !== undefined) {
        throw new CommandFailure(
          `The database has the demo already; create-token --account ${DEMO.accountID} makes a new token for it.`,
        );
      }
      // Never listens; withDatabase closes the database that it would close.
      const app = await createApp(settings, database, logger);
      const token = await loadDemo(database, app.get(InventoryService));
      const { accountID, appID, hookID, hookSourceID, userID } = DEMO;
      const access = { url: urlOf(settings), accountID, appID, hookID, hookSourceID, userID, token };
      return { json: access, text: demoWelcome(access) };
    }),
});

/** Where a service with these settings is to be found, as far as they tell. */
function urlOf({ publicUrl, tls, host, port, basePath }: Settings): string {
  if (publicUrl !== undefined) return publicUrl;
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${address}:${port}${basePath}`;
}
