import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../src/cli/commands.js';
import { type Outcome, runCommand } from '../support/command-line.js';
import { expectProblem } from '../support/problems.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

/** Runs a command on the service's database. */
function run(args: readonly string[], options: { env?: NodeJS.ProcessEnv; stdin?: string } = {}): Promise<Outcome> {
  return runCommand(args, { DATABASE_URL: service.databaseUrl, ...options.env }, options.stdin);
}

function get(accountId: string, token: string, path = ''): ReturnType<TestService['send']> {
  return service.sendBare('get', `/accounts/${accountId}${path}`).set('authorization', `Bearer ${token}`);
}

describe('the help', () => {
  it('lists every command, and explains each', async () => {
    const { status, printed } = await run(['--help']);
    expect(status).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(printed).toContain(`  ${name.padEnd(20)}  ${summary}`);
      const own = await run([...name.split(' '), '--help']);
      expect(own).toMatchObject({ status: 0, complained: '' });
      expect(own.printed).toContain(`Usage: execution-hooks ${name} `);
      expect((await run(['help', ...name.split(' ')])).printed).toBe(own.printed);
      expect(own.printed).toContain('Exit status: 0 done, 1 not done, 64 wrong command line, 78 wrong settings.');
    }
  });

  it('is what a command line without a command gets, as a complaint', async () => {
    expect(await run([])).toMatchObject({ status: 64, printed: '', complained: (await run(['help'])).printed });
  });
});

describe('a command line that is wrong', () => {
  it.each([
    [['create-acount'], 'There is no command "create-acount".'],
    [['create-account', '--email', 'a@b.c'], '--name is missing.'],
    [['create-account', '--name', 'a', '--email', 'nobody'], '--email: expected an e-mail address.'],
    [['create-account', '--name', '', '--email', 'a@b.c'], '--name: expected 1 to 63 characters.'],
    [['create-token', '--account', 'A'], '--account: expected an identifier'],
    [['list-accounts', '--all'], "Unknown option '--all'"],
    [['list-accounts', 'all'], 'Unexpected argument'],
    [['create-token', '--account'], 'argument missing'],
    [['netapp-hooks', 'install'], 'One of --account and --all-accounts is needed.'],
    [['netapp-hooks', 'flush'], 'There is no command "netapp-hooks flush".'],
    [['create-acount', '--help'], 'There is no command "create-acount".'],
    [['help', 'create-acount'], 'There is no command "create-acount".'],
    [['netapp-hooks', '--help'], 'There is no command "netapp-hooks".'],
  ])('%j ends with status 64', async (args, message) => {
    const { status, printed, complained } = await run(args);
    expect({ status, printed }).toEqual({ status: 64, printed: '' });
    expect(complained).toContain(message);
  });

  it('is not repeated where it may hold a secret', async () => {
    const { complained } = await run(['create-account', '--name', 'a', '--email', "s3cret' is"]);
    expect(complained).toBe('--email: expected an e-mail address.\nexecution-hooks create-account --help says more.\n');
  });

  it('is told from wrong settings, which are named without their values', async () => {
    const { status, complained } = await run(['list-accounts'], { env: { DATABASE_URL: 'mysql://secret@db' } });
    expect(status).toBe(78);
    expect(complained).toMatch(/DATABASE_URL: expected a postgres/);
    expect(complained).not.toContain('secret');
  });
});

describe('check', () => {
  it('says that all is well', async () => {
    expect(await run(['check', '--json'])).toMatchObject({
      status: 0,
      json: { settings: 'good', database: 'reachable', missingPrivileges: [], pendingMigrations: [] },
    });
  });

  it('says that a folder takes no temporary files, and names the setting', async () => {
    const { status, complained } = await run(['check'], { env: { TMPDIR: '/nowhere' } });
    expect({ status, complained }).toEqual({ status: 1, complained: expect.stringContaining('TMPDIR') as unknown });
  });

  it('says that there is no embedded database where its programs are not installed', async () => {
    const { platform } = process;
    Object.defineProperty(process, 'platform', { value: 'sunos' });
    const { status, complained } = await run(['check'], { env: { DATABASE_URL: '' } });
    Object.defineProperty(process, 'platform', { value: platform });
    expect(status).toBe(1);
    expect(complained).toContain('set DATABASE_URL to a PostgreSQL server');
  });

  it('says that the database cannot be reached', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:9/hooks' };
    const { status, complained } = await run(['check'], { env });
    expect(status).toBe(1);
    expect(complained).toContain('The database could not be reached');
  });

  it('says which migrations are missing, and runs none', async () => {
    const rows = await service.database.query<{ name: string }>({ text: 'DELETE FROM migrations RETURNING *' });
    const outcome = await run(['check']);
    for (const row of rows) {
      await service.database.query(
        { text: 'INSERT INTO migrations SELECT * FROM json_populate_record(NULL::migrations, $1)' },
        [JSON.stringify(row)],
      );
    }
    expect(outcome.status).toBe(1);
    expect(outcome.printed).toContain(`migrate runs ${rows.map(({ name }) => name).join(', ')}`);
  });
});

describe('migrate', () => {
  it('finds nothing to do', async () => {
    expect(await run(['migrate', '--json'])).toMatchObject({ status: 0, json: { upToDate: true, migrations: [] } });
  });
});

describe('accounts and tokens', () => {
  interface Created {
    readonly accountID: string;
    readonly userID: string;
    readonly tokenID: string;
    readonly token: string;
  }
  let created: Created;
  let count = 0;
  let name: string;

  beforeEach(async () => {
    count += 1;
    name = `Acme ${count}`;
    const outcome = await run(['create-account', '--name', name, '--email', 'owner@acme.example', '--json']);
    created = outcome.json as Created;
  });

  it('make a first account that its owner can use', async () => {
    const answer = await get(created.accountID, created.token);
    expect(answer.body).toMatchObject({ name, isEnabled: 'true' });
    const user = await get(created.accountID, created.token, `/core/v1/users/${created.userID}`);
    expect(user.body).toMatchObject({ email: 'owner@acme.example' });
    const { printed } = await run(['create-account', '--name', `${name} again`, '--email', 'owner@acme.example']);
    expect(printed).toMatch(
      /^Account {2}[0-9a-f-]{36}\nOwner {4}[0-9a-f-]{36}\nToken id [0-9a-f-]{36}\nToken {4}ehooks_/,
    );
  });

  it('make no second account of a name, unless it is given an id', async () => {
    const args = ['create-account', '--name', name, '--email', 'owner@acme.example'];
    const named = async (): Promise<unknown[]> =>
      ((await run(['list-accounts', '--json'])).json as { name: string }[]).filter((account) => account.name === name);
    const advice = `There is an account of this name already: create-token --account ${created.accountID}`;
    const again = await Promise.all([run(args), run(args)]);
    for (const outcome of again) {
      expect(outcome).toMatchObject({ status: 1, printed: '', complained: expect.stringContaining(advice) as unknown });
    }
    expect(await named()).toHaveLength(1);
    expect((await run([...args, '--id', '0f0f0f0f-2222-4222-8333-444444444444'])).status).toBe(0);
    expect(await named()).toHaveLength(2);
  });

  it('make an account with a given id once', async () => {
    const args = ['create-account', '--name', 'a', '--email', 'a@b.c', '--id', '0f0f0f0f-1111-4222-8333-444444444444'];
    expect((await run(args)).status).toBe(0);
    expect(await run(args)).toMatchObject({ status: 1, complained: expect.stringContaining('There is an account') });
  });

  it('are listed, without a token or its digest', async () => {
    const outcome = await run(['list-accounts', '--json']);
    expect(outcome.json).toContainEqual(expect.objectContaining({ id: created.accountID, name, users: 1, tokens: 1 }));
    expect(outcome.printed).not.toContain('ehooks_');
    expect((await run(['list-accounts'])).printed).toContain(`${created.accountID}  `);
  });

  it('make further tokens, of the owner or another user, that may expire', async () => {
    const { json } = await run(['create-token', '--account', created.accountID, '--json']);
    expect((await get(created.accountID, (json as Created).token)).status).toBe(200);
    const { userID } = created;
    const args = ['create-token', '--account', created.accountID, '--user', userID, '--name', 'robot', '--json'];
    const second = (await run([...args, '--expires-at', '2099-01-01T00:00:00Z'])).json as Created;
    const token = await get(created.accountID, created.token, `/core/v1/users/${userID}/tokens/${second.tokenID}`);
    expect(token.body).toMatchObject({ name: 'robot', expirationTimestamp: '2099-01-01T00:00:00.000000Z' });
    expect((await run([...args, '--expires-at', '2001-01-01T00:00:00Z'])).status).toBe(1);
    expect((await run([...args, '--expires-at', 'tomorrow'])).status).toBe(64);
  });

  it('make no token of a user without a role, or for an account that is not there', async () => {
    const missing = ['create-token', '--account', '00000000-0000-4000-8000-000000000000'];
    expect(await run(missing)).toMatchObject({
      status: 1,
      complained: expect.stringContaining('There is no such account.'),
    });
    const foreign = ['create-token', '--account', created.accountID, '--user', service.account.userID];
    expect((await run(foreign)).status).toBe(1);
  });

  it('get a user of another account, once', async () => {
    const { userID } = service.account;
    const bind = ['bind-user', '--account', created.accountID, '--user', userID, '--role'];
    expect((await run([...bind, 'king'])).complained).toContain(
      '--role: expected one of viewer, member, admin, owner.',
    );
    const { status, json } = await run([...bind, 'member', '--json']);
    expect(status).toBe(0);
    const { roleBindingID } = json as { roleBindingID: string };
    const binding = await get(created.accountID, created.token, `/core/v1/roleBindings/${roleBindingID}`);
    expect(binding.body).toMatchObject({ userID, role: 'member' });
    expect(await run([...bind, 'owner'])).toMatchObject({
      status: 1,
      complained: expect.stringContaining('the user has a role in the account already') as unknown,
    });
    const unknown = ['bind-user', '--account', created.accountID, '--user', created.tokenID, '--role', 'viewer'];
    expect((await run(unknown)).status).toBe(1);
  });

  it('revoke a token by its id, or by itself from standard input', async () => {
    expect((await run(['revoke-token', '--id', created.tokenID])).status).toBe(0);
    expectProblem(await get(created.accountID, created.token), 4);
    const { json } = await run(['create-token', '--account', created.accountID, '--json']);
    const { token } = json as Created;
    expect((await run(['revoke-token'], { stdin: `${token}\n` })).status).toBe(0);
    expectProblem(await get(created.accountID, token), 4);
    expect(await run(['revoke-token'], { stdin: token })).toMatchObject({
      status: 1,
      complained: expect.stringContaining('There is no such token.'),
    });
  });
});

describe('demo:load', () => {
  it('loads the demo once, and prints how to use it', async () => {
    const outcome = await run(['demo:load', '--json'], { env: { PUBLIC_URL: 'https://hooks.example/api' } });
    const { url, accountID, hookID, token } = outcome.json as Record<string, string>;
    expect(url).toBe('https://hooks.example/api');
    const hook = await get(accountID ?? '', token ?? '', `/core/v1/executionHooks/${hookID ?? ''}`);
    expect((hook.body as { matchingContainers: object[] }).matchingContainers.length).toBeGreaterThan(0);
    expect(await run(['demo:load'])).toMatchObject({
      status: 1,
      complained: expect.stringContaining('has the demo already'),
    });
  });
});

describe('netapp-hooks', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-spec-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(criteria: string): Promise<string> {
    const path = join(folder, 'hooks.yaml');
    await writeFile(
      path,
      `
hookSources: [{ name: own-script, source: "true\\n" }]
hooks: [{ name: own-hook, hookSource: own-script, action: snapshot, stage: pre, matchingCriteria: ${criteria} }]
`,
    );
    return path;
  }

  it('are installed, listed, changed and removed', async () => {
    const account = ['--account', service.account.accountID];
    const names = async (): Promise<string[]> =>
      ((await run(['netapp-hooks', 'list', ...account, '--json'])).json as { name: string }[]).map(({ name }) => name);

    expect((await run(['netapp-hooks', 'list', ...account])).printed).toBe('No netapp hook is installed.\n');
    expect((await run(['netapp-hooks', 'install', ...account])).printed).toContain('6 hooks added, 0 changed');
    expect((await run(['netapp-hooks', 'install', ...account])).printed).toContain('0 hooks added, 0 changed, 6 unch');
    const path = await file('[]');
    expect((await run(['netapp-hooks', 'install', ...account, '--file', path])).printed).toContain('1 hooks added');
    expect(await names()).toHaveLength(7);
    await file('[{ type: podName, value: db }]');
    const changed = await run(['netapp-hooks', 'install', ...account, '--file', path, '--json']);
    expect(changed.json).toEqual([
      {
        accountID: service.account.accountID,
        hookSources: { added: [], changed: [], unchanged: ['own-script'] },
        hooks: { added: [], changed: ['own-hook'], unchanged: [] },
      },
    ]);
    const sources = await service.send('get', '/core/v1/hookSources?include=name,preloaded&orderBy=name');
    expect((sources.body as { items: unknown }).items).toEqual([
      ['netapp-mariadb', 'true'],
      ['netapp-mysql', 'true'],
      ['netapp-postgresql', 'true'],
      ['own-script', 'true'],
    ]);

    expect((await run(['netapp-hooks', 'remove', ...account, '--file', path])).printed).toContain(
      '1 hooks and 1 hook sources removed',
    );
    expect(await names()).toHaveLength(6);
    expect((await run(['netapp-hooks', 'remove', ...account])).printed).toContain('6 hooks and 3 hook sources removed');
    expect(await names()).toEqual([]);
  });

  it('are installed in every account at once', async () => {
    const { json } = await run(['list-accounts', '--json']);
    const path = await file('[]');
    const installed = await run(['netapp-hooks', 'install', '--all-accounts', '--file', path, '--json']);
    expect((installed.json as { accountID: string }[]).map(({ accountID }) => accountID).sort()).toEqual(
      (json as { id: string }[]).map(({ id }) => id).sort(),
    );
    expect((await run(['netapp-hooks', 'remove', '--all-accounts'])).status).toBe(0);
  });

  it('are listed from a file without any database', async () => {
    const env = { DATABASE_URL: 'postgres://127.0.0.1:9/none' };
    const { printed, status } = await run(['netapp-hooks', 'list', '--file', await file('[]')], { env });
    expect({ printed, status }).toEqual({ printed: 'own-hook  snapshot/pre  own-script\n', status: 0 });
  });

  it('take no name that the account uses itself, and then change nothing', async () => {
    const body = { type: 'application/astra-hookSource', version: '1.0', name: 'own-script', sourceType: 'script' };
    await service.send('post', '/core/v1/hookSources').send({ ...body, source: 'dHJ1ZQo=' });
    const args = ['netapp-hooks', 'install', '--account', service.account.accountID, '--file', await file('[]')];
    expect(await run(args)).toMatchObject({
      status: 1,
      complained: expect.stringContaining('The account has a hook source "own-script" of its own.'),
    });
    expect((await run(['netapp-hooks', 'list'])).printed).toBe('No netapp hook is installed.\n');
  });

  it('refuse a file with the reasons', async () => {
    const { status, complained } = await run(['netapp-hooks', 'list', '--file', await file('[{}]')]);
    expect(status).toBe(1);
    expect(complained).toContain('hooks[0].matchingCriteria[0].type is required');
  });
});

describe('the program', () => {
  it('keeps standard output for the result', async () => {
    const register = new URL('../support/register-typescript.js', import.meta.url).href;
    const program = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
    const execute = (...args: readonly string[]): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['--import', register, program, ...args], {
        env: { ...process.env, DATABASE_URL: service.databaseUrl },
      });
    const { stdout } = await execute('list-accounts', '--json');
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ id: service.account.accountID }));
  });
});
