import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { podList, putInventory } from './support/inventory.js';
import { expectProblem } from './support/problems.js';
import {
  createReferences,
  type ExecutionHook,
  hookBody,
  type HookReferences,
  readItems,
  uniqueName,
} from './support/resources.js';
import { startTestService, type TestService } from './support/service.js';

const HOOKS = '/core/v1/executionHooks';
const PODS = 64;

/** A small text that is a large program: a millisecond or several for each name that it is tested on. */
const SLOW = '(?:(?:(?:a?-?b?){10}){10}){10}x$|-b-$';

let service: TestService;
let references: HookReferences;
let matching: string[];
beforeAll(async () => {
  service = await startTestService({ MATCHING_TIMEOUT_MS: '40' });
  references = await createReferences(service);
  const names = Array.from({ length: PODS }, (_, index) => {
    const text = (PODS + index).toString(2).replaceAll('0', 'a').replaceAll('1', 'b');
    return `${`${text}-`.repeat(20).slice(0, 200)}${index % 2 === 0 ? '-b-' : '-a-'}`;
  });
  matching = names.filter((name) => name.endsWith('-b-')).sort();
  const pods = names.map((name) => ({ name, containers: { main: 'image' } }));
  await putInventory(service, references.appID, podList(pods));
});
afterAll(() => service.stop());

it('a hook that takes long to match is not stored before that is done; each attempt goes on where the last one stopped', async () => {
  const name = uniqueName('slow');
  const body = hookBody(references, { name, matchingCriteria: [{ type: 'podName', value: SLOW }] });
  const named = `${HOOKS}?include=name&filter=${encodeURIComponent(`name eq '${name}'`)}`;
  let refused = 0;
  for (;;) {
    const answer = await service.send('post', HOOKS).send(body);
    if (answer.status === 201) {
      const { matchingContainers = [] } = answer.body as ExecutionHook;
      expect(matchingContainers.map(({ podName }) => podName)).toEqual(matching);
      break;
    }
    expectProblem(answer, 41);
    expect(answer.get('retry-after')).toBe('1');
    expect(await readItems(service.send('get', named))).toEqual([]);
    refused += 1;
  }
  expect(refused).toBeGreaterThan(0);
});
