import { readFileSync } from 'node:fs';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { declaredAccess, declaredOwn } from '../../src/access/access.guard.js';
import { UnmatchedController } from '../../src/rest/unmatched.controller.js';
import { installNetappHooks } from '../../src/features/netapp-hooks/netapp-hooks.js';
import { routeHandlers } from '../../src/rest/openapi/route-handlers.js';
import { openAccount } from '../support/accounts.js';
import { makePerson } from '../support/people.js';
import {
  appBody,
  createApp,
  createHook,
  createHookSource,
  type Fields,
  hookBody,
  hookSourceBody,
  readItems,
  uniqueName,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * The table of docs/access.md is the specification: every cell of it is sent to the service. It has every route that
 * the service has, and no other.
 */
const TABLE = readTable(readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8'));

const COLUMNS = [
  'no token',
  'foreign',
  'viewer',
  'member',
  'limited',
  'limited, outside',
  'admin',
  'owner',
  'disabled',
  'revoked',
  'expired',
] as const;
type Column = (typeof COLUMNS)[number];

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One row: a route, whose tokens it is about where that matters, and what each caller is answered. */
interface Row {
  readonly method: Method;
  /** As documented, with `A` for the account. */
  readonly path: string;
  readonly isOwn: boolean;
  /** The route as the table has it, with what follows it. */
  readonly name: string;
  readonly answers: Readonly<Record<string, string>>;
}

function readTable(markdown: string): readonly Row[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  const head = lines.findIndex((line) => line.startsWith('| Route '));
  const cells = (line: string): string[] =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
  const [, ...columns] = cells(lines[head] ?? '');
  return lines.slice(head + 2).flatMap((line) => {
    const [route = '', ...answers] = cells(line);
    const found = /^`([A-Z]+) ([^`]+)`(.*)$/.exec(route);
    if (found === null) return [];
    const [, method, path = '', rest = ''] = found;
    return [
      {
        method: method as Method,
        path,
        isOwn: rest.includes('own'),
        name: `${method ?? ''} ${path}${rest}`,
        answers: Object.fromEntries(columns.map((column, index) => [column, answers[index] ?? ''])),
      },
    ];
  });
}

/** An account, and everybody who may knock at it. */
interface World {
  readonly service: TestService;
  readonly tokens: Readonly<Record<Column, string | undefined>>;
  readonly users: Readonly<Record<Column, string>>;
  readonly netappHookId: string;
}

let service: TestService;
let world: World;

beforeAll(async () => {
  service = await startTestService({ FAILED_AUTHENTICATION_LIMIT: '0', LOG_LEVEL: 'error' });
  world = await makeWorld();
});
afterAll(() => service.stop());

async function makeWorld(): Promise<World> {
  const of = await openAccount(service);
  const limited = await makePerson(of, 'member', { roleConstraints: ["namespaces:name='inside'"] });
  const people = {
    viewer: await makePerson(of, 'viewer'),
    member: await makePerson(of, 'member'),
    limited,
    'limited, outside': limited,
    admin: await makePerson(of, 'admin'),
    disabled: await makePerson(of, 'owner'),
    revoked: await makePerson(of, 'owner'),
    expired: await makePerson(of, 'owner', { expiresAt: '2001-01-01T00:00:00Z' }),
  };
  await service.database.query({ text: `UPDATE users SET is_enabled = 'false' WHERE id = $1` }, [
    people.disabled.userID,
  ]);
  await service.database.query({ text: 'DELETE FROM tokens WHERE id = $1' }, [people.revoked.tokenID]);
  await service.database.transaction((transaction) =>
    installNetappHooks(transaction, of.account.accountID, {
      hookSources: [{ name: 'netapp', description: null, source: 'dHJ1ZQo=' }],
      hooks: [
        {
          version: '1.2',
          name: 'netapp',
          description: null,
          hookSource: 'netapp',
          action: 'snapshot',
          stage: 'pre',
          arguments: [],
          matchingCriteria: [],
          enabled: 'true',
        },
      ],
    }),
  );
  const [hook] = await readItems<[string]>(of.send('get', '/core/v1/executionHooks?include=id'));
  const stranger = (await openAccount(service)).account;
  const owner = of.account;
  const each = <T>(value: (person: { readonly token: string; readonly userID: string }) => T): Record<string, T> =>
    Object.fromEntries(
      Object.entries({ ...people, owner, foreign: stranger }).map(([column, one]) => [column, value(one)]),
    );
  return {
    service: of,
    tokens: each(({ token }) => token) as World['tokens'],
    users: { ...each(({ userID }) => userID), 'no token': owner.userID } as World['users'],
    netappHookId: hook?.[0] ?? '',
  };
}

/** A request that is as good as its sender may make it. */
interface Request {
  readonly path: string;
  readonly body?: Fields;
}

/** Makes the resources that a row is about, for one caller, and the request. */
async function prepare(
  { method, path, isOwn }: Row,
  column: Column,
  { service: of, users, netappHookId }: World,
): Promise<Request> {
  const namespaceScopedResources = [{ namespace: column === 'limited, outside' ? 'outside' : 'inside' }];
  const params: Record<string, string> = {};
  const has = (text: string): boolean => path.includes(text);
  const needsApp = has('{app_id}') || has('executionHook');
  const app = needsApp ? await createApp(of, { namespaceScopedResources }) : undefined;
  params.app_id = app?.id ?? '';
  const source = has('executionHook') || has('{hookSource_id}') ? await createHookSource(of) : undefined;
  params.hookSource_id = source?.id ?? '';
  const references = { appID: params.app_id, hookSourceID: params.hookSource_id };
  if (has('{executionHook_id}') || (has('{hookSource_id}') && method === 'PUT')) {
    const appID = app?.id ?? (await createApp(of, { namespaceScopedResources })).id;
    params.executionHook_id = (await createHook(of, { ...references, appID })).id;
  }
  if (has('{executionHookOverride_id}')) {
    const override = await of.send('post', `/k8s/v1/apps/${params.app_id}/executionHookOverrides`).send({
      type: 'application/astra-executionHookOverride',
      version: '1.0',
      executionHookID: netappHookId,
      enabled: 'false',
    });
    params.executionHookOverride_id = (override.body as { id: string }).id;
  }
  const user = has('users') || has('roleBindings') ? await makePerson(of, 'viewer') : undefined;
  const ownUser = users[column];
  params.user_id = isOwn ? ownUser : (user?.userID ?? '');
  params.roleBinding_id = user?.roleBindingID ?? '';
  params.token_id = user?.tokenID ?? '';
  if (isOwn && has('{token_id}')) params.token_id = await tokenOf(of, ownUser);
  if (has('roleBindings') && method === 'POST') {
    await service.database.query({ text: 'DELETE FROM role_bindings WHERE user_id = $1' }, [user?.userID]);
  }
  if (has('{cloud_id}')) {
    const clouds = (await of.send('get', '/topology/v1/clouds')).body as { items: { id: string }[] };
    params.cloud_id = clouds.items[0]?.id ?? '';
  }
  const body = bodyOf(method, path, { ...references, userID: user?.userID, namespaceScopedResources, netappHookId });
  const account = `/accounts/${of.account.accountID}`;
  return {
    path: path.replace(/^A(?=\/|$)/, account).replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? ''),
    ...(body === undefined ? {} : { body }),
  };
}

/** A further token of a user, made by nobody. */
async function tokenOf(of: TestService, userId: string): Promise<string> {
  const [token] = await service.database.query<{ id: string }>(
    {
      text: `
        INSERT INTO tokens (account_id, id, user_id, name, token_sha256, created_by)
        VALUES ($1, gen_random_uuid(), $2, 'further', sha256(gen_random_uuid()::text::bytea), $2)
        RETURNING id`,
    },
    [of.account.accountID, userId],
  );
  return token?.id ?? '';
}

function bodyOf(method: Method, path: string, ids: Fields): Fields | undefined {
  const [type, version, fields] = bodyParts(path, ids);
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (path.endsWith('/inventory')) return { kind: 'PodList', apiVersion: 'v1', items: [] };
  const head = { type: `application/astra-${type}`, version };
  return method === 'POST' ? { ...fields, ...head } : head;
}

function bodyParts(path: string, ids: Fields): readonly [type: string, version: string, fields: Fields] {
  const { appID, hookSourceID, userID, namespaceScopedResources, netappHookId } = ids;
  if (path.includes('/executionHookOverrides')) {
    return ['executionHookOverride', '1.0', { executionHookID: netappHookId, enabled: 'false' }];
  }
  if (path.includes('/executionHooks')) {
    return ['executionHook', '1.2', hookBody({ appID: String(appID), hookSourceID: String(hookSourceID) })];
  }
  if (path.includes('/hookSources')) return ['hookSource', '1.0', hookSourceBody()];
  if (path.includes('/apps')) return ['app', '2.2', appBody({ namespaceScopedResources })];
  if (path.includes('/tokens')) return ['token', '1.0', { name: 'made' }];
  if (path.includes('/users')) return ['user', '1.2', { email: `${uniqueName('made')}@test.example` }];
  if (path.includes('/roleBindings')) return ['roleBinding', '1.1', { userID, role: 'viewer' }];
  return ['account', '1.0', { name: uniqueName('account') }];
}

/** The answer as a cell of the table has it. */
function cellOf({ status, text, headers }: Response): string {
  if (status < 400) return String(status);
  expect((headers as Record<string, string>)['content-type']).toMatch(/^application\/problem\+json/);
  const problem = JSON.parse(text) as { type: string; status: string };
  expect(problem.status).toBe(String(status));
  return `${status} (${/\d+$/.exec(problem.type)?.[0] ?? problem.type})`;
}

describe('the table of docs/access.md', () => {
  it('has a column for each kind of caller', () => {
    for (const { answers } of TABLE) expect(Object.keys(answers)).toEqual([...COLUMNS]);
  });

  it('has every route of the service, and no other', () => {
    const routes = routeHandlers(service.app)
      .filter(({ controller }) => controller !== UnmatchedController)
      .map(({ controller, handler }) => {
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        const path = [controller, handler]
          .map((each) => String(Reflect.getMetadata(PATH_METADATA, each)).replace(/^\/+|\/+$/g, ''))
          .filter((part) => part !== '')
          .join('/');
        const documented = `/${path}`.replace(/:(\w+)/g, '{$1}').replace(/^\/accounts\/\{account_id\}/, 'A');
        return `${method} ${documented}`;
      });
    const documented = TABLE.map(({ method, path }) => `${method} ${path}`).filter(
      (route) => !route.includes('anything'),
    );
    expect([...new Set(documented)].sort()).toEqual(routes.sort());
  });

  it.each(TABLE.map((row) => [row.name, row] as const))('holds for %s', async (_, row) => {
    const actual: Record<string, string> = {};
    // The owner may delete the account, and does so last.
    const inWorld = row.name === 'DELETE A' ? await makeWorld() : world;
    for (const column of [...COLUMNS].sort((a, b) => Number(a === 'owner') - Number(b === 'owner'))) {
      const { path, body } = await prepare(row, column, inWorld);
      const request = service.sendBare(row.method.toLowerCase() as 'get', path);
      const token = inWorld.tokens[column];
      if (token !== undefined) void request.set('authorization', `Bearer ${token}`);
      actual[column] = cellOf(await (body === undefined ? request : request.send(body)));
    }
    expect(actual).toEqual(row.answers);
  });
});

describe('every route', () => {
  it('declares who may use it, and is public only where it has to be', () => {
    const routes = routeHandlers(service.app).map(({ controller, handler, name }) => ({
      name,
      access: declaredAccess(handler, controller),
    }));
    expect(routes.filter(({ access }) => access === undefined)).toEqual([]);
    expect(routes.filter(({ access }) => access === 'public').map(({ name }) => name)).toEqual([
      'UnmatchedController.answer',
      'HealthController.healthz',
      'HealthController.readyz',
    ]);
  });

  it('that changes something needs at least a member, but for one’s own tokens', () => {
    const lax = routeHandlers(service.app).filter(({ controller, handler }) => {
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
      const access = declaredAccess(handler, controller);
      return method !== RequestMethod.GET && (access === 'viewer' || declaredOwn(handler) !== undefined);
    });
    expect(lax.map(({ name }) => name)).toEqual(['TokensController.create', 'TokensController.delete']);
  });
});
