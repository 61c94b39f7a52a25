import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response, Test } from 'supertest';
import { openAccount } from '../support/accounts.js';
import { bindUser, makePerson, type Person } from '../support/people.js';
import { expectProblem } from '../support/problems.js';
import { createHook, createReferences, type Fields, readItems, uniqueName, UNKNOWN_ID } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';
import type { Account, CreatedAccount, CreatedToken, RoleBinding, Token, User } from '../support/shown.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.stop());

const ACCOUNT = { type: 'application/astra-account', version: '1.0' };
const USER = { type: 'application/astra-user', version: '1.2' };
const BINDING = { type: 'application/astra-roleBinding', version: '1.1' };
const TOKEN = { type: 'application/astra-token', version: '1.0' };

const USERS = '/core/v1/users';
const BINDINGS = '/core/v1/roleBindings';

function tokensOf(userID: string): string {
  return `${USERS}/${userID}/tokens`;
}

async function created<T>(request: Test, status = 201): Promise<T> {
  const answer = await request;
  expect({ status: answer.status, text: answer.text }).toEqual({ status, text: answer.text });
  return answer.body as T;
}

function createUser(fields: Fields = {}): Promise<User> {
  return created(service.send('post', USERS).send({ ...USER, email: `${uniqueName('user')}@test.example`, ...fields }));
}

/** A request with any token. */
function as(token: string, method: 'get' | 'post' | 'put' | 'delete', path: string): Test {
  return service.sendBare(method, path).set('authorization', `Bearer ${token}`);
}

/** A resource goes out and comes back as it is, and its conditional headers hold. */
async function expectNormal(path: string, stored: object): Promise<void> {
  const read = await service.send('get', path);
  expect(read.body).toEqual(stored);
  const etag = String(read.headers.etag);
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
  expectProblem(
    await service
      .send('put', path)
      .set('if-match', '"other"')
      .send(read.body as object),
    38,
  );
  const put = await service
    .send('put', path)
    .set('if-match', etag)
    .send(read.body as object);
  expect([put.status, put.text]).toEqual([204, '']);
  const again = await service.send('get', path);
  expect(again.headers.etag).not.toBe(etag);
  expect((again.body as Account).metadata).toMatchObject({ modifiedBy: service.account.userID });
  expectProblem(await service.send('put', path).send({ ...(read.body as object), id: UNKNOWN_ID }), 10, ['id']);
  expectProblem(await service.send('put', path).send({ ...(read.body as object), surplus: 1 }), 8, ['surplus']);
  expectProblem(await service.send('get', `${path}?limit=1`), 6);
}

describe('an account', () => {
  it('is a resource like any other', async () => {
    const account = (await service.send('get', '')).body as Account;
    expect(account).toMatchObject({ ...ACCOUNT, id: service.account.accountID, state: 'active', isEnabled: 'true' });
    await expectNormal('', account);
    const labels = [{ name: 'stage', value: 'test' }];
    expect((await service.send('put', '').send({ ...ACCOUNT, name: 'Renamed', metadata: { labels } })).status).toBe(
      204,
    );
    expect((await service.send('get', '')).body).toMatchObject({ name: 'Renamed', metadata: { labels } });
    expectProblem(await service.send('put', '').send({ ...ACCOUNT, name: '', isEnabled: true }), 8, [
      'isEnabled',
      'name',
    ]);
  });

  it('is made by an owner, who gets a token that opens it', async () => {
    const answer = await as(service.account.token, 'post', '/accounts').send({ ...ACCOUNT, name: 'Second' });
    expect(answer.status).toBe(201);
    const { token = '', ...account } = answer.body as CreatedAccount;
    expect(answer.headers.location).toBe(`${service.url}/accounts/${account.id}`);
    const read = await as(token, 'get', `/accounts/${account.id}`);
    expect(read.body).toEqual(account);
    expect(read.headers.etag).toBe(answer.headers.etag);
    expectProblem(await as(token, 'get', `/accounts/${service.account.accountID}`), 2);
    expectProblem(await as(service.account.token, 'get', `/accounts/${account.id}`), 2);
    expect((await as(token, 'delete', `/accounts/${account.id}`)).status).toBe(204);
    expectProblem(await as(token, 'get', `/accounts/${account.id}`), 4);
  });

  it('is alone in the list of its token', async () => {
    await openAccount(service);
    const list = await as(service.account.token, 'get', '/accounts?include=id&count=true');
    expect(list.body).toMatchObject({
      type: 'application/astra-accounts',
      version: '1.0',
      items: [[service.account.accountID]],
      metadata: { count: 1 },
    });
    expectProblem(await service.sendBare('get', '/accounts'), 3);
    expectProblem(await as('nothing', 'get', '/accounts'), 4);
  });

  it('lets nobody but its owners in while it is disabled', async () => {
    const other = await openAccount(service);
    const inOther = { ...service, account: other.account };
    const admin = await makePerson(inOther, 'admin');
    expect((await other.send('put', '').send({ ...ACCOUNT, isEnabled: 'false' })).status).toBe(204);
    expectProblem(await admin.send('get', ''), 11);
    expect((await other.send('get', '')).body).toMatchObject({ isEnabled: 'false' });
    expect((await other.send('put', '').send({ ...ACCOUNT, isEnabled: 'true' })).status).toBe(204);
    expect((await admin.send('get', '')).status).toBe(200);
  });

  it('is deleted with everything under it, and with the users who have no role elsewhere', async () => {
    const other = await openAccount(service);
    const references = await createReferences(other);
    await createHook(other, references);
    const staying = await makePerson({ ...service, account: other.account }, 'member');
    const going = await makePerson({ ...service, account: other.account }, 'member');
    await bindUser(service, staying.userID, 'viewer');

    const { etag } = (await other.send('get', '')).headers as { etag: string };
    expectProblem(await other.send('delete', '').set('if-match', '"other"'), 38);
    expect((await other.send('delete', '').set('if-match', etag)).status).toBe(204);

    const { accountID, userID } = other.account;
    for (const table of [
      'accounts WHERE id',
      ...['execution_hooks', 'hook_sources', 'apps', 'tokens', 'role_bindings'].map(
        (name) => `${name} WHERE account_id`,
      ),
    ]) {
      expect(await service.database.query({ text: `SELECT FROM ${table} = $1` }, [accountID])).toEqual([]);
    }
    const users = await service.database.query<{ id: string }>({ text: 'SELECT id FROM users WHERE id = ANY($1)' }, [
      [userID, staying.userID, going.userID],
    ]);
    expect(users).toEqual([{ id: staying.userID }]);
    expect((await service.send('get', `${USERS}/${staying.userID}`)).status).toBe(200);
    // They are in no other account any more: this one's decisions are about all that they are.
    expect((await service.send('put', `${USERS}/${staying.userID}`).send(USER)).status).toBe(204);
  });

  it('that is deleted while something is written below it is not there', async () => {
    const other = await openAccount(service);
    const answers = await service.database.transaction(async (transaction) => {
      await transaction.query({ text: 'SELECT FROM accounts WHERE id = $1 FOR UPDATE' }, [other.account.accountID]);
      const writes = [
        other.send('post', '/k8s/v2/apps').send({ type: 'application/astra-app', version: '2.2', name: 'late' }),
        other.send('post', USERS).send({ ...USER, email: 'late@test.example' }),
        other.send('post', tokensOf(other.account.userID)).send({ ...TOKEN, name: 'late' }),
      ].map((request) => request.then((answer: Response) => answer));
      await waitForLocks(3);
      for (const table of ['tokens', 'role_bindings']) {
        await transaction.query({ text: `DELETE FROM ${table} WHERE account_id = $1` }, [other.account.accountID]);
      }
      await transaction.query({ text: 'DELETE FROM accounts WHERE id = $1' }, [other.account.accountID]);
      return writes;
    });
    for (const answer of await Promise.all(answers)) expectProblem(answer, 2);
  });
});

describe('a user who is deleted', () => {
  it('while a token or a role is made for them is not there', async () => {
    const person = await makePerson(service, 'member');
    const { id: unbound } = await createUser();
    const writes = await service.database.transaction(async (transaction) => {
      await transaction.query({ text: 'DELETE FROM users WHERE id = ANY($1)' }, [[person.userID, unbound]]);
      const begun = [
        service.send('post', tokensOf(person.userID)).send({ ...TOKEN, name: 'late' }),
        service.send('post', BINDINGS).send({ ...BINDING, userID: unbound, role: 'viewer' }),
      ].map((request) => request.then((answer: Response) => answer));
      await waitForLocks(2);
      return begun;
    });
    const [token, binding] = (await Promise.all(writes)) as [Response, Response];
    expectProblem(token, 2);
    expectProblem(binding, 9, ['userID']);
  });
});

/** Waits until so many statements wait for others. */
async function waitForLocks(count: number): Promise<void> {
  const waiting = {
    text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  };
  while ((await service.database.query(waiting)).length < count)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a user', () => {
  it('is a resource like any other', async () => {
    const user = await createUser({ firstName: 'Ada', lastName: 'Lovelace', email: 'ada@test.example' });
    expect(user).toMatchObject({
      ...USER,
      state: 'active',
      isEnabled: 'true',
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@test.example',
      authProvider: 'local',
    });
    await expectNormal(`${USERS}/${user.id}`, user);
    const listed = await readItems<User>(service.send('get', `${USERS}?filter=email eq 'ada@test.example'`));
    expect(listed.map(({ id }) => id)).toEqual([user.id]);
    expect((await service.send('delete', `${USERS}/${user.id}`)).status).toBe(204);
    expectProblem(await service.send('get', `${USERS}/${user.id}`), 2);
    expectProblem(await service.send('delete', `${USERS}/${user.id}`), 1);
  });

  it.each<[Fields, readonly string[]]>([
    [{ email: undefined }, ['email']],
    [{ email: 'nobody' }, ['email']],
    [{ email: `${'a'.repeat(251)}@b.c` }, ['email']],
    [{ isEnabled: false, firstName: 1 }, ['firstName', 'isEnabled']],
    [{ authProvider: 'https://login.example.com' }, ['authProvider']],
    [{ authID: 'ada', id: UNKNOWN_ID }, ['authID', 'id']],
    [{ version: '1.0', type: 'application/astra-account' }, ['type', 'version']],
  ])('cannot be made with %j', async (fields, names) => {
    const answer = await service.send('post', USERS).send({ ...USER, email: 'user@test.example', ...fields });
    expectProblem(answer, 8, names);
  });

  it('of another account is bound by the operator alone, and renamed by nobody but their own account', async () => {
    const other = await openAccount(service);
    const guest = other.account.userID;
    expectProblem(await service.send('get', `${USERS}/${guest}`), 2);
    expectProblem(await service.send('get', tokensOf(guest)), 2);
    const bind = (userID: string): Test => service.send('post', BINDINGS).send({ ...BINDING, userID, role: 'viewer' });
    const refused = await bind(guest);
    expectProblem(refused, 9, ['userID']);
    const unknown = (await bind(UNKNOWN_ID)).body as Fields;
    expect({ ...(refused.body as Fields), correlationID: '' }).toEqual({ ...unknown, correlationID: '' });
    await bindUser(service, guest, 'viewer');

    expect((await service.send('get', `${USERS}/${guest}`)).body).toMatchObject({ id: guest });
    const ids = await readItems<[string]>(service.send('get', `${USERS}?include=id&limit=1000`));
    expect(ids.flat().filter((id) => id === guest)).toHaveLength(1);
    expectProblem(await service.send('put', `${USERS}/${guest}`).send({ ...USER, firstName: 'Gus' }), 11);
    expect((await other.send('put', `${USERS}/${guest}`).send({ ...USER, firstName: 'G' })).status).toBe(204);

    // A token for one account does not open another, no matter who made it.
    const token = await created<Required<CreatedToken>>(
      service.send('post', tokensOf(guest)).send({ ...TOKEN, name: 'guest' }),
    );
    expect((await as(token.token, 'get', `/accounts/${service.account.accountID}`)).status).toBe(200);
    expectProblem(await as(token.token, 'get', `/accounts/${other.account.accountID}`), 2);
  });

  it('has an address that nobody else in the account has, be they of another account or of the same moment', async () => {
    const email = 'grace@test.example';
    const post = (fields: Fields): Test => service.send('post', USERS).send({ ...USER, email, ...fields });
    const answers = await Promise.all([post({}), post({}), post({ email: 'Grace@Test.example' })]);
    const [made, ...refused] = answers.sort((a, b) => a.status - b.status) as [Response, Response, Response];
    expect(made.status).toBe(201);
    for (const answer of refused) expectProblem(answer, 10, ['email']);

    const grace = made.body as User;
    expect((await service.send('put', `${USERS}/${grace.id}`).send({ ...USER, email })).status).toBe(204);
    const second = await createUser();
    expectProblem(await service.send('put', `${USERS}/${second.id}`).send({ ...USER, email }), 10, ['email']);

    const other = await openAccount(service);
    expect((await other.send('post', USERS).send({ ...USER, email })).status).toBe(201);
    await bindUser(service, other.account.userID, 'viewer');
    expectProblem(await post({ email: 'owner@other.example' }), 10, ['email']);
  });

  it.each<[string, 'put' | 'delete', string, boolean]>([
    ['made here, who owns another account', 'put', 'owner', true],
    ['made here, who owns another account', 'delete', 'owner', true],
    ['made here, who has a role elsewhere', 'put', 'viewer', true],
    ['made here, who has a role elsewhere', 'delete', 'viewer', true],
    ['of another account', 'put', 'owner', false],
    ['of another account', 'delete', 'owner', false],
  ])('%s, loses this account alone by a %s', async (_, method, roleElsewhere, isOwn) => {
    const admin = await makePerson(service, 'admin');
    const other = await openAccount(service);
    const inOther: TestService = { ...service, account: other.account };
    const person = isOwn ? await makePerson(service, 'member') : await makePerson(inOther, 'owner');
    await bindUser(isOwn ? inOther : service, person.userID, isOwn ? (roleElsewhere as 'owner') : 'member');
    const tokenFor = async (account: TestService): Promise<string> =>
      (
        await created<Required<CreatedToken>>(
          account.send('post', tokensOf(person.userID)).send({ ...TOKEN, name: 'theirs' }),
        )
      ).token;
    const [here, there] = [await tokenFor(service), await tokenFor(other)];

    const path = `${USERS}/${person.userID}`;
    const answer = await (method === 'put'
      ? admin.send('put', path).send({ ...USER, isEnabled: 'false' })
      : admin.send('delete', path));
    expect([answer.status, answer.text]).toEqual([204, '']);

    expectProblem(await as(here, 'get', `/accounts/${service.account.accountID}`), 4);
    expectProblem(await service.send('get', path), 2);
    expect((await as(there, 'get', `/accounts/${other.account.accountID}`)).status).toBe(200);
    expect((await other.send('get', path)).body).toMatchObject({ id: person.userID, isEnabled: 'true' });
  });

  it('who is disabled is refused with every token, until enabled again', async () => {
    const person = await makePerson(service, 'member');
    const path = `${USERS}/${person.userID}`;
    expect((await service.send('put', path).send({ ...USER, isEnabled: 'false' })).status).toBe(204);
    expectProblem(await person.send('get', '/k8s/v2/apps'), 14);
    expect((await service.send('put', path).send({ ...USER, isEnabled: 'true' })).status).toBe(204);
    expect((await person.send('get', '/k8s/v2/apps')).status).toBe(200);
  });

  it('takes role bindings and tokens along', async () => {
    const person = await makePerson(service, 'member');
    expect((await service.send('delete', `${USERS}/${person.userID}`)).status).toBe(204);
    expectProblem(await person.send('get', '/k8s/v2/apps'), 4);
    expectProblem(await service.send('get', `${BINDINGS}/${person.roleBindingID}`), 2);
  });
});

describe('a role binding', () => {
  it('is a resource like any other', async () => {
    const { id: userID } = await createUser();
    const binding = await created<RoleBinding>(
      service.send('post', BINDINGS).send({ ...BINDING, userID, role: 'member' }),
    );
    expect(binding).toMatchObject({
      ...BINDING,
      userID,
      groupID: '00000000-0000-0000-0000-000000000000',
      accountID: service.account.accountID,
      role: 'member',
      principalType: 'user',
      roleConstraints: ['*'],
    });
    const path = `${BINDINGS}/${binding.id}`;
    await expectNormal(path, binding);
    const roleConstraints = ["namespaces:name='payroll-east'", "namespaces:name='payroll-west'"];
    expect((await service.send('put', path).send({ ...BINDING, role: 'viewer', roleConstraints })).status).toBe(204);
    expect((await service.send('get', path)).body).toMatchObject({ role: 'viewer', roleConstraints });
    const filter = `roleConstraints[*] eq 'namespaces:name=''payroll-west''',role eq 'viewer'`;
    const found = await readItems<RoleBinding>(service.send('get', `${BINDINGS}?filter=${filter}`));
    expect(found.map(({ id }) => id)).toEqual([binding.id]);
    expect((await service.send('delete', path)).status).toBe(204);
    expectProblem(await service.send('get', path), 2);
  });

  it('is one for each user, who must be there', async () => {
    const { id: userID } = await createUser();
    const create = (): Test => service.send('post', BINDINGS).send({ ...BINDING, userID, role: 'viewer' });
    const answers = await Promise.all([create(), create()]);
    const [made, refused] = answers.sort((a, b) => a.status - b.status) as [Response, Response];
    expect(made.status).toBe(201);
    expectProblem(refused, 10, ['userID']);
    expectProblem(await service.send('post', BINDINGS).send({ ...BINDING, userID: UNKNOWN_ID, role: 'viewer' }), 9, [
      'userID',
    ]);
    const path = `${BINDINGS}/${(made.body as RoleBinding).id}`;
    const moved = { ...BINDING, userID: UNKNOWN_ID, accountID: UNKNOWN_ID };
    expectProblem(await service.send('put', path).send(moved), 10, ['accountID', 'userID']);
    expectProblem(await service.send('post', BINDINGS).send({ ...moved, role: 'viewer' }), 10, ['accountID']);
  });

  it.each<[Fields, number, readonly string[]]>([
    [{ role: 'king' }, 8, ['role']],
    [{ principalType: 'group' }, 8, ['principalType']],
    [{ groupID: UNKNOWN_ID }, 8, ['groupID']],
    [{ roleConstraints: '*' }, 8, ['roleConstraints']],
    [{ roleConstraints: [1] }, 8, ['roleConstraints[0]']],
    [{ roleConstraints: [] }, 9, ['roleConstraints']],
    [{ roleConstraints: ['*', 'namespaces', "namespaces:name='A'"] }, 9, ['roleConstraints[1]', 'roleConstraints[2]']],
    [{ roleConstraints: ["namespaces:kubernetesLabels='a=b'"] }, 9, ['roleConstraints[0]']],
    [{ roleConstraints: ["namespaces:name='a'; DROP"] }, 9, ['roleConstraints[0]']],
    [{ role: 'admin', roleConstraints: ["namespaces:name='a'"] }, 9, ['roleConstraints']],
  ])('cannot be made with %j', async (fields, problem, names) => {
    const { id: userID } = await createUser();
    expectProblem(
      await service.send('post', BINDINGS).send({ ...BINDING, userID, role: 'member', ...fields }),
      problem,
      names,
    );
  });
});

describe('the last owner of an account', () => {
  let other: TestService;
  let ownBinding: string;

  beforeEach(async () => {
    other = await openAccount(service);
    const [binding] = await readItems<[string]>(other.send('get', `${BINDINGS}?include=id`));
    ownBinding = `${BINDINGS}/${binding?.[0] ?? ''}`;
  });

  it('cannot be removed, demoted, disabled or deleted', async () => {
    expectProblem(await other.send('delete', ownBinding), 10, ['role']);
    expectProblem(await other.send('put', ownBinding).send({ ...BINDING, role: 'admin' }), 10, ['role']);
    const path = `${USERS}/${other.account.userID}`;
    expectProblem(await other.send('put', path).send({ ...USER, isEnabled: 'false' }), 10, ['isEnabled']);
    expectProblem(await other.send('delete', path), 10, ['id']);
    expect((await other.send('put', ownBinding).send({ ...BINDING, role: 'owner' })).status).toBe(204);
  });

  it('is not one beside another owner, unless that one is disabled', async () => {
    const second = await makePerson({ ...service, account: other.account }, 'owner');
    const disabled = { ...USER, isEnabled: 'false' };
    expect((await other.send('put', `${USERS}/${second.userID}`).send(disabled)).status).toBe(204);
    expectProblem(await other.send('delete', ownBinding), 10, ['role']);
    const enabled = { ...USER, isEnabled: 'true' };
    expect((await other.send('put', `${USERS}/${second.userID}`).send(enabled)).status).toBe(204);
    expect((await other.send('put', ownBinding).send({ ...BINDING, role: 'admin' })).status).toBe(204);
    expectProblem(await second.send('delete', `${BINDINGS}/${second.roleBindingID}`), 10, ['role']);
  });

  it('stays, when two owners remove each other at once', async () => {
    for (let round = 0; round < 5; round++) {
      const fresh = await openAccount(service);
      const second = await makePerson({ ...service, account: fresh.account }, 'owner');
      const [first] = await readItems<[string]>(
        fresh.send('get', `${BINDINGS}?include=id&filter=userID eq '${fresh.account.userID}'`),
      );
      const answers = await Promise.all([
        fresh.send('delete', `${BINDINGS}/${second.roleBindingID}`),
        second.send('delete', `${BINDINGS}/${first?.[0] ?? ''}`),
      ]);
      expect(answers.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
      const owners = await service.database.query(
        { text: `SELECT FROM role_bindings WHERE account_id = $1 AND role = 'owner'` },
        [fresh.account.accountID],
      );
      expect(owners).toHaveLength(1);
    }
  });

  it('goes on as one, when another account deletes the user', async () => {
    const person = await makePerson(service, 'member');
    await bindUser(other, person.userID, 'owner');
    expect((await other.send('delete', ownBinding)).status).toBe(204);
    expect((await service.send('delete', `${USERS}/${person.userID}`)).status).toBe(204);
    const owners = await service.database.query<{ id: string }>(
      { text: `SELECT user_id AS id FROM role_bindings WHERE account_id = $1 AND role = 'owner'` },
      [other.account.accountID],
    );
    expect(owners).toEqual([{ id: person.userID }]);
  });
});

describe('a token', () => {
  it('is shown once, and then never again in any form', async () => {
    const { userID } = service.account;
    const answer = await service.send('post', tokensOf(userID)).send({
      ...TOKEN,
      name: 'nightly backup',
      userID,
      expirationTimestamp: '2099-01-01T00:00:00+01:00',
      metadata: { labels: [{ name: 'for', value: 'cron' }] },
    });
    expect(answer.status).toBe(201);
    const { token, ...stored } = answer.body as Required<CreatedToken>;
    expect(token).toMatch(/^ehooks_[A-Za-z0-9_-]{43}$/);
    expect(stored).toMatchObject({
      ...TOKEN,
      name: 'nightly backup',
      userID,
      expirationTimestamp: '2098-12-31T23:00:00.000000Z',
      metadata: { labels: [{ name: 'for', value: 'cron' }], createdBy: userID },
    });
    const path = `${tokensOf(userID)}/${stored.id}`;
    const read = await service.send('get', path);
    expect(read.body).toEqual(stored);
    expect(read.headers.etag).toBe(answer.headers.etag);
    const list = await service.send('get', tokensOf(userID));
    for (const secret of [token, token.slice(7)]) expect(list.text + read.text).not.toContain(secret);
    expect((list.body as { items: Token[] }).items).toContainEqual(stored);
    expectProblem(await service.send('put', path).send(stored), 69);
  });

  it('tells when it was last used, without that counting as a change', async () => {
    const person = await makePerson(service, 'viewer');
    const path = `${tokensOf(person.userID)}/${person.tokenID}`;
    const before = await service.send('get', path);
    expect(before.body).not.toHaveProperty('lastUsedTimestamp');
    await person.send('get', '');
    const lastUse = async (): Promise<Response> => {
      for (;;) {
        const answer = await service.send('get', path);
        if ((answer.body as Token).lastUsedTimestamp !== undefined) return answer;
      }
    };
    const first = await lastUse();
    expect(first.headers.etag).toBe(before.headers.etag);
    for (let count = 0; count < 5; count++) await person.send('get', '');
    expect((await service.send('get', path)).body).toEqual(first.body);
    // A minute later it is written again.
    await service.database.query(
      { text: `UPDATE tokens SET last_used_at = last_used_at - interval '61 seconds' WHERE id = $1` },
      [person.tokenID],
    );
    const { lastUsedTimestamp: old } = (await service.send('get', path)).body as Token;
    await person.send('get', '');
    let last = old;
    while (last === old) last = ((await service.send('get', path)).body as Token).lastUsedTimestamp;
    expect(String(last) > String(old)).toBe(true);
  });

  it('stops working when it is deleted, when it expires and with the role', async () => {
    const deleted = await makePerson(service, 'member');
    const path = `${tokensOf(deleted.userID)}/${deleted.tokenID}`;
    expectProblem(await service.send('delete', path).set('if-match', '"other"'), 38);
    expect((await service.send('delete', path)).status).toBe(204);
    expectProblem(await deleted.send('get', ''), 4);
    expectProblem(await service.send('delete', path), 1);

    const expired = await makePerson(service, 'member');
    await service.database.query({ text: 'UPDATE tokens SET expires_at = now() WHERE id = $1' }, [expired.tokenID]);
    expectProblem(await expired.send('get', ''), 4);

    const unbound = await makePerson(service, 'member');
    expect((await service.send('delete', `${BINDINGS}/${unbound.roleBindingID}`)).status).toBe(204);
    expectProblem(await unbound.send('get', ''), 4);
    expectProblem(await service.send('get', `${USERS}/${unbound.userID}`), 2);
  });

  it.each<[Fields, number, readonly string[]]>([
    [{ name: '' }, 8, ['name']],
    [{ name: 'a'.repeat(64) }, 8, ['name']],
    [{ expirationTimestamp: 'tomorrow' }, 8, ['expirationTimestamp']],
    [{ expirationTimestamp: '2001-01-01T00:00:00Z' }, 9, ['expirationTimestamp']],
    [{ userID: UNKNOWN_ID }, 10, ['userID']],
    [{ token: 'ehooks_of-my-own' }, 8, ['token']],
  ])('cannot be made with %j', async (fields, problem, names) => {
    const answer = await service
      .send('post', tokensOf(service.account.userID))
      .send({ ...TOKEN, name: 'a', ...fields });
    expectProblem(answer, problem, names);
  });

  it('is not made for a user without a role, who could be given any later', async () => {
    const { id } = await createUser();
    expectProblem(await service.send('post', tokensOf(id)).send({ ...TOKEN, name: 'early' }), 9, ['userID']);
  });
});

describe('nobody acts above their own role', () => {
  let viewer: Person;
  let member: Person;
  let admin: Person;
  let secondAdmin: Person;
  let owner: Person;

  beforeAll(async () => {
    viewer = await makePerson(service, 'viewer');
    member = await makePerson(service, 'member');
    admin = await makePerson(service, 'admin');
    secondAdmin = await makePerson(service, 'admin');
    owner = await makePerson(service, 'owner');
  });

  it('in giving, taking and changing roles', async () => {
    const { id: userID } = await createUser();
    expectProblem(await admin.send('post', BINDINGS).send({ ...BINDING, userID, role: 'owner' }), 11);
    const ownersBinding = `${BINDINGS}/${owner.roleBindingID}`;
    expectProblem(await admin.send('delete', ownersBinding), 11);
    expectProblem(await admin.send('put', ownersBinding).send({ ...BINDING, role: 'viewer' }), 11);
    const own = `${BINDINGS}/${admin.roleBindingID}`;
    expectProblem(await admin.send('put', own).send({ ...BINDING, role: 'owner' }), 11);
    const equal = `${BINDINGS}/${secondAdmin.roleBindingID}`;
    expect((await admin.send('put', equal).send({ ...BINDING, role: 'admin' })).status).toBe(204);
    expect((await admin.send('post', BINDINGS).send({ ...BINDING, userID, role: 'admin' })).status).toBe(201);
  });

  it('in changing and deleting users', async () => {
    const path = `${USERS}/${owner.userID}`;
    expectProblem(await admin.send('put', path).send({ ...USER, isEnabled: 'false' }), 11);
    expectProblem(await admin.send('delete', path), 11);
    expect((await admin.send('put', `${USERS}/${viewer.userID}`).send({ ...USER, firstName: 'V' })).status).toBe(204);
  });

  it('in the tokens of others, while everyone manages their own', async () => {
    for (const person of [viewer, member, admin, owner]) {
      const made = await person.send('post', tokensOf(person.userID)).send({ ...TOKEN, name: 'own' });
      expect(made.status).toBe(201);
      const path = `${tokensOf(person.userID)}/${(made.body as Token).id}`;
      expect((await person.send('get', path)).status).toBe(200);
      expect((await person.send('get', tokensOf(person.userID))).status).toBe(200);
      expect((await person.send('delete', path)).status).toBe(204);
    }
    expectProblem(await member.send('post', tokensOf(viewer.userID)).send({ ...TOKEN, name: 'other' }), 11);
    expectProblem(await member.send('get', tokensOf(viewer.userID)), 11);
    expectProblem(await admin.send('post', tokensOf(owner.userID)).send({ ...TOKEN, name: 'other' }), 11);
    expectProblem(await admin.send('get', tokensOf(owner.userID)), 11);
    expectProblem(await admin.send('delete', `${tokensOf(owner.userID)}/${owner.tokenID}`), 11);
    expectProblem(await admin.send('delete', `${tokensOf(member.userID)}/${owner.tokenID}`), 1);
  });

  it('by a token that they made for somebody who rises later, nor by a token made with that one', async () => {
    const rising = await makePerson(service, 'member');
    const body = { ...TOKEN, name: 'made by an admin' };
    const { token } = await created<Required<CreatedToken>>(admin.send('post', tokensOf(rising.userID)).send(body));
    const path = `${BINDINGS}/${rising.roleBindingID}`;
    expect((await owner.send('put', path).send({ ...BINDING, role: 'owner' })).status).toBe(204);

    const account = `/accounts/${service.account.accountID}`;
    const renamed = { ...ACCOUNT, name: 'Taken over' };
    expect((await rising.send('put', '').send(ACCOUNT)).status).toBe(204);
    expectProblem(await as(token, 'put', account).send(renamed), 11);
    // Who made it manages no tokens of an owner, and neither does what they made.
    const tokens = `${account}${tokensOf(rising.userID)}`;
    for (const request of [
      as(token, 'post', tokens).send(body),
      as(token, 'get', tokens),
      as(token, 'get', `${tokens}/${rising.tokenID}`),
      as(token, 'delete', `${tokens}/${rising.tokenID}`),
    ]) {
      expectProblem(await request, 11);
    }
    expect((await as(token, 'get', `${account}${USERS}`)).status).toBe(200);
  });

  it('by the tokens that such a token makes while it may', async () => {
    const rising = await makePerson(service, 'admin');
    const body = { ...TOKEN, name: 'made by an admin' };
    const { token } = await created<Required<CreatedToken>>(admin.send('post', tokensOf(rising.userID)).send(body));
    const account = `/accounts/${service.account.accountID}`;
    const second = await created<Required<CreatedToken>>(
      as(token, 'post', `${account}${tokensOf(rising.userID)}`).send(body),
    );
    const path = `${BINDINGS}/${rising.roleBindingID}`;
    expect((await owner.send('put', path).send({ ...BINDING, role: 'owner' })).status).toBe(204);
    expectProblem(await as(second.token, 'put', account).send({ ...ACCOUNT, name: 'Taken over' }), 11);
    expectProblem(await as(second.token, 'get', `${account}${tokensOf(rising.userID)}`), 11);
    expect((await as(second.token, 'get', `${account}${USERS}`)).status).toBe(200);
  });
});

describe('a token that a token makes', () => {
  const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

  it('expires no later than that one', async () => {
    const person = await makePerson(service, 'admin', { expiresAt: inAnHour() });
    const { expirationTimestamp: latest = '' } = await created<Token>(
      service.send('get', `${tokensOf(person.userID)}/${person.tokenID}`),
      200,
    );
    const post = (path: string, fields: Fields): Test =>
      person.send('post', path).send({ ...TOKEN, name: 'child', ...fields });
    const other = await makePerson(service, 'viewer');
    for (const path of [tokensOf(person.userID), tokensOf(other.userID)]) {
      expect(await created<Token>(post(path, {}))).toMatchObject({ expirationTimestamp: latest });
      const soon = '2099-01-01T00:00:00Z';
      expectProblem(await post(path, { expirationTimestamp: soon }), 9, ['expirationTimestamp']);
      const earlier = new Date(Date.now() + 1_800_000).toISOString();
      const made = await created<Token>(post(path, { expirationTimestamp: earlier }));
      expect(String(made.expirationTimestamp) < latest).toBe(true);
    }
  });

  it('expires with it in an account that it makes, too', async () => {
    const person = await makePerson(service, 'owner', { expiresAt: inAnHour() });
    const made = await created<CreatedAccount>(
      as(person.token, 'post', '/accounts').send({ ...ACCOUNT, name: uniqueName('made') }),
    );
    const tokens = await readItems<Token>(
      as(String(made.token), 'get', `/accounts/${made.id}${tokensOf(person.userID)}`),
    );
    const own = await created<Token>(person.send('get', `${tokensOf(person.userID)}/${person.tokenID}`), 200);
    expect(tokens.map(({ expirationTimestamp }) => expirationTimestamp)).toEqual([own.expirationTimestamp]);
  });
});
