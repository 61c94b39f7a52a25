import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Response, Test } from 'supertest';
import { OidcService } from '../../src/access/oidc.service.js';
import { openAccount } from '../support/accounts.js';
import { type Claims, TestIssuer } from '../support/issuer.js';
import { bindUser, makePerson } from '../support/people.js';
import { expectProblem } from '../support/problems.js';
import { appBody, readItems } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';
import type { CreatedToken, RoleBinding, User } from '../support/shown.js';

const ACCOUNT_ID = '0f0f0f0f-1111-4222-8333-444444444444';
const UNREACHABLE = 'https://unreachable.example';
/** The longest life of the tokens that JWTs of the first issuer make. */
const LIFETIME_SECONDS = 3600;

let issuer: TestIssuer;
let down: TestIssuer;
let patient: TestIssuer;
let service: TestService;
let subjects = 0;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  down = await TestIssuer.start();
  down.status = 500;
  patient = await TestIssuer.start();
  const settings = {
    audience: 'execution-hooks',
    accountID: ACCOUNT_ID,
    roleClaim: 'realm.roles',
    roles: { readers: 'viewer', writers: 'member', operators: 'admin', bosses: 'owner' },
    clockSkewSeconds: 5,
  };
  service = await startTestService({
    FAILED_AUTHENTICATION_LIMIT: '0',
    OIDC_ISSUERS: JSON.stringify([
      {
        ...settings,
        issuer: issuer.url,
        jwksUrl: issuer.jwksUrl,
        algorithms: ['RS256'],
        jwksCooldownSeconds: 0,
        tokenLifetimeSeconds: LIFETIME_SECONDS,
      },
      { ...settings, issuer: down.url, jwksUrl: down.jwksUrl, jwksCooldownSeconds: 3600 },
      { ...settings, issuer: patient.url, jwksUrl: patient.jwksUrl, jwksCooldownSeconds: 3600 },
      { ...settings, issuer: UNREACHABLE, jwksUrl: 'http://127.0.0.1:9/keys' },
    ]),
  });
  await service.database.query({ text: `INSERT INTO accounts (id, name, created_by) VALUES ($1, 'Federated', $2)` }, [
    ACCOUNT_ID,
    service.account.userID,
  ]);
});

afterAll(async () => {
  await service.stop();
  await issuer.stop();
  await down.stop();
  await patient.stop();
});

let sub: string;
beforeEach(() => {
  sub = `user-${(subjects += 1)}`;
});

function claimsFor(...roles: readonly string[]): Claims {
  return { sub, realm: { roles } };
}

/** A point in time as JWTs have it, in seconds from now. */
function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1000) + fromNow;
}

function get(token: string, path = '/k8s/v2/apps', accountId = ACCOUNT_ID): Promise<Response> {
  return service.sendBare('get', `/accounts/${accountId}${path}`).set('authorization', `Bearer ${token}`);
}

function post(token: string): Promise<Response> {
  return service
    .sendBare('post', `/accounts/${ACCOUNT_ID}/k8s/v2/apps`)
    .set('authorization', `Bearer ${token}`)
    .send(appBody());
}

function postToken(token: string, userId: string, fields: object = {}): Test {
  return service
    .sendBare('post', `/accounts/${ACCOUNT_ID}/core/v1/users/${userId}/tokens`)
    .set('authorization', `Bearer ${token}`)
    .send({ type: 'application/astra-token', version: '1.0', name: 'made by a JWT', ...fields });
}

async function bindingOf(userId: string): Promise<RoleBinding | undefined> {
  const token = await issuer.token({ sub: 'auditor', realm: { roles: ['readers'] } });
  const list = await get(token, `/core/v1/roleBindings?filter=userID eq '${userId}'`);
  return (list.body as { items: RoleBinding[] }).items[0];
}

async function userCalled(authId: string): Promise<User | undefined> {
  const token = await issuer.token({ sub: 'auditor', realm: { roles: ['readers'] } });
  const list = await get(token, `/core/v1/users?filter=authID eq '${authId}'`);
  return (list.body as { items: User[] }).items[0];
}

describe('a JWT of a configured issuer', () => {
  it('lets its user in, who is made when first seen', async () => {
    const token = await issuer.token({
      ...claimsFor('readers'),
      email: 'ada@example.com',
      given_name: 'Ada',
      family_name: 'Lovelace',
    });
    const [first, second] = await Promise.all([get(token), get(token)]);
    expect([first.status, second.status]).toEqual([200, 200]);
    const user = await userCalled(sub);
    expect(user).toMatchObject({
      isEnabled: 'true',
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      authProvider: issuer.url,
      authID: sub,
    });
    expect(await bindingOf(user?.id ?? '')).toMatchObject({ role: 'viewer', accountID: ACCOUNT_ID });
  });

  it.each([
    [['readers'], 403],
    [['writers'], 201],
    [['readers', 'operators', 'unknown'], 201],
  ])('gives the highest role that its claim %j maps to', async (roles, status) => {
    expect((await post(await issuer.token(claimsFor(...roles)))).status).toBe(status);
  });

  it('gives no role by claims that map to none, by an account that it does not name, or to a disabled user', async () => {
    expectProblem(await get(await issuer.token(claimsFor('unknown'))), 2);
    expectProblem(await get(await issuer.token({ sub })), 2);
    expectProblem(await get(await issuer.token({ sub, realm: { roles: 'toString' } })), 2);
    expectProblem(await get(await issuer.token(claimsFor('readers')), '', service.account.accountID), 2);
    expectProblem(await get(await issuer.token(claimsFor('readers')), '', 'none'), 2);
    await service.database.query({ text: `UPDATE users SET is_enabled = 'false' WHERE auth_id = $1` }, [sub]);
    expectProblem(await get(await issuer.token(claimsFor('readers'))), 14);
  });

  it('changes the role with the next token that says another one', async () => {
    expect((await post(await issuer.token(claimsFor('writers')))).status).toBe(201);
    const user = await userCalled(sub);
    expectProblem(await post(await issuer.token(claimsFor('readers'))), 11);
    expect(await bindingOf(user?.id ?? '')).toMatchObject({ role: 'viewer' });
    expectProblem(await post(await issuer.token(claimsFor())), 2);
    expect((await post(await issuer.token(claimsFor('writers')))).status).toBe(201);
  });

  it('keeps the last owner one in the database, and gives no more than it says', async () => {
    expect((await get(await issuer.token(claimsFor('bosses')))).status).toBe(200);
    const user = await userCalled(sub);
    expectProblem(await post(await issuer.token(claimsFor('readers'))), 11);
    expect(await bindingOf(user?.id ?? '')).toMatchObject({ role: 'owner' });
  });

  it('takes the role away, and the tokens of the account, when it says none', async () => {
    await get(await issuer.token(claimsFor('writers')));
    const user = await userCalled(sub);
    const userId = user?.id ?? '';
    const { token } = (await postToken(await issuer.token(claimsFor('writers')), userId))
      .body as Required<CreatedToken>;
    expect((await get(token)).status).toBe(200);
    const other = await openAccount(service);
    await bindUser(other, userId, 'viewer');

    expectProblem(await get(await issuer.token(claimsFor())), 2);
    expect(await bindingOf(userId)).toBeUndefined();
    expectProblem(await get(token), 4);
    expect((await get(await issuer.token(claimsFor()), '', other.account.accountID)).status).toBe(200);
    expect((await get(await issuer.token(claimsFor('writers')))).status).toBe(200);
    expectProblem(await get(token), 4);
  });

  it('says no role without ending what was decided of the user', async () => {
    await get(await issuer.token(claimsFor('readers')));
    await service.database.query({ text: `UPDATE users SET is_enabled = 'false' WHERE auth_id = $1` }, [sub]);
    expectProblem(await get(await issuer.token(claimsFor())), 14);
    expectProblem(await get(await issuer.token(claimsFor('readers'))), 14);
  });

  it('leaves the last owner one, when it says no role', async () => {
    expect((await get(await issuer.token(claimsFor('bosses')))).status).toBe(200);
    await service.database.query(
      {
        text: `DELETE FROM role_bindings WHERE account_id = $1 AND role = 'owner'
      AND user_id <> (SELECT id FROM users WHERE auth_id = $2)`,
      },
      [ACCOUNT_ID, sub],
    );
    const user = await userCalled(sub);
    expectProblem(await get(await issuer.token(claimsFor())), 2);
    expect(await bindingOf(user?.id ?? '')).toMatchObject({ role: 'owner' });
  });

  it('is good until it expires, in the transaction that writes too', async () => {
    const token = await issuer.token(claimsFor('readers'));
    await get(token);
    const verified = await service.app.get(OidcService).verified(token, ACCOUNT_ID);
    await service.database.transaction(async (transaction) => {
      expect(await verified?.find(transaction)).toMatchObject({ role: 'viewer' });
      const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 66_000);
      expect(await verified?.find(transaction)).toBeUndefined();
      later.mockRestore();
    });
  });

  it('opens every account in which its user has a role', async () => {
    const token = await issuer.token(claimsFor('readers'));
    await get(token);
    const user = await userCalled(sub);
    const other = await openAccount(service);
    await bindUser(other, user?.id ?? '', 'member');
    expect((await get(token, '', other.account.accountID)).status).toBe(200);
    expectProblem(await post(token), 11);

    const accounts = async (jwt: string): Promise<string[]> => {
      const request = service.sendBare('get', '/accounts?include=id').set('authorization', `Bearer ${jwt}`);
      return (await readItems<[string]>(request)).flat().sort();
    };
    expect(await accounts(token)).toEqual([ACCOUNT_ID, other.account.accountID].sort());
    expect(await accounts(await issuer.token(claimsFor()))).toEqual([other.account.accountID]);
  });

  it('makes an account that it opens too', async () => {
    const token = await issuer.token(claimsFor('bosses'));
    const made = await service
      .sendBare('post', '/accounts')
      .set('authorization', `Bearer ${token}`)
      .send({ type: 'application/astra-account', version: '1.0', name: 'New' });
    expect(made.status).toBe(201);
    expect(made.body).not.toHaveProperty('token');
    const { id } = made.body as { id: string };
    expect((await get(token, '', id)).status).toBe(200);
  });
});

describe('tokens that a JWT makes', () => {
  it('are there only where its issuer allows them', async () => {
    const token = await patient.token({ ...claimsFor('operators'), sub: 'patient' });
    await get(token);
    const user = await userCalled('patient');
    expectProblem(await postToken(token, user?.id ?? ''), 11);
    expectProblem(await postToken(token, user?.id ?? '', { expirationTimestamp: '2099-01-01T00:00:00Z' }), 11);
  });

  it('last no longer than it allows, for whomever they are', async () => {
    const token = await issuer.token(claimsFor('operators'));
    await get(token);
    const user = await userCalled(sub);
    const other = await makePerson({ ...service, account: { ...service.account, accountID: ACCOUNT_ID } }, 'viewer');
    for (const userId of [user?.id ?? '', other.userID]) {
      const latest = seconds(LIFETIME_SECONDS);
      const made = await postToken(token, userId);
      expect(made.status).toBe(201);
      const { token: opaque, expirationTimestamp } = made.body as Required<CreatedToken>;
      const expires = Date.parse(expirationTimestamp) / 1000;
      expect(expires).toBeGreaterThanOrEqual(latest);
      expect(expires).toBeLessThanOrEqual(seconds(LIFETIME_SECONDS + 1));
      expect((await get(opaque)).status).toBe(200);
      const tooLate = new Date((latest + 600) * 1000).toISOString();
      expectProblem(await postToken(token, userId, { expirationTimestamp: tooLate }), 9, ['expirationTimestamp']);
      const inTime = new Date((latest - 600) * 1000).toISOString();
      expect((await postToken(token, userId, { expirationTimestamp: inTime })).status).toBe(201);
    }
  });
});

describe('a JWT that is refused', () => {
  it.each<[string, () => Promise<string> | string]>([
    ['signature by another key', () => issuer.forged(claimsFor('readers'))],
    ['algorithm none', () => issuer.unsigned(claimsFor('readers'))],
    ['public key used as a shared secret', () => issuer.confused(claimsFor('readers'))],
    ['wrong audience', () => issuer.token({ ...claimsFor('readers'), aud: 'another-service' })],
    ['no audience', () => issuer.token({ ...claimsFor('readers'), aud: undefined })],
    ['issuer that is not configured', () => issuer.token({ ...claimsFor('readers'), iss: 'https://example.com' })],
    ['expired beyond the clock skew', () => issuer.token({ ...claimsFor('readers'), exp: seconds(-60) })],
    ['no expiry', () => issuer.token({ ...claimsFor('readers'), exp: undefined })],
    ['not valid yet', () => issuer.token({ ...claimsFor('readers'), nbf: seconds(600) })],
    ['key of 1,024 bits', () => issuer.weak(claimsFor('readers'))],
    ['no subject', () => issuer.token({ realm: { roles: ['readers'] } })],
    ['empty subject', () => issuer.token({ sub: '', realm: { roles: ['readers'] } })],
    ['unknown key', () => issuer.token(claimsFor('readers'), { kid: 'unknown' })],
    ['three words', () => 'no.jwt.this'],
    [
      'changed claims',
      async () => {
        const [header, , signature] = (await issuer.token(claimsFor('readers'))).split('.');
        const claims = Buffer.from(JSON.stringify({ iss: issuer.url, aud: 'execution-hooks', sub, exp: seconds(60) }));
        return `${header ?? ''}.${claims.toString('base64url')}.${signature ?? ''}`;
      },
    ],
  ])('for its %s', async (_, token) => {
    expectProblem(await get(await token()), 4);
    expect(await userCalled(sub)).toBeUndefined();
  });

  it('for an algorithm that is not on the list, although the issuer has such a key', async () => {
    await issuer.rotate('ES256');
    expectProblem(await get(await issuer.token(claimsFor('readers'))), 4);
    await issuer.rotate();
  });

  it('is not one that the clock skew excuses', async () => {
    expect((await get(await issuer.token({ ...claimsFor('readers'), exp: seconds(-1), nbf: seconds(3) }))).status).toBe(
      200,
    );
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once, and again for a key that rotates in', async () => {
    await get(await issuer.token(claimsFor('readers')));
    const before = issuer.fetches;
    for (let count = 0; count < 3; count++) await get(await issuer.token(claimsFor('readers')));
    expect(issuer.fetches).toBe(before);

    const old = await issuer.token(claimsFor('readers'));
    await issuer.rotate();
    expect((await get(await issuer.token(claimsFor('readers')))).status).toBe(200);
    expect((await get(old)).status).toBe(200);
    expect(issuer.fetches).toBe(before + 1);

    issuer.withdrawOldKeys();
    await issuer.rotate();
    await get(await issuer.token(claimsFor('readers')));
    expectProblem(await get(old), 4);
  });

  it('are not fetched again within the cooldown, however many tokens name another one', async () => {
    expect((await get(await patient.token(claimsFor('readers')))).status).toBe(200);
    await patient.rotate();
    const tokens = await Promise.all([1, 2, 3].map((number) => patient.token({ ...claimsFor('readers'), number })));
    for (const answer of await Promise.all(tokens.map((token) => get(token)))) expectProblem(answer, 4);
    expect(patient.fetches).toBe(1);
  });

  it('that cannot be had make the service unavailable for its tokens alone', async () => {
    expectProblem(await get(await down.token(claimsFor('readers'))), 24);
    expectProblem(await get(await issuer.token({ ...claimsFor('readers'), iss: UNREACHABLE })), 24);
    expect((await get(await issuer.token(claimsFor('readers')))).status).toBe(200);
    const before = down.fetches;
    for (let count = 0; count < 5; count++) await get(await down.token(claimsFor('readers')));
    expect(down.fetches).toBeLessThanOrEqual(before + 1);
  });
});
