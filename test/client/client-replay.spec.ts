import { createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newBearerToken } from '../../src/access/bearer-token.js';
import { DEMO_HOOKS } from '../../src/demo/demo-data.js';
import { DEMO } from '../../src/rest/openapi/demo-identifiers.js';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { type DemoService, startDemoService } from '../support/demo-service.js';
import { type HttpsAnswer, HttpsClient } from '../support/https-client.js';
import { insertNetappHook } from '../support/netapp-hooks.js';
import { expectProblem } from '../support/problems.js';
import {
  pathBelowAccount,
  pythonJson,
  RECORDED_COMMANDS,
  type RecordedCommand,
  recordedCommand,
  type RecordedRequest,
  recordedRequest,
  sendRecorded,
} from '../support/recorded-commands.js';

/**
 * What the client reads of each kind of resource, by the last segment of the collection's path (docs/api.md, section
 * 9).
 */
const FIELDS_READ: Readonly<Record<string, readonly string[]>> = {
  apps: ['id', 'name', 'clusterName', 'clusterID', 'namespaces', 'state'],
  executionHooks: [
    'id',
    'name',
    'appID',
    'hookSourceID',
    'stage',
    'action',
    'arguments',
    'matchingCriteria',
    'matchingImages',
  ],
  hookSources: ['id', 'name', 'description', 'source'],
};

type Resource = Readonly<Record<string, unknown>>;

/** What came of one recorded request. */
interface Exchange {
  readonly request: RecordedRequest;
  readonly answer: HttpsAnswer;
}

/** A command with what has to be there for it, and with what differs from the recording, where anything does. */
interface Presupposed {
  /** Changes the demo; without it the command finds the demo as it is. */
  readonly prepare?: (demo: DemoService) => Promise<unknown>;
  /** The same command of another user: the recorded request with another body. */
  readonly body?: (request: RecordedRequest) => unknown;
  /** Another token than the demo's owner has. */
  readonly token?: () => string;
}

const PRESUPPOSED: Readonly<Record<string, Presupposed>> = {
  'create script': { prepare: renameDemoScript },
  'destroy script': { prepare: deleteDemoHooks },
  'create hook, refused 409': {
    prepare: (demo) => replay(demo, recordedCommand('create hook, no filter, no arguments')),
  },
  // A file of Windows, which no container's shell would run: the only 400 that a client can send with this command.
  'create script, refused 400': {
    body: ({ body }) => ({ ...(body as object), source: Buffer.from('#!/bin/sh\r\necho hi').toString('base64') }),
  },
  'list apps, refused 401': { token: newBearerToken },
};

async function renameDemoScript(demo: DemoService): Promise<void> {
  const body = { type: 'application/astra-hookSource', version: '1.0', name: 'renamed' };
  expect(await demo.call('PUT', `core/v1/hookSources/${DEMO.hookSourceID}`, body)).toMatchObject({ status: 204 });
}

async function deleteDemoHooks(demo: DemoService): Promise<void> {
  for (const { id } of DEMO_HOOKS) {
    expect(await demo.call('DELETE', `core/v1/executionHooks/${id}`)).toMatchObject({ status: 204 });
  }
}

/** Sends a command's requests in their order, each over a connection of its own. */
async function replay(demo: DemoService, { command, requests }: RecordedCommand): Promise<Exchange[]> {
  const { body, token = demo.token } = PRESUPPOSED[command] ?? {};
  const bearer = token();
  const exchanges: Exchange[] = [];
  for (const recorded of requests) {
    const isWrite = recorded.method !== 'GET';
    const request = isWrite && body !== undefined ? { ...recorded, body: body(recorded) } : recorded;
    exchanges.push({ request, answer: await sendRecorded(demo.client, bearer, request) });
  }
  return exchanges;
}

/** Checks an answer as far as every answer can be: by what its request is. */
function expectUsable({ answered }: RecordedCommand, { request, answer }: Exchange): void {
  const key = `${request.method} ${pathBelowAccount(request)}`;
  const isClouds = key === 'GET topology/v1/clouds';
  if (answered !== undefined && (new RegExp(answered.match).test(key) || (isClouds && answered.status === 401))) {
    // The client shows the text and the reason phrase.
    expect(answer).toMatchObject({ status: answered.status, reason: expect.stringMatching(/./) });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    return;
  }
  expect({ key, status: answer.status, text: answer.status < 400 ? '' : answer.text }).toEqual({
    key,
    status: { GET: 200, POST: 201, PUT: 204, DELETE: 204 }[request.method],
    text: '',
  });
  if (answer.status === 204) {
    expect(answer.text).toBe('');
    expect(answer.headers).not.toHaveProperty('content-type');
    return;
  }
  const accept = request.headers.accept ?? request.headers.Accept;
  expect(answer.headers['content-type']).toBe(isClouds || accept === '*/*' ? 'application/json' : accept);
  if (isClouds) {
    expect(JSON.parse(answer.text)).toMatchObject({ items: [{ name: 'private' }] });
    return;
  }
  const [, fields = []] = Object.entries(FIELDS_READ).find(([kind]) => request.path.endsWith(`/${kind}`)) ?? [];
  expect(fields).not.toHaveLength(0);
  const resources = request.method === 'POST' ? [JSON.parse(answer.text) as Resource] : items(answer);
  expect(resources).not.toHaveLength(0);
  const described = request.method === 'GET' ? fields : fields.filter((field) => field !== 'description');
  for (const resource of resources) expect(Object.keys(resource)).toEqual(expect.arrayContaining([...described]));
}

/** One of a command's exchanges, counted from the end where `index` is negative. */
function at(exchanges: readonly Exchange[], index: number): Exchange {
  const exchange = exchanges.at(index);
  if (exchange === undefined) throw new Error(`The command has no request ${index}.`);
  return exchange;
}

function items({ text }: HttpsAnswer): readonly Resource[] {
  return (JSON.parse(text) as { items: readonly Resource[] }).items;
}

function named(resources: readonly Resource[]): unknown[] {
  return resources.map(({ name }) => name);
}

describe('a recorded request', () => {
  it('goes out byte for byte as the client sent it', async () => {
    const { cert, key } = await selfSignedPair();
    let received = '';
    const server = createServer({ cert, key }, (socket) => {
      socket.on('data', (data: Buffer) => {
        received += data.toString('latin1');
        if (received.endsWith('}')) socket.end('HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new HttpsClient(`https://127.0.0.1:${port}`, cert, 0);
    const answer = await sendRecorded(client, 'secret', recordedRequest('destroy script', 1));
    client.close();
    server.close();
    expect(answer).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(received.split('\r\n')).toEqual([
      'DELETE /accounts/11111111-2222-4333-8444-555555555555/core/v1/hookSources/50e89023-ba84-435d-bb47-1833f4c250ff HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      'User-Agent: python-requests/2.28.1',
      'Accept-Encoding: gzip, deflate',
      'accept: application/astra-hookSource+json',
      'Connection: keep-alive',
      'Authorization: Bearer secret',
      'Content-Type: application/astra-hookSource+json',
      'Content-Length: 58',
      '',
      '{"type": "application/astra-hookSource", "version": "1.0"}',
    ]);
  });

  it('has a body as Python writes JSON', () => {
    expect(pythonJson({ a: [1, null, true], b: {}, c: [], d: 'é\n"\u{1f600}' })).toBe(
      '{"a": [1, null, true], "b": {}, "c": [], "d": "\\u00e9\\n\\"\\ud83d\\ude00"}',
    );
  });
});

describe.each(['account', 'app'])('with HOOK_NAME_SCOPE=%s, the client replayed over TLS', (scope) => {
  let demo: DemoService;
  beforeAll(async () => {
    demo = await startDemoService({ HOOK_NAME_SCOPE: scope });
  });
  beforeEach(() => demo.reset());
  afterAll(() => demo.stop());

  const run = async (command: string): Promise<readonly Exchange[]> => {
    await PRESUPPOSED[command]?.prepare?.(demo);
    return replay(demo, recordedCommand(command));
  };

  const commands = RECORDED_COMMANDS.filter(({ command }) => scope === 'app' || command !== 'copy hooks');
  it.each(commands.map((recorded) => [recorded.command, recorded] as const))(
    '%s: every request is answered as the client needs it',
    async (command, recorded) => {
      const exchanges = await run(command);
      expect(exchanges).toHaveLength(recorded.requests.length);
      for (const exchange of exchanges) expectUsable(recorded, exchange);
    },
  );

  it('create script: the script is in the list, with the source as it was sent', async () => {
    await run('create script');
    const script = items(await demo.call('GET', 'core/v1/hookSources')).find(({ name }) => name === 'payroll-script');
    expect(script).toMatchObject({ source: 'IyEvYmluL3NoCmVjaG8gaGk=', description: 'freeze and thaw' });
  });

  it('update script: the name that it leaves out stays, and the list that it asks for has the new source', async () => {
    const exchanges = await run('update script');
    expect(items(at(exchanges, 0).answer)).not.toMatchObject([{ source: 'IyEvYmluL3NoCmVjaG8gaGk=' }]);
    expect(items(at(exchanges, 2).answer)).toMatchObject([
      {
        id: DEMO.hookSourceID,
        name: 'payroll-script',
        source: 'IyEvYmluL3NoCmVjaG8gaGk=',
        description: 'Freezes and thaws the payroll database',
      },
    ]);
  });

  it('destroy script: it is gone', async () => {
    await run('destroy script');
    expect(items(await demo.call('GET', 'core/v1/hookSources'))).toEqual([]);
  });

  it('destroy script, refused 403: says which problem it is, and the script is still there', async () => {
    const exchanges = await run('destroy script, refused 403');
    expectProblem(at(exchanges, 1).answer, 72);
    expect(items(await demo.call('GET', 'core/v1/hookSources'))).toHaveLength(1);
  });

  it('create hook: what it sent is what it gets, with null arguments as none', async () => {
    const created = async (command: string): Promise<Resource> => {
      const { answer, request } = at(await run(command), -1);
      const sent = request.body as Resource;
      const resource = JSON.parse(answer.text) as Resource;
      expect(resource).toMatchObject({ ...sent, arguments: sent.arguments ?? [] });
      return resource;
    };
    expect(await created('create hook, no filter, no arguments')).toMatchObject({ arguments: [] });
    // Its six filters are for another app's containers.
    expect(await created('create hook, arguments and every filter')).toMatchObject({ matchingImages: [] });
    await created('create hook, post-restore');
    await created('create hook, post-failover');
    await created('create hook, fast');
    const hooks = items(await demo.call('GET', `k8s/v1/apps/${DEMO.appID}/executionHooks`));
    expect(named(hooks)).toEqual(['payroll-freeze', 'payroll-thaw', 'h1', 'h2', 'h3', 'h4', 'h5']);
  });

  it('create hook, refused 409: names the field, and the clouds list is there with the refused request’s headers', async () => {
    const exchanges = await run('create hook, refused 409');
    expectProblem(at(exchanges, 2).answer, 10, ['name']);
    expect(at(exchanges, 3).request.headers).toEqual(at(exchanges, 2).request.headers);
    expect(at(exchanges, 3).answer.status).toBe(200);
  });

  it('create script, refused 400: names the field, and nothing is stored', async () => {
    expectProblem(at(await run('create script, refused 400'), 0).answer, 9, ['source']);
    expect(items(await demo.call('GET', 'core/v1/hookSources'))).toHaveLength(1);
  });

  it('list apps, refused 401: the clouds list says the same, by which the client tells a bad token', async () => {
    const exchanges = await run('list apps, refused 401');
    expectProblem(at(exchanges, 0).answer, 4);
    expectProblem(at(exchanges, 1).answer, 4);
  });

  it('destroy hook: the core route deletes it, whatever type the body names', async () => {
    await run('destroy hook');
    const hooks = items(await demo.call('GET', 'core/v1/executionHooks'));
    expect(named(hooks)).toEqual(['payroll-thaw', 'postgresql-checkpoint']);
  });

  it('list hooks: the images that each hook matches now', async () => {
    const exchanges = await run('list hooks');
    const matched = ({ answer }: Exchange): unknown[] =>
      items(answer).map(({ name, matchingImages }) => [name, matchingImages]);
    expect(matched(at(exchanges, 1))).toEqual([
      ['payroll-freeze', ['docker.io/bitnami/payroll:3.7.8']],
      ['payroll-thaw', ['docker.io/bitnami/payroll:3.7.8']],
    ]);
    expect(matched(at(exchanges, 2))).toEqual([['postgresql-checkpoint', [expect.stringMatching(/\bpostgresql\b/)]]]);
  });

  it('unmanage app: the app is gone, and its hooks with it', async () => {
    await run('unmanage app');
    expect(named(items(await demo.call('GET', 'k8s/v2/apps')))).toEqual(['payroll-east']);
    expect(named(items(await demo.call('GET', 'core/v1/executionHooks')))).toEqual(['payroll-freeze', 'payroll-thaw']);
  });

  /** What the client does for `copy hooks`, with what its list of hooks is answered rather than what was recorded. */
  const copyHooks = async (): Promise<HttpsAnswer[]> => {
    const create = recordedRequest('copy hooks', 3);
    const hooks = items(await sendRecorded(demo.client, demo.token(), recordedRequest('copy hooks', 2)));
    const answers: HttpsAnswer[] = [];
    for (const { name, hookSourceID, stage, action, arguments: args, matchingCriteria } of hooks) {
      const copied = { name, hookSourceID, stage, action, arguments: args, matchingCriteria };
      const request = { ...create, body: { ...(create.body as object), ...copied } };
      answers.push(await sendRecorded(demo.client, demo.token(), request));
    }
    return answers;
  };
  const namesOfOtherApp = async (): Promise<unknown[]> =>
    named(items(await demo.call('GET', `k8s/v1/apps/${DEMO.otherAppID}/executionHooks`)));

  if (scope === 'account') {
    it('copy hooks: is refused, saying that the name is taken', async () => {
      const exchanges = await run('copy hooks');
      expectProblem(at(exchanges, -1).answer, 10, ['name']);
      expect(at(exchanges, -1).answer.text).toContain('is taken');
      for (const answer of await copyHooks()) expectProblem(answer, 10, ['name']);
      expect(await namesOfOtherApp()).toEqual(['postgresql-checkpoint']);
    });
    return;
  }

  it('copy hooks: the other app has them too', async () => {
    expect(await copyHooks()).toMatchObject([{ status: 201 }, { status: 201 }]);
    expect(await namesOfOtherApp()).toEqual(['postgresql-checkpoint', 'payroll-freeze', 'payroll-thaw']);
    // Not a second time.
    for (const answer of await copyHooks()) expectProblem(answer, 10, ['name']);
  });

  it('copy hooks: takes the netapp hooks that match too, as hooks of the app', async () => {
    const account = { ...demo.account, accountID: DEMO.accountID };
    await insertNetappHook({ ...demo, account }, DEMO.hookSourceID, [{ type: 'containerImage', value: 'payroll' }]);
    expect(await copyHooks()).toMatchObject([{ status: 201 }, { status: 201 }, { status: 201 }]);
    const copies = items(await demo.call('GET', `k8s/v1/apps/${DEMO.otherAppID}/executionHooks`));
    expect(copies).toHaveLength(4);
    for (const copy of copies) expect(copy).toMatchObject({ hookType: 'custom', appID: DEMO.otherAppID });
  });
});
