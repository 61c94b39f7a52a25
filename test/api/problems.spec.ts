import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAccount } from '../support/accounts.js';
import { invalidParams, expectPlainProblem, expectProblem } from '../support/problems.js';
import { sendRaw } from '../support/raw-http.js';
import {
  createHook,
  createHookSource,
  createReferences,
  type ExecutionHook,
  hookBody,
  type HookReferences,
  readHook,
  UNKNOWN_ID,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';

let service: TestService;
let account: string;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  account = `/accounts/${service.account.accountID}`;
  references = await createReferences(service);
});
afterAll(() => service.stop());

describe('the token', () => {
  it.each([
    ['no Authorization', undefined],
    ['another scheme', 'Basic b3duZXI6c2VjcmV0'],
    ['nothing in Authorization', ''],
  ])('is missing with %s', async (_, authorization) => {
    const request = service.sendBare('get', account + HOOKS);
    const answer = await (authorization === undefined ? request : request.set('authorization', authorization));
    expectProblem(answer, 3);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it.each([
    ['is unknown', 'Bearer ehooks_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['is empty', 'Bearer '],
    ['is two words', 'Bearer one two'],
    ['has letters that no token has', 'Bearer \u00e9'],
  ])('is invalid when it %s', async (_, authorization) => {
    const answer = await service.sendBare('get', account + HOOKS).set('authorization', authorization);
    expectProblem(answer, 4);
    expect(answer.headers['www-authenticate']).toMatch(/error="invalid_token"/);
  });

  it('is invalid from the moment it is revoked', async () => {
    const { userID, token } = await service.tokenOf('member');
    const request = () => service.sendBare('get', account + HOOKS).set('authorization', `Bearer ${token}`);
    expect((await request()).status).toBe(200);
    await service.database.query({ text: 'DELETE FROM tokens WHERE user_id = $1' }, [userID]);
    expectProblem(await request(), 4);
  });

  it('is taken whatever the case of its scheme', async () => {
    const request = service.sendBare('get', account + HOOKS);
    expect((await request.set('authorization', `bearer ${service.account.token}`)).status).toBe(200);
  });

  it('is good for nothing when its user is disabled', async () => {
    const { userID, token } = await service.tokenOf('member');
    await service.database.query({ text: `UPDATE users SET is_enabled = 'false' WHERE id = $1` }, [userID]);
    expectProblem(await service.sendBare('get', account + HOOKS).set('authorization', `Bearer ${token}`), 14);
  });
});

describe('the role', () => {
  it.each([
    ['post', HOOKS],
    ['put', `${HOOKS}/${UNKNOWN_ID}`],
    ['delete', `${HOOKS}/${UNKNOWN_ID}`],
    ['post', '/core/v1/hookSources'],
    ['put', `/core/v1/hookSources/${UNKNOWN_ID}`],
    ['delete', `/core/v1/hookSources/${UNKNOWN_ID}`],
    ['post', '/k8s/v2/apps'],
    ['put', `/k8s/v2/apps/${UNKNOWN_ID}`],
    ['delete', `/k8s/v2/apps/${UNKNOWN_ID}`],
    ['post', `/k8s/v1/apps/${UNKNOWN_ID}/executionHooks`],
    ['put', `/k8s/v1/apps/${UNKNOWN_ID}/executionHooks/${UNKNOWN_ID}`],
    ['delete', `/k8s/v1/apps/${UNKNOWN_ID}/executionHooks/${UNKNOWN_ID}`],
    ['put', `/k8s/v1/apps/${UNKNOWN_ID}/inventory`],
  ] as const)('of a viewer is too low for %s %s', async (method, path) => {
    const { token } = await service.tokenOf('viewer');
    const answer = await service.sendBare(method, account + path).set('authorization', `Bearer ${token}`);
    expectProblem(answer, 11);
  });

  it('of a member is enough for all of them', async () => {
    const { token } = await service.tokenOf('member');
    const send = (method: 'post' | 'delete', path: string) =>
      service.sendBare(method, account + path).set('authorization', `Bearer ${token}`);
    const hook = (await send('post', HOOKS).send(hookBody(references))).body as ExecutionHook;
    expect((await send('delete', `${HOOKS}/${hook.id}`)).status).toBe(204);
  });
});

describe('the path', () => {
  it.each([
    ['get', 2],
    ['post', 2],
    ['put', 1],
    ['delete', 1],
  ] as const)('that does not exist answers %s with problem %i', async (method, problem) => {
    for (const path of [
      '/nowhere',
      '/core/v1/executionhooks',
      '/core/v1/executionHooks/',
      '//core/v1/executionHooks',
    ]) {
      expectProblem(await service.send(method, path), problem);
    }
  });

  it.each([
    ['get', 2],
    ['post', 2],
    ['put', 1],
    ['delete', 1],
  ] as const)(
    'of an account that is missing, foreign or no identifier answers %s with problem %i',
    async (method, problem) => {
      const other = await openAccount(service);
      const path = method === 'get' || method === 'post' ? HOOKS : `${HOOKS}/${UNKNOWN_ID}`;
      for (const id of [UNKNOWN_ID, other.account.accountID, 'demo', '%00', '%zz', '%']) {
        const request = service.sendBare(method, `/accounts/${id}${path}`);
        expectProblem(await request.set('authorization', `Bearer ${service.account.token}`), problem);
      }
    },
  );

  it('tells nobody without a token whether it exists', async () => {
    for (const path of ['/nowhere', HOOKS, `${HOOKS}/${UNKNOWN_ID}`, `${HOOKS}/%zz`]) {
      expectProblem(await service.sendBare('get', account + path), 3);
    }
  });

  it.each([
    ['patch', `${HOOKS}/${UNKNOWN_ID}`, 'DELETE, GET, HEAD, PUT'],
    ['post', `${HOOKS}/${UNKNOWN_ID}`, 'DELETE, GET, HEAD, PUT'],
    ['put', HOOKS, 'GET, HEAD, POST'],
    ['delete', HOOKS, 'GET, HEAD, POST'],
    ['options', HOOKS, 'GET, HEAD, POST'],
    ['patch', `/k8s/v1/apps/${UNKNOWN_ID}/executionHooks/${UNKNOWN_ID}`, 'DELETE, GET, HEAD, PUT'],
    ['delete', `/k8s/v1/apps/${UNKNOWN_ID}/inventory`, 'GET, HEAD, PUT'],
    ['post', '/topology/v1/clouds', 'GET, HEAD'],
  ] as const)('has no method %s at %s', async (method, path, allow) => {
    const answer = await service.send(method, path);
    expectProblem(answer, 69);
    expect(answer.headers.allow).toBe(allow);
  });

  it.each(['PROPFIND', 'TRACE', 'PURGE', 'M-SEARCH'])('has no method %s', async (method) => {
    const headers = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${service.account.token}`;
    const answer = await sendRaw(service.url, `${method} ${account}${HOOKS} HTTP/1.1\r\n${headers}\r\n\r\n`);
    expectProblem(answer, 69);
    expect(answer.headers.allow).toBe('GET, HEAD, POST');
    expectProblem(await sendRaw(service.url, `${method} ${account}/nowhere HTTP/1.1\r\n${headers}\r\n\r\n`), 2);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { id } = await createHook(service, references);
    for (const path of [HOOKS, `${HOOKS}/${id}`]) {
      const [head, get] = [await service.send('head', path), await service.send('get', path)];
      expect(head.status).toBe(200);
      expect(head.text).toBeFalsy();
      expect(head.headers['content-type']).toBe(get.headers['content-type']);
      expect(head.headers.etag).toBe(get.headers.etag);
    }
  });
});

describe('the query', () => {
  it.each([
    ['get', `${HOOKS}/`],
    ['put', `${HOOKS}/`],
    ['delete', `${HOOKS}/`],
  ] as const)('of a single resource takes no parameters: %s', async (method, path) => {
    const { id } = await createHook(service, references);
    const answer = await service.send(method, `${path}${id}?include=id&force`).send({});
    expectProblem(answer, 6);
    expect(invalidParams(answer).map(({ name }) => name)).toEqual(['include', 'force']);
    await readHook(service, id);
  });

  it('of a POST takes no parameters', async () => {
    const answer = await service.send('post', `${HOOKS}?dryRun=true`).send(hookBody(references));
    expectProblem(answer, 6);
    expect(invalidParams(answer).map(({ name }) => name)).toEqual(['dryRun']);
  });

  it('of a collection may be empty', async () => {
    for (const query of ['?', '?&', '?&&']) expect((await service.send('get', HOOKS + query)).status).toBe(200);
  });

  it('of a collection is refused where it is wrong, with every wrong parameter', async () => {
    const answer = await service.send('get', `${HOOKS}?limit=0&orderBy=nothing&count=maybe`);
    expectProblem(answer, 5);
    expect(new Set(invalidParams(answer).map(({ name }) => name))).toEqual(new Set(['limit', 'orderBy', 'count']));
    const unknown = await service.send('get', `${HOOKS}?limit=0&sort=name`);
    expectProblem(unknown, 6);
    expect(invalidParams(unknown).map(({ name }) => name)).toEqual(['sort']);
  });

  it.each(['%zz', '%', '%ff', '%00', 'a%00b=1', 'limit=%zz', 'filter=%ff', 'filter=\u00e9'])(
    'of a collection is never too strange for an answer: %s',
    async (query) => {
      const answer = await service.send('get', `${HOOKS}?${query}`);
      expectProblem(answer, query.includes('limit') || query.includes('filter') ? 5 : 6);
    },
  );
});

describe('the body', () => {
  const post = (contentType: string | undefined, body: string | Buffer) => {
    const request = service.send('post', HOOKS);
    // superagent would give a string a type of its own.
    return (contentType === undefined ? request : request.set('content-type', contentType))
      .serialize((raw: unknown) => raw as string)
      .send(body);
  };

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['half an object', '{"type":'],
    ['two objects', '{}{}'],
    ['a comma too many', '{"type":"x",}'],
    ['a comment', '{} // a hook'],
    ['NaN', 'NaN'],
    ['single quotes', "{'type':'x'}"],
    ['a raw control character', '{"type":"\u0001"}'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
  ])('that is %s is no JSON', async (_, body) => {
    expectProblem(await post('application/json', body), 7);
  });

  it.each([
    ['text/plain'],
    ['application/xml'],
    ['application/x-www-form-urlencoded'],
    ['application/jsonp'],
    ['application/+json'],
    ['text/json'],
    ['application/json; charset=utf-16'],
    ['application/json, application/json'],
    ['json'],
    ['/'],
    [';'],
  ])('of type "%s" is refused', async (contentType) => {
    const answer = await post(contentType, JSON.stringify(hookBody(references)));
    expectPlainProblem(answer, 415, 'Unsupported Media Type');
    expect(answer.headers.accept).toBe('application/json, application/*+json');
  });

  it('without a type is refused', async () => {
    const head = `POST ${account}${HOOKS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${service.account.token}\r\n`;
    expectPlainProblem(await sendRaw(service.url, `${head}Content-Length: 2\r\n\r\n{}`), 415, 'Unsupported Media Type');
    expectPlainProblem(await sendRaw(service.url, `${head}\r\n`), 415, 'Unsupported Media Type');
  });

  it('that is compressed is refused', async () => {
    const answer = await service.send('post', HOOKS).set('content-encoding', 'gzip').send(hookBody(references));
    expectPlainProblem(answer, 415, 'Unsupported Media Type');
    expect(answer.headers['accept-encoding']).toBe('identity');
  });

  const TOO_LARGE = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });

  it('that is too large is refused, whether or not its length is announced', async () => {
    expectProblem(await post('application/json', TOO_LARGE), 85);
    expectProblem(await sendChunked(TOO_LARGE), 85);
  });

  it('that is too large leaves the connection usable', async () => {
    const head = (more: string) =>
      `Host: x\r\nAuthorization: Bearer ${service.account.token}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
    const chunks = `${TOO_LARGE.length.toString(16)}\r\n${TOO_LARGE}\r\n0\r\n\r\n`;
    const first = `POST ${account}${HOOKS} HTTP/1.1\r\n${head('Transfer-Encoding: chunked')}${chunks}`;
    const second = `GET ${account}${HOOKS} HTTP/1.1\r\n${head('Connection: close')}`;
    const both = await sendRaw(service.url, first + second);
    expect(both.status).toBe(413);
    expect(both.text).toContain('HTTP/1.1 200 OK');
  });

  it('that never ends well changes nothing', async () => {
    const hook = await createHook(service, references);
    const body = JSON.stringify({ type: hook.type, version: hook.version, description: 'half' });
    await sendAborted('PUT', `${account}${HOOKS}/${hook.id}`, body);
    await sendAborted('POST', account + HOOKS, JSON.stringify(hookBody(references)));
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it('of GET and DELETE is ignored, whatever it is said to be', async () => {
    for (const contentType of ['application/json', 'application/json; charset=utf-16', ';', 'text/html', 'a/b/c']) {
      const { id } = await createHook(service, references);
      for (const [method, status] of [
        ['get', 200],
        ['delete', 204],
      ] as const) {
        const request = service.send(method, `${HOOKS}/${id}`).set('content-type', contentType);
        const answer = await request.serialize((raw: unknown) => raw as string).send('{"no": JSON');
        expect([contentType, method, answer.status]).toEqual([contentType, method, status]);
      }
    }
    const list = await service.send('get', HOOKS).set('content-type', 'application/json').send({});
    expect(list.status).toBe(200);
  });

  /** A POST without Content-Length. */
  function sendChunked(body: string): ReturnType<typeof sendRaw> {
    return sendRaw(
      service.url,
      `POST ${account}${HOOKS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n` +
        `Authorization: Bearer ${service.account.token}\r\nContent-Type: application/json\r\n\r\n` +
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
  }

  /** Announces one byte more than it sends, and goes away once the service has begun to read. */
  async function sendAborted(method: string, path: string, body: string): Promise<void> {
    const before = abortedRequests();
    await new Promise<void>((resolve) => {
      const request = httpRequest(service.url + path, {
        method,
        headers: {
          authorization: `Bearer ${service.account.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body) + 1,
          expect: '100-continue',
        },
      });
      request.on('error', () => undefined);
      request.on('close', resolve);
      request.on('continue', () => {
        request.write(body, () => request.destroy());
      });
      request.flushHeaders();
    });
    // What the service does meanwhile it has done by the time that it logs the end.
    while (abortedRequests() === before) await service.send('get', '/topology/v1/clouds');
  }

  function abortedRequests(): number {
    return service.log.filter((line) => line.includes('RequestAborted')).length;
  }
});

describe('what Node itself refuses', () => {
  it.each([
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a length that is no number', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('is a problem too: %s', async (_, request) => {
    expectProblem(await sendRaw(service.url, request), 12);
  });

  it('is a problem too: headers that are too long', async () => {
    const answer = await sendRaw(service.url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`);
    expectPlainProblem(answer, 431, 'Request Header Fields Too Large');
  });

  it('is a problem too: a chunk that is none, in the middle of a body', async () => {
    const head = `Host: x\r\nAuthorization: Bearer ${service.account.token}\r\nContent-Type: application/json`;
    const request = `POST ${account}${HOOKS} HTTP/1.1\r\n${head}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n`;
    expectProblem(await sendRaw(service.url, request), 12);
  });

  it('is nothing that the service can do without', async () => {
    const head = `Host: x\r\nConnection: close\r\nAuthorization: Bearer ${service.account.token}`;
    for (const header of ['Expect: a miracle', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c']) {
      const answer = await sendRaw(service.url, `GET ${account}${HOOKS} HTTP/1.1\r\n${head}\r\n${header}\r\n\r\n`);
      expect([header, answer.status]).toEqual([header, 200]);
      expect(answer.headers['x-correlation-id']).toMatch(/./);
    }
  });
});

describe('what the service cannot help', () => {
  it('is told apart: the database is gone', async () => {
    const doomed = await startTestService();
    const [current] = await doomed.database.query<{ name: string }>({ text: 'SELECT current_database() AS name' });
    const name = current?.name ?? '';
    await service.database.query(
      { text: 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1' },
      [name],
    );
    await service.database.query({ text: `ALTER DATABASE ${name} RENAME TO ${name}_away` });
    const answer = await doomed.send('get', HOOKS);
    expectProblem(answer, 24);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    await service.database.query({ text: `ALTER DATABASE ${name}_away RENAME TO ${name}` });
    expect((await doomed.send('get', HOOKS)).status).toBe(200);
    await doomed.stop();
  });

  it('is told apart: the database was too slow', async () => {
    const { id } = await createHook(service, references);
    const answer = await service.database.transaction(async (transaction) => {
      await transaction.query({ text: 'SELECT FROM execution_hooks WHERE id = $1 FOR UPDATE' }, [id]);
      const waiting = service.send('delete', `${HOOKS}/${id}`).then((answered) => answered);
      // As the server does when the time is over.
      const cancel = {
        text: `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
      };
      while ((await transaction.query(cancel)).length === 0);
      return waiting;
    });
    expectProblem(answer, 41);
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    await readHook(service, id);
  });

  it('says nothing of the inside, and logs it under the same correlation id', async () => {
    const broken = await startTestService();
    await createHookSource(broken);
    await broken.database.query({ text: 'ALTER TABLE hook_sources RENAME COLUMN source_md5 TO elsewhere' });
    const answer = await broken.send('get', '/core/v1/hookSources');
    expectProblem(answer, 34);
    expect(Object.keys(answer.body as object).sort()).toEqual(['correlationID', 'detail', 'status', 'title', 'type']);
    const { correlationID } = answer.body as { correlationID: string };
    const lines = broken.log.filter((line) => line.includes(correlationID) && line.includes('source_md5'));
    expect(lines).toHaveLength(1);
    await broken.stop();
  });
});
