import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { answer, connectToService } from '../../src/cli/service-api.js';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { type Outcome, runCommand } from '../support/command-line.js';
import { TestIssuer } from '../support/issuer.js';
import { appBody } from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

/** Commands that talk to the service over HTTP: here to a real one, and to what one may meet instead. */

const FEDERATED = '0f0f0f0f-1111-4222-8333-444444444444';

let issuer: TestIssuer;
let service: TestService;
beforeAll(async () => {
  issuer = await TestIssuer.start();
  const { url, jwksUrl } = issuer;
  const roles = { roleClaim: 'roles', roles: { bosses: 'owner' } };
  service = await startTestService({
    OIDC_ISSUERS: JSON.stringify([{ issuer: url, jwksUrl, audience: 'hooks', accountID: FEDERATED, ...roles }]),
  });
  await service.database.query({ text: `INSERT INTO accounts (id, name, created_by) VALUES ($1, 'Federated', $2)` }, [
    FEDERATED,
    service.account.userID,
  ]);
  for (const name of ['payroll', 'billing']) {
    const { status } = await service.send('post', '/k8s/v2/apps').send({ ...appBody(), name });
    expect(status).toBe(201);
  }
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
});

/** Runs a command as the service's owner, where its environment does not say otherwise. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const owner = { EXECUTION_HOOKS_URL: service.url, EXECUTION_HOOKS_TOKEN: service.account.token };
  return runCommand(args, { ...owner, ...env });
}

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The URL of a server that is not the service. */
async function otherServer(listener: RequestListener, pair?: { cert: string; key: string }): Promise<string> {
  const server = pair === undefined ? createServer(listener) : createTlsServer(pair, listener);
  servers.push({
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `${pair === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('list-apps', () => {
  it("lists the apps of the token's account by name", async () => {
    const { status, printed, json } = await run(['list-apps', '--json']);
    expect({ status, names: (json as { name: string }[]).map(({ name }) => name) }).toEqual({
      status: 0,
      names: ['billing', 'payroll'],
    });
    expect(JSON.parse(printed)).toEqual(json);
    expect((await run(['list-apps'])).printed).toMatch(
      /^[0-9a-f-]{36} {2}billing {2}.*no inventory yet\n[0-9a-f-]{36} {2}payroll {2}/,
    );
  });

  it('shows one app by its name, or says that there is none', async () => {
    const { json } = await run(['list-apps', '--app', 'payroll', '--json']);
    expect(json).toEqual([expect.objectContaining({ name: 'payroll' })]);
    expect(await run(['list-apps', '--app', "pay'roll"])).toMatchObject({
      status: 1,
      printed: '',
      complained: `There is no app "pay'roll"; list-apps lists those that there are.\n`,
    });
  });

  it('asks which account, where a token opens several', async () => {
    const token = await issuer.token({ sub: 'boss', aud: 'hooks', roles: ['bosses'] });
    const env = { EXECUTION_HOOKS_TOKEN: token };
    expect(await run(['list-apps'], env)).toMatchObject({ status: 0, printed: 'There is no app.\n' });
    const created = await service
      .sendBare('post', '/accounts')
      .set('authorization', `Bearer ${token}`)
      .send({ type: 'application/astra-account', version: '1.0', name: 'Second' });
    const { id } = created.body as { id: string };
    const { status, complained } = await run(['list-apps'], env);
    expect(status).toBe(1);
    expect(complained).toContain('The token opens several accounts; --account says which:\n');
    expect(complained).toContain(`  ${FEDERATED}  Federated\n`);
    expect(complained).toContain(`  ${id}  Second\n`);
    expect((await run(['list-apps', '--account', id], env)).status).toBe(0);
  });
});

describe('the variables of the service', () => {
  it('are both needed, and named when they are missing or bad', async () => {
    const none = await runCommand(['list-apps'], {});
    expect(none).toMatchObject({ status: 78, printed: '' });
    expect(none.complained).toMatch(
      / {2}EXECUTION_HOOKS_URL: expected an http.*\n {2}EXECUTION_HOOKS_TOKEN: expected a/,
    );
    const bad = await run(['list-apps'], { EXECUTION_HOOKS_URL: 'localhost', EXECUTION_HOOKS_TOKEN: 's3cret\nfoo' });
    expect(bad.status).toBe(78);
    expect(bad.complained).not.toContain('s3cret');
  });

  it('may name a file that holds the token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-service-'));
    const file = join(folder, 'token');
    await writeFile(file, `${service.account.token}\n`);
    const env = { EXECUTION_HOOKS_TOKEN: '', EXECUTION_HOOKS_TOKEN_FILE: file };
    expect((await run(['list-apps'], env)).status).toBe(0);
    await rm(folder, { recursive: true });
  });
});

describe('what goes wrong', () => {
  it('is told as the problem tells it', async () => {
    const { status, complained } = await run(['list-apps'], { EXECUTION_HOOKS_TOKEN: 'ehooks_nobody' });
    expect(status).toBe(1);
    expect(complained).toMatch(
      /^Invalid bearer token: The bearer token provided is invalid, .*\n\(status 401, correlation id [\w-]+\)\n$/,
    );
  });

  it('names every invalid field', async () => {
    const { client, accountID } = await connectToService({
      EXECUTION_HOOKS_URL: service.url,
      EXECUTION_HOOKS_TOKEN: service.account.token,
    });
    const creation = client.POST('/accounts/{account_id}/k8s/v2/apps', {
      params: { path: { account_id: accountID } },
      body: {
        type: 'application/astra-app',
        version: '2.2',
        name: 'No',
        namespaceScopedResources: [{ namespace: '' }],
      },
    });
    const failure: unknown = await answer(creation).catch((error: unknown) => error);
    const [title, ...lines] = (failure as Error).message.split('\n');
    expect(title).toMatch(/^Invalid JSON resource: The request body/);
    expect(lines.sort()).toEqual([
      expect.stringMatching(/^ {2}name: must be/),
      expect.stringMatching(/^ {2}namespaceScopedResources\[0\]\.namespace: must be/),
      expect.stringMatching(/^\(status 400, correlation id /),
    ]);
  });

  it('may be that nothing listens', async () => {
    const url = await otherServer(() => undefined);
    for (const server of servers.splice(0)) server.close();
    expect(await run(['list-apps'], { EXECUTION_HOOKS_URL: url })).toMatchObject({
      status: 1,
      complained: expect.stringMatching(/^The service at http:.* cannot be reached: .*ECONNREFUSED/),
    });
  });

  it('may be that nothing answers', async () => {
    const url = await otherServer(() => undefined);
    const env = { EXECUTION_HOOKS_URL: url, EXECUTION_HOOKS_TOKEN: 'a' };
    await expect(connectToService(env, { answerTimeoutMs: 20 })).rejects.toThrow(
      `The service at ${url} cannot be reached: no answer within 0.02 s.`,
    );
  });

  it('may be a certificate that nobody vouches for', async () => {
    const url = await otherServer(() => undefined, await selfSignedPair());
    const { complained } = await run(['list-apps'], { EXECUTION_HOOKS_URL: url });
    expect(complained).toContain('self-signed certificate (NODE_EXTRA_CA_CERTS names');
  });

  it('may be something in front of the service, or in its place', async () => {
    const url = await otherServer((request, response) => {
      response.writeHead(request.url === '/accounts' ? 502 : 200, { 'content-type': 'text/html' }).end('<html>');
    });
    expect(await run(['list-apps'], { EXECUTION_HOOKS_URL: url })).toMatchObject({
      status: 1,
      complained:
        'The answer is 502 Bad Gateway, without a problem of this service: something in front of it answered.\n',
    });
    expect(await run(['list-apps'], { EXECUTION_HOOKS_URL: `${url}/console` })).toMatchObject({
      status: 1,
      complained: `What is at ${url}/console is not this service: its answer is no JSON.\n`,
    });
  });
});
