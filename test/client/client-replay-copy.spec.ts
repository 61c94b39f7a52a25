import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { openAccount } from '../support/accounts.js';
import { type DemoService, startDemoService } from '../support/demo-service.js';

const MIGRATING = fileURLToPath(new URL('../../docs/migrating.md', import.meta.url));

let demo: DemoService;
let folder: string;
beforeAll(async () => {
  demo = await startDemoService({ HOOK_NAME_SCOPE: 'app' });
  await demo.reset();
  folder = await mkdtemp(join(tmpdir(), 'copy-account-'));
});
afterAll(async () => {
  await demo.stop();
  await rm(folder, { recursive: true });
});

type Resource = Readonly<Record<string, unknown>>;

describe('copy-account.mjs of docs/migrating.md', () => {
  it('copies scripts, apps and hooks to another account, and can be run again', async () => {
    const [, program] =
      /\ncat > copy-account\.mjs <<'END'\n(.*?)\nEND\n/s.exec(await readFile(MIGRATING, 'utf8')) ?? [];
    await writeFile(join(folder, 'copy-account.mjs'), program ?? '');
    await writeFile(join(folder, 'ca.crt'), demo.certificate);
    const { account } = await openAccount(demo);
    const run = async (): Promise<string[]> => {
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'copy-account.mjs')], {
        env: {
          PATH: process.env.PATH,
          NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt'),
          FROM: `${demo.url}/accounts/${DEMO.accountID}`,
          FROM_TOKEN: demo.token(),
          TO: `${demo.url}/accounts/${account.accountID}`,
          TO_TOKEN: account.token,
        },
      });
      return stdout.trimEnd().split('\n');
    };
    const lines = await run();
    expect(lines.map((line) => line.replace(/^(\w+) \S+ /, '$1 '))).toEqual([
      'copied payroll-script',
      'copied payroll-east',
      'copied payroll-west',
      'copied payroll-freeze',
      'copied payroll-thaw',
      'copied postgresql-checkpoint',
    ]);
    expect(await run()).toEqual(lines.map((line) => line.replace('copied', 'exists')));

    const items = async (accountID: string, token: string, path: string): Promise<readonly Resource[]> => {
      const headers = [['Authorization', `Bearer ${token}`]] as const;
      const answer = await demo.client.send('GET', `/accounts/${accountID}/${path}`, headers, '');
      return (JSON.parse(answer.text) as { items: readonly Resource[] }).items;
    };
    for (const path of ['core/v1/hookSources', 'k8s/v2/apps', 'core/v1/executionHooks']) {
      const copies = await items(account.accountID, account.token, path);
      const originals = await items(DEMO.accountID, demo.token(), path);
      expect(copies.map(comparable)).toEqual(originals.map(comparable));
    }
  });
});

/** What of a resource is not made anew for its copy, and does not follow from an inventory or a cluster's name. */
function comparable(resource: Resource): Resource {
  const anew = ['id', 'metadata', 'appID', 'hookSourceID', 'matchingContainers', 'matchingImages'];
  const followed = ['clusterName', 'clusterType', 'lastResourceCollectionTimestamp'];
  return Object.fromEntries(Object.entries(resource).filter(([name]) => ![...anew, ...followed].includes(name)));
}
