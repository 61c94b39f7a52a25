import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ParameterObject, SchemaObject } from '@nestjs/swagger';
import type { Response } from 'supertest';
import { createAccount, type CreatedAccount } from '../../src/features/accounts/new-account.js';
import { newIdentifier } from '../../src/query/identifier.js';
import { IdempotencyKeysRepository } from '../../src/rest/idempotency/idempotency-keys.repository.js';
import { ApiWalk, Seen, type Target } from '../support/api-walk.js';
import { committedConformance, type Operation } from '../support/conformance.js';
import { documentText } from '../support/openapi-document.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * Walks every operation of `openapi.json` and provokes every answer that it documents: each success in each media type
 * and with each example, each problem. Every answer must be as documented, and every documented one must be seen.
 */

const PROBLEMS = 'https://astra.netapp.io/problems/';

/** What no test can provoke: the unforeseen, and a database that would work the next moment. */
const UNSEEN = [`500 ${PROBLEMS}34`, `503 ${PROBLEMS}41`];

/** A body limit that the examples keep and that a test can exceed. */
const BODY_LIMIT = 64 * 1024;

/** Bodies that break a rule beyond the shape, by resource. */
const AGAINST_THE_RULES: Readonly<Record<string, object>> = {
  executionHook: { matchingCriteria: [{ type: 'podName', value: '(' }] },
  executionHookOverride: { executionHookID: newIdentifier() },
  hookSource: { source: '%' },
  app: { namespaceScopedResources: [{ namespace: 'one', labelSelectors: ['=='] }] },
  roleBinding: { roleConstraints: ['everything'] },
  token: { expirationTimestamp: '2000-01-01T00:00:00Z' },
};

const conformance = committedConformance();
const everyOperation = conformance.operations.map((each) => [each.operation.operationId ?? '', each] as const);

let service: TestService;
let walk: ApiWalk;
/** A service that has lost its database. */
let broken: TestService;
/** A service that takes one bad token an address. */
let strict: TestService;
let viewer: string;
/** Tokens of a user who is disabled, who has lost the role, and who is no owner of a disabled account. */
let disabledUser: string;
let formerUser: string;
let disabledAccount: { readonly accountID: string; readonly token: string };

beforeAll(async () => {
  const limits = { BODY_LIMIT_BYTES: String(BODY_LIMIT), INVENTORY_BODY_LIMIT_BYTES: String(BODY_LIMIT) };
  service = await startTestService({ ...limits, FAILED_AUTHENTICATION_LIMIT: '0' });
  walk = new ApiWalk(service, conformance);
  broken = await startTestService();
  await broken.database.onApplicationShutdown();
  strict = await startTestService({ FAILED_AUTHENTICATION_LIMIT: '1' });

  viewer = (await service.tokenOf('viewer')).token;
  const disabled = await service.tokenOf('owner');
  disabledUser = disabled.token;
  await change(`UPDATE users SET is_enabled = 'false' WHERE id = $1`, disabled.userID);
  const former = await service.tokenOf('owner');
  formerUser = former.token;
  await change('DELETE FROM role_bindings WHERE user_id = $1', former.userID);
  const account = await newAccount();
  disabledAccount = account;
  await change(`UPDATE role_bindings SET role = 'admin' WHERE account_id = $1`, account.accountID);
  await change(`UPDATE accounts SET is_enabled = 'false' WHERE id = $1`, account.accountID);
});
afterAll(() => Promise.all([service.stop(), broken.stop(), strict.stop()]));

async function change(text: string, ...values: readonly string[]): Promise<void> {
  await service.database.query({ text }, values);
}

function newAccount(): Promise<CreatedAccount> {
  return service.database.transaction((transaction) =>
    createAccount(transaction, { name: 'Another', ownerEmail: 'owner@another.example' }),
  );
}

/** The kind of an operation and the resource that it is about: `replace` and `executionHook` of both route families. */
function kindOf({ operation: { operationId = '' } }: Operation): { readonly kind: string; readonly term: string } {
  const [, kind = '', rest = ''] = /^([a-z]+)(?:App|User)?([A-Z]\w+)$/.exec(operationId) ?? [];
  return { kind, term: rest.charAt(0).toLowerCase() + rest.slice(1) };
}

function documents(operation: Operation, status: number): boolean {
  return operation.operation.responses[status] !== undefined;
}

/** Problems of token, role and path, which any operation has, and of the services that cannot serve. */
async function provokeRefusals(operation: Operation, target: Target, seen: Seen): Promise<void> {
  const send = walk.send.bind(walk, operation, target);
  seen.add(await send({ token: null }), 401);
  seen.add(await send({ token: 'unknown' }), 401);
  seen.add(await send({ token: disabledUser }), 403);
  seen.add(await send({ token: formerUser }), 404);
  if (!(operation.operation.description ?? '').includes('Least role: `viewer`')) {
    seen.add(await send({ token: viewer }), 403);
  }
  const { accountID, token } = disabledAccount;
  const params = { ...target.params, account_id: accountID };
  seen.add(await walk.send(operation, { params, token }), 403);
  for (const name of Object.keys(target.params)) {
    if (!operation.path.includes(`{${name}}`)) continue;
    for (const id of [newIdentifier(), 'no-identifier']) {
      seen.add(await walk.send(operation, { ...target, params: { ...target.params, [name]: id } }), 404);
    }
  }
  const strictly = new ApiWalk(strict, conformance);
  // One bad token in a minute is the limit: the first may begin a minute, the second is over it.
  await strictly.send(operation, target, { token: 'unknown' });
  seen.add(await strictly.send(operation, target, { token: 'unknown' }), 429);
  seen.add(await new ApiWalk(broken, conformance).send(operation, target), 503);
}

/** Problems of headers and query. */
async function provokeBadRequests(operation: Operation, target: Target, seen: Seen): Promise<void> {
  const send = walk.send.bind(walk, operation, target);
  if (documents(operation, 400)) seen.add(await send({ query: 'color=red' }), 400);
  if (documents(operation, 406)) seen.add(await send({ headers: { accept: 'text/html' } }), 406);
  if (documents(operation, 412)) {
    seen.add(await send({ headers: { 'if-match': '"another"' } }), 412);
    seen.add(await send({ headers: { 'if-match': 'no entity tag' } }), 400);
  }
}

/** Problems of a request body. */
async function provokeBadBodies(operation: Operation, target: Target, seen: Seen): Promise<void> {
  const send = walk.send.bind(walk, operation, target);
  const { kind, term } = kindOf(operation);
  seen.add(await send({ contentType: 'text/plain', body: '{}' }), 415);
  seen.add(await send({ body: '{' }), 400);
  seen.add(await send({ body: '{}' }), 400);
  seen.add(await send({ body: ' '.repeat(BODY_LIMIT + 1) }), 413);
  const body = await walk.body(operation, target);
  const against = AGAINST_THE_RULES[term];
  if (against !== undefined && seen.documented().includes(`400 ${PROBLEMS}9`)) {
    seen.add(await send({ body: JSON.stringify({ ...body, ...against }) }), 400);
  }
  if (kind === 'create') await provokeIdempotencyKeys(operation, target, seen);
  // Of an account, or a user, there is nothing that another could have taken.
  if (kind === 'create' && term !== 'account' && term !== 'user') {
    const conflicting = JSON.stringify(term === 'token' ? { ...body, userID: newIdentifier() } : body);
    if (term !== 'token') seen.add(await send({ body: conflicting }), 201);
    seen.add(await send({ body: conflicting }), 409);
  }
  if (kind === 'replace' && documents(operation, 409)) {
    seen.add(await send({ body: JSON.stringify({ ...body, id: newIdentifier() }) }), 409);
  }
}

/** What comes of an `Idempotency-Key`. */
async function provokeIdempotencyKeys(operation: Operation, target: Target, seen: Seen): Promise<void> {
  const send = (key: string, body: object): Promise<Response> =>
    walk.send(operation, target, { headers: { 'idempotency-key': key }, body: JSON.stringify(body) });
  const key = newIdentifier();
  const body = await walk.body(operation, target);
  seen.add(await send('two words', body), 400);
  const first = seen.add(await send(key, body), 201);
  const second = seen.add(await send(key, body), 201);
  expect([first, second].map(({ headers }) => headers['idempotent-replayed'] as unknown)).toEqual([undefined, 'true']);
  seen.add(await send(key, { ...body, version: 'another' }), 400);
  seen.add(await send(key, { ...body, metadata: { labels: [] } }), 409);
  const owner = { accountId: target.params.account_id ?? '', userId: service.account.userID };
  await service.database.transaction(async (transaction) => {
    await service.app.get(IdempotencyKeysRepository).tryLock(transaction, owner, 'under-way');
    seen.add(await send('under-way', body), 409);
  });
}

/** Problems that only one resource has. */
async function provokeOwnProblems(operation: Operation, target: Target, seen: Seen): Promise<void> {
  const send = walk.send.bind(walk, operation, target);
  const { params } = target;
  const { kind, term } = kindOf(operation);
  const isWrite = kind === 'replace' || kind === 'delete';
  const body = kind === 'create' || kind === 'replace' ? await walk.body(operation, target) : {};
  switch (term) {
    case 'executionHook':
      if (kind === 'create') seen.add(await send({ body: JSON.stringify({ ...body, hookType: 'netapp' }) }), 403);
      if (isWrite) {
        // One without an app is there for an app when it matches a container of it.
        if (params.app_id !== undefined) {
          const put = walk.operation('replaceInventory');
          await walk.send(put, target, { body: JSON.stringify(await walk.body(put, target)) });
        }
        await walk.makeNetapp(params.executionHook_id ?? '');
        seen.add(await send({ body: JSON.stringify(body) }), 403);
      }
      return;
    case 'hookSource': {
      if (!isWrite) return;
      const id = params.hookSource_id ?? '';
      if (kind === 'delete') {
        const create = walk.operation('createExecutionHook');
        const hook = { ...(await walk.body(create, target)), hookSourceID: id };
        expect((await walk.send(create, target, { body: JSON.stringify(hook) })).status).toBe(201);
        seen.add(await send(), 403);
      }
      await change(`UPDATE hook_sources SET preloaded = 'true' WHERE id = $1`, id);
      seen.add(await send({ body: JSON.stringify(body) }), 403);
      return;
    }
    case 'inventory': {
      if (kind !== 'replace') return;
      const [, pods] = walk.examples(operation)[0] ?? [];
      const items = pods?.items as readonly unknown[];
      seen.add(await send({ body: JSON.stringify({ ...pods, items: [...items, ...items] }) }), 400);
      return;
    }
    case 'user':
    case 'roleBinding': {
      if (kind !== 'delete') return;
      const account = await newAccount();
      const list = walk.operation('listRoleBindings');
      const owned = { params: { account_id: account.accountID }, token: account.token };
      const { items } = (await walk.send(list, owned)).body as { items: readonly { id: string; userID: string }[] };
      const [binding] = items;
      const last = {
        ...owned,
        params: { ...owned.params, user_id: binding?.userID ?? '', roleBinding_id: binding?.id ?? '' },
      };
      seen.add(await walk.send(operation, last), 409);
      return;
    }
    default:
      return;
  }
}

/** The successes: with each example, and in each media type of request and answer. */
async function provokeSuccesses(operation: Operation, seen: Seen): Promise<void> {
  const [status = 0] = Object.keys(operation.operation.responses).map(Number);
  const answerTypes = Object.keys(conformance.response(operation, status)?.content ?? { '*/*': {} });
  const accepted = answerTypes.map((accept) => ({ accept }));
  const { kind } = kindOf(operation);
  if (kind === 'create' || kind === 'replace') {
    for (const contentType of walk.requestTypes(operation)) {
      for (const [name] of walk.examples(operation)) {
        for (const headers of accepted) {
          const target = await walk.target(operation);
          const body = JSON.stringify(await walk.body(operation, target, name));
          seen.add(await walk.send(operation, target, { contentType, body, headers }), status);
        }
      }
    }
    return;
  }
  const account = operation.operation.operationId === 'deleteAccount' ? await newAccount() : undefined;
  const target =
    account === undefined
      ? await walk.target(operation)
      : { params: { account_id: account.accountID }, token: account.token };
  for (const headers of accepted) {
    seen.add(await walk.send(operation, target, { headers }), status);
    if (kind === 'list') await provokeLists(operation, target, headers, seen);
  }
}

/** What is read of a parameter. */
type Documented = Pick<ParameterObject, 'name' | 'schema'> & { readonly example?: unknown };

/** A list with every parameter that it documents, one at a time, and what comes of a bad one. */
async function provokeLists(
  operation: Operation,
  target: Target,
  headers: Readonly<Record<string, string>>,
  seen: Seen,
): Promise<void> {
  for (const reference of operation.operation.parameters ?? []) {
    const { name, schema, example } = conformance.resolve<Documented>(reference);
    const { examples } = (schema ?? {}) as SchemaObject;
    const value = String((Array.isArray(examples) ? examples[0] : undefined) ?? example ?? '1');
    const query = `${name}=${encodeURIComponent(value)}`;
    if (name !== 'continue') seen.add(await walk.send(operation, target, { headers, query }), 200);
    seen.add(await walk.send(operation, target, { headers, query: `${name}=` }), 400);
  }
}

describe('every documented operation', () => {
  it('is there', () => {
    expect(everyOperation.length).toBeGreaterThan(40);
  });

  it.each(everyOperation)('%s answers as documented, and whatever is documented', async (_operationId, operation) => {
    const seen = new Seen(conformance, operation);
    await provokeRefusals(operation, await walk.target(operation), seen);
    await provokeBadRequests(operation, await walk.target(operation), seen);
    if (walk.requestTypes(operation).length > 0) {
      await provokeBadBodies(operation, await walk.target(operation), seen);
    }
    await provokeOwnProblems(operation, await walk.target(operation), seen);
    await provokeSuccesses(operation, seen);
    expect(seen.violations).toEqual([]);
    expect(seen.missing().filter((answer) => !UNSEEN.includes(answer))).toEqual([]);
  });

  it('of an inventory takes a compressed body', async () => {
    const operation = walk.operation('replaceInventory');
    const target = await walk.target(operation);
    const seen = new Seen(conformance, operation);
    const body = gzipSync(JSON.stringify(await walk.body(operation, target)));
    seen.add(await walk.send(operation, target, { headers: { 'content-encoding': 'gzip' }, body }), 200);
    expect(seen.violations).toEqual([]);
  });
});

describe('the document', () => {
  const committed = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');

  it('is served as it is committed', async () => {
    const response = await service.sendBare('get', '/openapi.json');
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(documentText(JSON.parse(response.text) as Parameters<typeof documentText>[0])).toBe(committed);
  });

  it.each([
    [{ BASE_PATH: '/hooks' }, '/hooks', '/hooks'],
    [{ PUBLIC_URL: 'https://proxy.example/base' }, '', '/base'],
    [{ PUBLIC_URL: 'https://proxy.example' }, '', '/'],
  ])('is served with the path that clients see for %j', async (env, prefix, server) => {
    const other = await startTestService(env);
    try {
      const response = await other.sendBare('get', `${prefix}/openapi.json`);
      expect(response.body).toEqual({ ...(JSON.parse(committed) as object), servers: [{ url: server }] });
      expect((await other.sendBare('get', `${prefix}/docs/`)).status).toBe(200);
    } finally {
      await other.stop();
    }
  });
});
