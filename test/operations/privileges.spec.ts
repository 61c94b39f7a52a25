import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCommandLine } from '../../src/cli/command-line.js';
import { createAccount } from '../../src/features/accounts/new-account.js';
import { podList } from '../support/inventory.js';
import { appBody, hookBody, hookSourceBody } from '../support/resources.js';
import { startServiceOn } from '../support/service-on.js';
import { SystemPostgres } from '../support/system-postgres.js';

// An owner of the schema who migrates, and a user of the service who may do what deploy/postgresql/privileges.sql says.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let server: SystemPostgres;
let folder: string;
beforeAll(async () => {
  server = await SystemPostgres.start();
  folder = await mkdtemp(join(tmpdir(), 'execution-hooks-privileges-'));
  await server.execute('postgres', 'CREATE ROLE owner LOGIN');
  await server.execute('postgres', 'CREATE ROLE hooks_service LOGIN');
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** A database of the owner's, which nobody else may do anything with but connect. */
async function database(name: string): Promise<void> {
  await server.execute('postgres', `CREATE DATABASE ${name} OWNER owner`);
  await server.execute('postgres', `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await server.execute('postgres', `GRANT CONNECT ON DATABASE ${name} TO hooks_service`);
  await server.execute(name, 'ALTER SCHEMA public OWNER TO owner; REVOKE ALL ON SCHEMA public FROM PUBLIC');
}

async function program(name: string, args: readonly string[], url?: string): Promise<void> {
  const PATH = `${server.bin}${delimiter}${process.env.PATH ?? ''}`;
  await promisify(execFile)(name, args, { cwd: ROOT, env: { PATH, ...(url && { DATABASE_URL: url }) } });
}

function grant(name: string): Promise<void> {
  const url = `--dbname=${server.url(name, 'owner')}`;
  return program('psql', [url, '--variable=service=hooks_service', '--file=deploy/postgresql/privileges.sql']);
}

interface Outcome {
  readonly status: number;
  readonly said: string;
}

async function run(command: string, name: string, user: string): Promise<Outcome> {
  let said = '';
  const hear = (text: string): void => {
    said += text;
  };
  const env = { DATABASE_URL: server.url(name, user) };
  const status = await runCommandLine([command], { env, stdin: Readable.from(['']), print: hear, complain: hear });
  return { status, said };
}

async function requireMigrated(name: string): Promise<void> {
  const { status, said } = await run('migrate', name, 'owner');
  expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('up to date') as unknown });
}

/** Starts the service as its own user and writes one of each kind. */
async function serve(name: string): Promise<void> {
  const service = await startServiceOn(server.url(name, 'hooks_service'));
  const account = await service.database.transaction((transaction) =>
    createAccount(transaction, { name: 'Test', ownerEmail: 'owner@test.example' }),
  );
  const send = async (method: string, path: string, body?: object): Promise<{ id: string }> => {
    const answer = await fetch(`${service.url}/accounts/${account.accountID}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${account.token}`,
        'content-type': 'application/json',
        ...(method === 'POST' && { 'idempotency-key': path }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect({ path, text, ok: answer.ok }).toEqual({ path, text, ok: true });
    return (text === '' ? {} : JSON.parse(text)) as { id: string };
  };
  const { id: appID } = await send('POST', '/k8s/v2/apps', appBody());
  await send('PUT', `/k8s/v1/apps/${appID}/inventory`, podList([{ name: 'one', containers: { main: 'mariadb:11' } }]));
  const { id: hookSourceID } = await send('POST', '/core/v1/hookSources', hookSourceBody());
  const { id } = await send('POST', '/core/v1/executionHooks', hookBody({ appID, hookSourceID }));
  await send('GET', `/core/v1/executionHooks/${id}`);
  await send('DELETE', `/k8s/v2/apps/${appID}`);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  await service.stop();
}

describe('a user of the database who does not own the schema', () => {
  it('is told what is missing: by check, by migrate and by the service', async () => {
    await database('bare');
    const blind = await run('check', 'bare', 'hooks_service');
    expect(blind.status).toBe(1);
    expect(blind.said).toContain('USAGE on schema public');
    expect(blind.said).toContain('TEMPORARY on database bare');

    await requireMigrated('bare');
    await server.execute('bare', 'GRANT USAGE ON SCHEMA public TO hooks_service', 'owner');
    const checked = await run('check', 'bare', 'hooks_service');
    expect(checked.status).toBe(1);
    expect(checked.said).toContain('SELECT on table migrations');
    expect(checked.said).toContain('INSERT on table execution_hooks');
    expect(checked.said).not.toContain('INSERT on table migrations');
    expect(checked.said).not.toMatch(/^ +at /m);

    const migrated = await run('migrate', 'bare', 'hooks_service');
    expect(migrated.status).toBe(1);
    expect(migrated.said).toMatch(/permission denied for table migrations; execution-hooks check says which/);
    await expect(startServiceOn(server.url('bare', 'hooks_service'))).rejects.toThrow('execution-hooks check');
  });

  it.each(['before', 'after'])('serves once it has been given its privileges %s the migration', async (when) => {
    const name = `granted_${when}`;
    await database(name);
    if (when === 'before') await grant(name);
    await requireMigrated(name);
    if (when === 'after') await grant(name);
    const { status, said } = await run('check', name, 'hooks_service');
    expect({ status, said }).toEqual({ status: 0, said: expect.stringContaining('Privileges: good') as unknown });
    await serve(name);
  });

  it('serves a restored database, with what was granted before or after the restore', async () => {
    const file = join(folder, 'granted.dump');
    await program(join(ROOT, 'scripts/backup.sh'), [file], server.url('granted_after', 'owner'));
    for (const when of ['before', 'after']) {
      const name = `restored_${when}`;
      await database(name);
      if (when === 'before') await grant(name);
      await program(join(ROOT, 'scripts/restore.sh'), [file], server.url(name, 'owner'));
      if (when === 'after') {
        expect((await run('check', name, 'hooks_service')).status).toBe(1);
        await grant(name);
      }
      expect((await run('check', name, 'hooks_service')).status).toBe(0);
      await serve(name);
    }
  });
});
