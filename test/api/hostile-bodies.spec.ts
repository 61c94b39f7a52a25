import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiWalk, type Target } from '../support/api-walk.js';
import { answerOf, committedConformance, type Operation } from '../support/conformance.js';
import { hostileBodies } from '../support/hostile-bodies.js';
import { startTestService, type TestService } from '../support/service.js';

const conformance = committedConformance();
const withBody = conformance.operations.filter(({ operation }) => operation.requestBody !== undefined);

let service: TestService;
let walk: ApiWalk;
beforeAll(async () => {
  service = await startTestService();
  walk = new ApiWalk(service, conformance);
});
afterAll(async () => {
  expect(service.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
  await service.stop();
});

/** What the path of a resource answers, or how many there are of a collection. */
async function stored(about: Operation, target: Target): Promise<string> {
  if (about.operation.operationId === 'createAccount') {
    // An owner sees no other account.
    const accounts = await service.database.query({ text: 'SELECT FROM accounts' });
    return String(accounts.length);
  }
  const get = conformance.operations.find(({ method, path }) => method === 'get' && path === about.path);
  if (get === undefined) throw new Error(`There is no GET ${about.path}.`);
  const answer = await walk.send(get, target, about.method === 'post' ? { query: 'count=true&limit=1' } : {});
  expect(answer.status).toBe(200);
  if (about.method === 'put') return answer.text.replaceAll(/Timestamp":"[^"]*"/g, '');
  return String((answer.body as { metadata: { count: number } }).metadata.count);
}

describe.each(withBody.map((about) => [about.operation.operationId ?? '', about] as const))('%s', (_, about) => {
  it('refuses hostile bodies, or answers them right, and stores no half', async () => {
    const target = await walk.target(about);
    const body = await walk.body(about, target);
    const before = await stored(about, target);
    const wrong: string[] = [];
    let accepted = 0;
    for (const { kind, bytes } of hostileBodies(body)) {
      const answer = await walk.send(about, target, { body: bytes });
      if (answer.status < 300) accepted += 1;
      const violations = conformance.violations(answerOf(answer));
      if (answer.status >= 500 || violations.length > 0) {
        wrong.push(`${kind}: ${answer.status} ${answer.text.slice(0, 200)} ${violations.join()}`);
      }
    }
    expect(wrong).toEqual([]);
    if (about.method === 'post') expect(await stored(about, target)).toBe(String(Number(before) + accepted));
    else if (accepted === 0) expect(await stored(about, target)).toBe(before);
  });
});
