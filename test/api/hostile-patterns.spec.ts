import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { podList, putInventory } from '../support/inventory.js';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createReferences,
  type ExecutionHook,
  hookBody,
  type HookReferences,
  readHook,
  readItems,
  uniqueName,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';
const PODS = 256;
/** Enough for what one attempt finds out to add up, if it did, to a match. */
const ATTEMPTS = 32;

/** A small text that is a large program: a millisecond or several for each name that it is tested on. */
const SLOW = '(?:(?:(?:a?-?b?){10}){10}){10}x$|-b-$';
const names = Array.from({ length: PODS }, (_, index) => {
  const text = (PODS + index).toString(2).replaceAll('0', 'a').replaceAll('1', 'b');
  return `${`${text}-`.repeat(20).slice(0, 200)}${index % 2 === 0 ? '-b-' : '-a-'}`;
});
const matching = names.filter((name) => name.endsWith('-b-')).sort();
const inventory = podList(names.map((name) => ({ name, containers: { main: 'image' } })));

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService({ MATCHING_TIMEOUT_MS: '600' });
  references = await createReferences(service);
  await putInventory(service, references.appID, inventory);
});
afterAll(() => service.stop());

const podName = (value: string): object => ({ type: 'podName', value });
const path = (hook: Pick<ExecutionHook, 'id'>): string => `${HOOKS}/${hook.id}`;
const isNamed = async (name: string): Promise<boolean> =>
  (await readItems(service.send('get', `${HOOKS}?include=name&filter=${encodeURIComponent(`name eq '${name}'`)}`)))
    .length > 0;

function expectTooSlow(answer: Response, ...fields: string[]): void {
  expectProblem(answer, 9, fields);
  const { invalidFields } = answer.body as { readonly invalidFields: { readonly reason: string }[] };
  const reason = "takes too long to match in the app's containers: use a shorter or simpler pattern";
  expect(new Set(invalidFields.map((field) => field.reason))).toEqual(new Set([reason]));
}

describe('a hook that takes too long to match', () => {
  it('is not made, however often it is sent, and each criterion at fault is named', async () => {
    const name = uniqueName('slow');
    const matchingCriteria = [podName(SLOW), podName('^[ab-]+$'), podName(`${SLOW}|y`), podName('-')];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = await service.send('post', HOOKS).send(hookBody(references, { name, matchingCriteria }));
      expectTooSlow(answer, 'matchingCriteria[0].value', 'matchingCriteria[2].value');
    }
    expect(await isNamed(name)).toBe(false);
  });

  it('is refused with everything else that is wrong with it', async () => {
    const hookSourceID = 'deadbeef-0000-4000-8000-000000000000';
    const body = hookBody(references, { hookSourceID, matchingCriteria: [podName(`${SLOW}|everything`)] });
    const answer = await service.send('post', HOOKS).send(body);
    expectProblem(answer, 9, ['hookSourceID', 'matchingCriteria[0].value']);
  });

  it('is made where its other criteria select nothing', async () => {
    const matchingCriteria = [podName(`${SLOW}|nothing`), { type: 'containerName', value: '^side' }];
    expect((await createHook(service, references, { matchingCriteria })).matchingContainers).toEqual([]);
  });

  it('does not come to be by a change of its criteria', async () => {
    const hook = await createHook(service, references);
    const { type, version } = hook;
    const change = { type, version, description: 'changed', matchingCriteria: [podName(`${SLOW}|changed`)] };
    expectTooSlow(await service.send('put', path(hook)).send(change), 'matchingCriteria[0].value');
    expect(await readHook(service, hook.id)).toEqual(hook);
  });

  it('does not come to be by a change of its app', async () => {
    const elsewhere = { ...references, appID: (await createApp(service)).id };
    const hook = await createHook(service, elsewhere, { matchingCriteria: [podName(`${SLOW}|moved`)] });
    const { type, version } = hook;
    const change = { type, version, appID: references.appID };
    expectTooSlow(await service.send('put', path(hook)).send(change), 'matchingCriteria[0].value');
    expect(await readHook(service, hook.id)).toEqual(hook);
  });
});

describe('a hook that has come to take long by a larger inventory', () => {
  it('is answered 503 until it is matched, and can be changed, deleted and listed without its matches', async () => {
    const { id: appID } = await createApp(service);
    const hook = await createHook(service, { ...references, appID }, { matchingCriteria: [podName(`${SLOW}|grown`)] });
    await putInventory(service, appID, inventory);
    const { matchingContainers, matchingImages, ...asItIs } = hook;
    expect([matchingContainers, matchingImages]).toEqual([[], []]);
    expect((await service.send('put', path(hook)).send({ ...asItIs, enabled: 'false' })).status).toBe(204);
    const list = `/k8s/v1/apps/${appID}/executionHooks`;
    expect(await readItems(service.send('get', `${list}?include=id,enabled`))).toEqual([[hook.id, 'false']]);
    let refused = 0;
    for (
      let answer = await service.send('get', list);
      ;
      answer = await service.send('get', refused % 2 === 0 ? list : path(hook))
    ) {
      if (answer.status === 200) break;
      expectProblem(answer, 41);
      expect(answer.get('retry-after')).toBe('1');
      refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
    const { matchingContainers: matched = [] } = await readHook(service, hook.id);
    expect(matched.map((container) => container.podName)).toEqual(matching);
    expect((await service.send('delete', path(hook))).status).toBe(204);
  });
});

describe('what people write, ten times over in 10,000 containers', () => {
  const PODS_OF_MANY = 2_500;
  const CONTAINERS_OF_POD = 4;
  let usual: TestService;
  let many: HookReferences;
  beforeAll(async () => {
    usual = await startTestService();
    many = await createReferences(usual);
    const pods = Array.from({ length: PODS_OF_MANY }, (_, pod) => ({
      name: `payroll-master-${pod.toString(16).padStart(10, '0')}-x7k2p`,
      labels: { app: `payroll-${pod}`, tier: 'backend' },
      containers: Object.fromEntries(
        Array.from({ length: CONTAINERS_OF_POD }, (_each, container) => [
          `payroll-${container}`,
          `registry.example:5000/team-${pod}/payroll:v${container}.${pod}.0`,
        ]),
      ),
    }));
    await putInventory(usual, many.appID, podList(pods));
  });
  afterAll(() => usual.stop());

  it.each([
    ['letters and digits of any script', '[\\p{L}\\p{N}_-]{1,63}'],
    ['a name of parts', '(?:[\\p{L}\\p{N}_-]{1,63}){1,3}'],
    [
      'many alternatives',
      Array.from({ length: 200 }, (_, index) => `payroll-${index}|team-${index}`)
        .concat('payroll', 'default')
        .join('|'),
    ],
    ['an address and a version', '(?:[a-z0-9._:-]{1,128}/)*[a-z0-9=-]{1,128}(?::v?\\d+\\.\\d+\\.\\d+)?$'],
    ['what a deployment calls its pods', '[a-z0-9-]+(?:-[a-z0-9]{8,10}-[a-z0-9]{5})?'],
  ])('is matched: %s', async (_, value) => {
    const types = ['containerImage', 'containerName', 'podName', 'podLabel', 'namespaceName'];
    const matchingCriteria = Array.from({ length: 10 }, (_each, index) => ({
      type: types[index % types.length],
      value: `${value}|no ${index}`,
    }));
    const { matchingContainers = [] } = await createHook(usual, many, { matchingCriteria });
    expect(matchingContainers).toHaveLength(PODS_OF_MANY * CONTAINERS_OF_POD);
  });
});
