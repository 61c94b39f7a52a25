import type { components } from '../../../openapi.js';
import { command } from '../command.js';
import { identifier } from '../expected.js';
import { answer, connectToService, type ServiceApi } from '../service-api.js';

type App = components['schemas']['App'];

/** The apps of the token's account, by the names that other commands take. */
export const listApps = command({
  name: 'list-apps',
  summary: "Lists the apps of the token's account, as the service shows them",
  details: 'It talks to the service at EXECUTION_HOOKS_URL, with EXECUTION_HOOKS_TOKEN, and needs no database.',
  declare: (blank) =>
    blank
      .option('--account <ID>', 'The account, where the token opens several.', identifier)
      .option('--app <NAME>', 'Only this app.'),
  run: async ({ account, app }, { env }) => {
    const service = await connectToService(env, { accountID: account });
    const apps = app === undefined ? await allApps(service) : [await service.app(app)];
    const lines = apps.map(({ id, name, namespaces, lastResourceCollectionTimestamp: reported }) =>
      [id, name, namespaces.join(', '), reported ?? 'no inventory yet'].filter((part) => part !== '').join('  '),
    );
    return { json: apps, text: lines.length === 0 ? 'There is no app.' : lines.join('\n') };
  },
});

async function allApps({ client, accountID }: ServiceApi): Promise<readonly App[]> {
  const params = { path: { account_id: accountID }, query: { orderBy: 'name' } };
  return (await answer(client.GET('/accounts/{account_id}/k8s/v2/apps', { params }))).items as readonly App[];
}
