import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { requireConformance } from '../support/conformance.js';
import { expectProblem } from '../support/problems.js';
import { createApp, type Fields, readItems, UNKNOWN_ID } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const EAST = 'b81bdd8f-c2c7-40eb-a602-4af06d3c6e4d';
const WEST = '4ed2ee21-5bf4-4c5c-9f9a-5a1dbcb9f0aa';
const TOPOLOGY = '/topology/v1';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
  await createApp(service, { clusterID: EAST, namespaceScopedResources: [{ namespace: 'prod' }, { namespace: 'db' }] });
  await createApp(service, { clusterID: EAST, namespaceScopedResources: [{ namespace: 'prod' }] });
  await createApp(service, { clusterID: WEST, namespaceScopedResources: [{ namespace: 'prod' }] });
  await createApp(service, { namespaceScopedResources: [{ namespace: 'nowhere' }] });
  const other = await openAccount(service);
  await createApp(other, { clusterID: UNKNOWN_ID, namespaceScopedResources: [{ namespace: 'foreign' }] });
});
afterAll(() => service.stop());

const get = async (path: string) => {
  const answer = await service.send('get', `${TOPOLOGY}${path}`);
  requireConformance(answer);
  return answer;
};
const itemsOf = async (path: string): Promise<readonly Fields[]> =>
  ((await get(path)).body as { readonly items: readonly Fields[] }).items;
const cloudID = async (): Promise<string> => String((await itemsOf('/clouds'))[0]?.id);

describe('the clouds of an account', () => {
  it('are one, always the same, and another one in another account', async () => {
    const clouds = await itemsOf('/clouds');
    expect(clouds).toEqual([
      expect.objectContaining({
        type: 'application/astra-cloud',
        name: 'private',
        cloudType: 'private',
        state: 'running',
      }),
    ]);
    expect(await itemsOf('/clouds')).toEqual(clouds);
    const other = await openAccount(service);
    const [theirs] = await readItems<Fields>(other.send('get', `${TOPOLOGY}/clouds`));
    expect(theirs?.id).not.toBe(clouds[0]?.id);
    expectProblem(await other.send('get', `${TOPOLOGY}/clouds/${String(clouds[0]?.id)}`), 2);
  });

  it('are found by their ID', async () => {
    const [cloud] = await itemsOf('/clouds');
    const answer = await get(`/clouds/${await cloudID()}`);
    expect(answer.body).toEqual(cloud);
    expect(answer.headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    for (const id of [UNKNOWN_ID, 'x']) {
      expectProblem(await service.send('get', `${TOPOLOGY}/clouds/${id}`), 2);
      expectProblem(await service.send('get', `${TOPOLOGY}/clouds/${id}/clusters`), 2);
    }
  });
});

describe('the clusters of an account', () => {
  it('are those that its apps declare, each once', async () => {
    const clusters = await itemsOf('/clusters?orderBy=id desc');
    expect(clusters.map(({ id, name, managedState }) => [id, name, managedState])).toEqual([
      [EAST, EAST, 'managed'],
      [WEST, WEST, 'managed'],
    ]);
    expect(clusters[0]).toMatchObject({ type: 'application/astra-cluster', cloudID: await cloudID(), inUse: 'true' });
    expect(await itemsOf(`/clouds/${await cloudID()}/clusters?orderBy=id desc`)).toEqual(clusters);
    const managed = await itemsOf('/managedClusters?orderBy=id desc');
    expect(managed).toEqual(
      clusters.map((cluster) => ({ ...cluster, type: 'application/astra-managedCluster', version: '1.3' })),
    );
  });

  it('are a collection as any other', async () => {
    const page = await get('/clusters?limit=1&count=true&include=id');
    const { items, metadata } = page.body as { items: unknown[]; metadata: Fields };
    expect(metadata).toMatchObject({ count: 2 });
    const next = await itemsOf(
      `/clusters?limit=1&include=id&continue=${encodeURIComponent(String(metadata.continue))}`,
    );
    expect([items, next].flat(2).sort()).toEqual([WEST, EAST].sort());
    expect(await itemsOf(`/clusters?filter=${encodeURIComponent(`id eq '${WEST}'`)}&include=id`)).toEqual([[WEST]]);
    expectProblem(await service.send('get', `${TOPOLOGY}/clusters?limit=x`), 5);
  });
});

describe('the namespaces of an account', () => {
  it('are those that its apps declare in a cluster, each once a cluster', async () => {
    const namespaces = await itemsOf('/namespaces?include=name,clusterID,namespaceState');
    expect([...namespaces].sort()).toEqual(
      [
        ['db', EAST, 'discovered'],
        ['prod', EAST, 'discovered'],
        ['prod', WEST, 'discovered'],
      ].sort(),
    );
    const ids = await itemsOf('/namespaces?include=id');
    expect(new Set(ids.map(String)).size).toBe(3);
    expect(await itemsOf('/namespaces?include=id')).toEqual(ids);
  });
});

describe('a caller whose role is limited to namespaces', () => {
  it('sees the clusters and namespaces of the apps that they see', async () => {
    const { userID, token } = await service.tokenOf('viewer');
    const limited = async (namespaces: readonly string[]): Promise<unknown[][]> => {
      await service.database.query({ text: 'UPDATE role_bindings SET role_constraints = $2 WHERE user_id = $1' }, [
        userID,
        JSON.stringify(namespaces.map((namespace) => `namespaces:name='${namespace}'`)),
      ]);
      const list = async (path: string): Promise<unknown[]> => {
        const request = service.send('get', `${TOPOLOGY}${path}`).set('authorization', `Bearer ${token}`);
        return ((await request).body as { readonly items: readonly unknown[] }).items.map(String).sort();
      };
      return [await list('/clusters?include=id'), await list('/namespaces?include=name,clusterID')];
    };
    expect(await limited(['prod'])).toEqual([[WEST, EAST].sort(), [`prod,${EAST}`, `prod,${WEST}`].sort()]);
    expect(await limited(['db'])).toEqual([[], []]);
    expect(await limited(['prod', 'db'])).toEqual([
      [WEST, EAST].sort(),
      [`db,${EAST}`, `prod,${EAST}`, `prod,${WEST}`].sort(),
    ]);
  });
});
