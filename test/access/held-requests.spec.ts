import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiWalk, type Target } from '../support/api-walk.js';
import { committedConformance, type Operation } from '../support/conformance.js';
import { makePerson, type Person } from '../support/people.js';
import { answerOn, connectTo, type RawAnswer } from '../support/raw-http.js';
import { startTestService, type TestService } from '../support/service.js';

/**
 * A request whose headers and first byte come while its caller may do what it asks for, and the rest when they may not
 * any more, is answered as if all of it came now, and writes nothing. Every route that takes a body is held so.
 */

const conformance = committedConformance();

/** What becomes of a caller meanwhile: SQL over their user's id. */
const CHANGES = {
  demoted: `UPDATE role_bindings SET role = 'viewer' WHERE user_id = $1`,
  limited: `UPDATE role_bindings SET role = 'member', role_constraints = '["namespaces:name=''elsewhere''"]'
    WHERE user_id = $1`,
  disabled: `UPDATE users SET is_enabled = 'false' WHERE id = $1`,
  unbound: `DELETE FROM role_bindings WHERE user_id = $1`,
  deleted: `DELETE FROM users WHERE id = $1`,
  revoked: `DELETE FROM tokens WHERE user_id = $1`,
} as const;
type Change = keyof typeof CHANGES;

/** Routes below what is the caller's own, where they differ from those of others. */
const OWN = ['createUserToken', 'replaceUser', 'replaceRoleBinding'];

const OPERATIONS = conformance.operations
  .filter(({ operation }) => operation.requestBody !== undefined)
  .flatMap((operation): [string, Operation, boolean][] => {
    const id = operation.operation.operationId ?? '';
    const others: [string, Operation, boolean] = [id, operation, false];
    return OWN.includes(id) ? [others, [`${id} of their own`, operation, true]] : [others];
  });

let service: TestService;
let walk: ApiWalk;
const received: IncomingMessage[] = [];

beforeAll(async () => {
  service = await startTestService({ FAILED_AUTHENTICATION_LIMIT: '0', LOG_LEVEL: 'error' });
  walk = new ApiWalk(service, conformance);
  service.app.getHttpServer().on('request', (message: IncomingMessage) => received.push(message));
});
afterAll(() => service.stop());

/** A request of which the rest can be sent later. */
interface Held {
  answer(): Promise<RawAnswer>;
}

async function hold(operation: Operation, target: Target, body: string): Promise<Held> {
  const path = operation.path.replace(/\{(\w+)\}/g, (_match, name: string) => target.params[name] ?? '');
  const id = `held-${received.length}`;
  const socket = connectTo(service.url);
  socket.write(
    [
      `${operation.method.toUpperCase()} ${path} HTTP/1.1`,
      'Host: test',
      `Authorization: Bearer ${target.token}`,
      `X-Correlation-ID: ${id}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body.slice(0, 1),
    ].join('\r\n'),
  );
  let message: IncomingMessage | undefined;
  // The route reads the body once everything before it was found to be right.
  while (message === undefined || (message.listenerCount('readable') === 0 && message.readableFlowing !== true)) {
    await new Promise(setImmediate);
    message = received.find(({ headers }) => headers['x-correlation-id'] === id);
  }
  return {
    answer: () => {
      socket.write(body.slice(1));
      return answerOn(socket);
    },
  };
}

/** A digest of everything that is stored, but for when tokens were used. */
async function stored(): Promise<string> {
  const tables = await service.database.query<{ name: string }>({
    text: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  });
  const hash = createHash('sha256');
  for (const { name } of tables) {
    const [row] = await service.database.query<{ rows: string }>({
      text: `SELECT coalesce(string_agg(row, ',' ORDER BY row), '') AS rows
        FROM (SELECT (to_jsonb(t) - 'last_used_at')::text AS row FROM "${name}" AS t) AS rows`,
    });
    hash.update(`${name} ${row?.rows ?? ''}\n`);
  }
  return hash.digest('hex');
}

/** A target of the operation for the person, of their own or not. */
function targetOf(target: Target, person: Person, isOwn: boolean): Target {
  const own = { user_id: person.userID, roleBinding_id: person.roleBindingID };
  return { params: isOwn ? { ...target.params, ...own } : target.params, token: person.token };
}

/** What an answer says, but for what tells it from any other. */
function said({ status, text }: { readonly status: number; readonly text: string }): unknown {
  if (status < 400) return { status };
  return { ...(JSON.parse(text) as Record<string, unknown>), correlationID: '' };
}

async function apply(change: Change, { userID }: Person): Promise<void> {
  await service.database.query({ text: CHANGES[change] }, [userID]);
}

describe.each(OPERATIONS)('%s, held', (_, operation, isOwn) => {
  it.each(Object.keys(CHANGES) as Change[])('while the caller is %s', async (change) => {
    const resources = await walk.target(operation);
    const twin = await makePerson(service, 'owner');
    const person = await makePerson(service, 'owner');
    const [now, then] = [targetOf(resources, twin, isOwn), targetOf(resources, person, isOwn)];
    const [bodyNow, bodyThen] = await Promise.all(
      [now, then].map(async ({ params }) =>
        JSON.stringify(await walk.body(operation, { params, token: service.account.token })),
      ),
    );
    await apply(change, twin);
    const expected = await walk.send(operation, now, { body: String(bodyNow) });

    const held = await hold(operation, then, String(bodyThen));
    await apply(change, person);
    const before = await stored();
    const answer = await held.answer();
    expect(said(answer)).toEqual(said(expected));
    if (answer.status >= 400) expect(await stored()).toBe(before);
    // Only who is limited may do some of it still, and a viewer makes tokens of their own.
    else expect(change === 'limited' || (change === 'demoted' && isOwn)).toBe(true);
  });
});

describe('a caller who would undo what was done to them', () => {
  it('is not made admin again by a request that was held', async () => {
    const admin = await makePerson(service, 'admin');
    const target = { params: { account_id: service.account.accountID, roleBinding_id: admin.roleBindingID } };
    const body = { type: 'application/astra-roleBinding', version: '1.1', role: 'admin' };
    const held = await hold(
      walk.operation('replaceRoleBinding'),
      { ...target, token: admin.token },
      JSON.stringify(body),
    );
    await apply('demoted', admin);
    expect((await held.answer()).status).toBe(403);
    const [binding] = await service.database.query({ text: 'SELECT role FROM role_bindings WHERE user_id = $1' }, [
      admin.userID,
    ]);
    expect(binding).toEqual({ role: 'viewer' });
  });

  it('is not enabled again by one', async () => {
    const owner = await makePerson(service, 'owner');
    const target = { params: { account_id: service.account.accountID, user_id: owner.userID }, token: owner.token };
    const body = { type: 'application/astra-user', version: '1.2', isEnabled: 'true' };
    const held = await hold(walk.operation('replaceUser'), target, JSON.stringify(body));
    await apply('disabled', owner);
    expect((await held.answer()).status).toBe(403);
    const [user] = await service.database.query({ text: `SELECT is_enabled FROM users WHERE id = $1` }, [owner.userID]);
    expect(user).toEqual({ is_enabled: 'false' });
  });
});
