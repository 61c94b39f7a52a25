import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectProblem, invalidFields } from '../support/problems.js';
import {
  createHook,
  createReferences,
  type ExecutionHook,
  type Fields,
  hookBody,
  type HookReferences,
  readHook,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

const HOOKS = '/core/v1/executionHooks';

let service: TestService;
let references: HookReferences;
let hook: ExecutionHook;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
  hook = await createHook(service, references);
});
afterAll(async () => {
  // Whatever was sent, nothing took the service by surprise, and nothing reached the hook that is there.
  expect(service.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  expect(await readHook(service, hook.id)).toEqual(hook);
  await service.stop();
});

const post = (body: Fields) => service.send('post', HOOKS).send(body);
const put = (fields: Fields) =>
  service.send('put', `${HOOKS}/${hook.id}`).send({ type: hook.type, version: hook.version, ...fields });

/** One code point, two UTF-16 units, four bytes. */
const ASTRAL = '\u{1f512}';
const NOT_STRINGS = [42, 0, true, false, [], ['x'], {}, { length: 1 }];
const NOT_STORABLE = ['\0', 'a\0b', '\ud800', 'x\udc00', '\udc00\ud800'];
const NOT_IDENTIFIERS = [
  '',
  'payroll',
  '50E89023-BA84-435D-BB47-1833F4C250FF',
  '{50e89023-ba84-435d-bb47-1833f4c250ff}',
  '50e89023ba84435dbb471833f4c250ff',
  '50e89023-ba84-135d-bb47-1833f4c250ff',
  '50e89023-ba84-435d-cb47-1833f4c250ff',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ' 50e89023-ba84-435d-bb47-1833f4c250ff',
  '50e89023-ba84-435d-bb47-1833f4c250ff\n',
];
const CRITERION = { type: 'podName', value: 'x' };

/** What a field may not hold, by the paths that are to be named for it. */
const WRONG: readonly (readonly [field: string, values: readonly unknown[], named: readonly string[]])[] = [
  ['type', ['', 'application/astra-app', 'executionHook', ...NOT_STRINGS, ...NOT_STORABLE], ['type']],
  ['version', ['', '1', '1.4', '2.0', '1.2 ', 1.2, ...NOT_STRINGS], ['version']],
  ['name', ['', 'x'.repeat(64), ASTRAL.repeat(64), ...NOT_STRINGS, ...NOT_STORABLE], ['name']],
  ['hookType', ['', 'Custom', 'other', ...NOT_STRINGS], ['hookType']],
  ['matchingCriteria', ['x', 1, true, {}, CRITERION, Array(11).fill(CRITERION)], ['matchingCriteria']],
  ['matchingCriteria', [['x'], [1], [true], [null], [[]], [[CRITERION]]], ['matchingCriteria[0]']],
  [
    'matchingCriteria',
    [[{}], [{ type: null, value: null }]],
    ['matchingCriteria[0].type', 'matchingCriteria[0].value'],
  ],
  ...['podname', 'label', '', 1, null, ['podName'], '\0'].map(
    (type) => ['matchingCriteria', [[CRITERION, { type, value: 'x' }]], ['matchingCriteria[1].type']] as const,
  ),
  ...['', 1, true, null, ['x'], {}, '\0', '\ud800'].map(
    (value) =>
      [
        'matchingCriteria',
        [[CRITERION, CRITERION, { type: 'podLabel', value }]],
        ['matchingCriteria[2].value'],
      ] as const,
  ),
  ['matchingCriteria', [[{ ...CRITERION, negate: true }]], ['matchingCriteria[0].negate']],
  ['action', ['', 'Snapshot', 'clone', ...NOT_STRINGS], ['action']],
  ['stage', ['', 'PRE', 'during', ...NOT_STRINGS], ['stage']],
  ['hookSourceID', [...NOT_IDENTIFIERS, ...NOT_STRINGS, ...NOT_STORABLE], ['hookSourceID']],
  ['arguments', ['x', 1, true, {}, { 0: 'x' }, Array(17).fill('x')], ['arguments']],
  ...[1, true, null, [], {}, 'x'.repeat(128), ASTRAL.repeat(128), '\0', '\ud800'].map(
    (argument) => ['arguments', [['x', argument]], ['arguments[1]']] as const,
  ),
  ['appID', [...NOT_IDENTIFIERS, ...NOT_STRINGS, ...NOT_STORABLE], ['appID']],
  ['enabled', ['', 'TRUE', 'yes', '1', ...NOT_STRINGS], ['enabled']],
  ['description', ['x'.repeat(512), ASTRAL.repeat(512), ...NOT_STRINGS, ...NOT_STORABLE], ['description']],
  ['metadata', ['x', 1, true, [], [{}]], ['metadata']],
  ['metadata', [{ labels: {} }, { labels: 'x' }, { labels: 1 }], ['metadata.labels']],
  ['metadata', [{ labels: [null] }, { labels: ['x'] }, { labels: [[]] }], ['metadata.labels[0]']],
  ['metadata', [{ labels: [{}] }], ['metadata.labels[0].name', 'metadata.labels[0].value']],
  ['metadata', [{ labels: [{ name: 'a', value: 1 }] }, { labels: [{ name: 'a' }] }], ['metadata.labels[0].value']],
  [
    'metadata',
    [{ labels: [{ name: 1, value: '' }] }, { labels: [{ name: '\0', value: '' }] }],
    ['metadata.labels[0].name'],
  ],
  ['metadata', [{ labels: [{ name: 'a', value: 'b', colour: 'c' }] }], ['metadata.labels[0].colour']],
  ['metadata', [{ owner: 'x' }], ['metadata.owner']],
];

describe.each(WRONG)('%s', (field, values, named) => {
  it.each(values.map((value) => [shown(value), value]))(`of %s is refused`, async (_, value) => {
    expectProblem(await post(hookBody(references, { [field]: value })), 8, named);
    expectProblem(await put({ [field]: value }), 8, named);
  });
});

describe('a field that is required', () => {
  const REQUIRED = ['type', 'version', 'name', 'hookType', 'action', 'stage', 'hookSourceID', 'appID'];

  it.each(REQUIRED)('is missed: %s', async (field) => {
    for (const value of [undefined, null]) {
      const answer = await post(hookBody(references, { [field]: value }));
      expectProblem(answer, 8, [field]);
      expect(invalidFields(answer)[0]?.reason).toBe('is required');
    }
  });

  it('is missed with all others', async () => {
    expectProblem(await post({}), 8, REQUIRED);
    expectProblem(await service.send('put', `${HOOKS}/${hook.id}`).send({}), 8, ['type', 'version']);
  });
});

describe('a field that the resource does not have', () => {
  const UNKNOWN = [
    'ID',
    'appId',
    'x',
    '',
    ' name',
    'metadata.labels',
    'constructor',
    'toString',
    'hasOwnProperty',
    ASTRAL,
  ];

  it.each(UNKNOWN)('is refused: "%s"', async (field) => {
    for (const value of [null, 'x', {}, [[[]]]]) {
      expectProblem(await post(hookBody(references, { [field]: value })), 8, [field]);
      expectProblem(await put({ [field]: value }), 8, [field]);
    }
  });

  it('is refused even if it is one of every object', async () => {
    for (const field of ['__proto__', 'constructor']) {
      const text = JSON.stringify(hookBody(references)).replace('{', `{"${field}":{"name":"x"},`);
      expectProblem(await service.send('post', HOOKS).type('application/json').send(text), 8, [field]);
    }
    const nested = JSON.stringify(hookBody(references)).replace('{', `{"metadata":{"__proto__":[]},`);
    expectProblem(await service.send('post', HOOKS).type('application/json').send(nested), 8, ['metadata.__proto__']);
  });

  it('is refused in a POST even if responses have it', async () => {
    const { id, matchingContainers, matchingImages } = hook;
    const computed = { id, matchingContainers, matchingImages };
    expectProblem(await post(hookBody(references, computed)), 8, Object.keys(computed));
  });

  it('may have a name that cannot be stored', async () => {
    const text = JSON.stringify(hookBody(references)).replace('{', String.raw`{"\u0000":1,"\ud800":1,`);
    expect((await service.send('post', HOOKS).type('application/json').send(text)).status).toBe(400);
  });
});

describe('lengths', () => {
  it('are counted in code points', async () => {
    const longest = {
      name: ASTRAL.repeat(63),
      description: ASTRAL.repeat(511),
      arguments: Array<string>(16).fill(ASTRAL.repeat(127)),
      matchingCriteria: Array<Fields>(10).fill({ type: 'podName', value: ASTRAL.repeat(1000) }),
      metadata: { labels: [{ name: ASTRAL.repeat(255), value: ASTRAL.repeat(1024) }] },
    };
    const answer = await post(hookBody(references, longest));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject(longest);
  });

  it('are counted to the last one', async () => {
    for (const letter of ['x', '\u00e9', '\u4e2d', ASTRAL]) {
      expect((await post(hookBody(references, { name: letter.repeat(62) }))).status).toBe(201);
      expectProblem(await post(hookBody(references, { name: `${letter.repeat(63)}x` })), 8, ['name']);
      expectProblem(await post(hookBody(references, { arguments: [`x${letter.repeat(127)}`] })), 8, ['arguments[0]']);
      expectProblem(await post(hookBody(references, { description: `x${letter.repeat(511)}` })), 8, ['description']);
    }
  });
});

describe('a pattern that RE2 refuses', () => {
  it.each([
    '(?=x)',
    '(?!x)',
    '(?<=x)',
    '(?<!x)',
    '(a',
    'a)',
    '[a',
    '[z-a]',
    '\\1',
    '(a)\\1',
    '\\k<n>',
    '*',
    'a**',
    'a{2}{3}',
    'a{1001}',
    '((a{1000}){1000}){1000}',
    '\\',
    '\\p{Klingon}',
    '\\u0041',
    '\\c',
    '(?P<n>',
    '(?i',
    '[[:kanji:]]',
    '(?#comment)',
    '(?>atomic)',
    'a++',
  ])('is refused in its own words: %s', async (value) => {
    const matchingCriteria = [CRITERION, { type: 'containerImage', value }];
    for (const answer of [await post(hookBody(references, { matchingCriteria })), await put({ matchingCriteria })]) {
      expectProblem(answer, 9, ['matchingCriteria[1].value']);
      expect(invalidFields(answer)[0]?.reason).toMatch(/./);
    }
  });

  it('is told why', async () => {
    const answer = await post(hookBody(references, { matchingCriteria: [{ type: 'podName', value: '(a' }] }));
    expect(invalidFields(answer)).toEqual([{ name: 'matchingCriteria[0].value', reason: 'missing ): (a' }]);
  });

  it('is told from one that it takes', async () => {
    for (const value of [
      '\\bmariadb\\b',
      '\\Qa.b\\E',
      '(?i)x',
      '(?P<n>x)',
      '[[:alpha:]]\\pL',
      '\\C',
      '\\x{1F512}',
      ASTRAL,
      ' ',
    ]) {
      const answer = await post(hookBody(references, { name: value, matchingCriteria: [{ type: 'podName', value }] }));
      expect([value, answer.status]).toEqual([value, 201]);
    }
  });
});

describe('all that is wrong', () => {
  it('is listed at once', async () => {
    const wrong = {
      type: 'hook',
      version: 1,
      name: '',
      hookType: null,
      matchingCriteria: [{ type: 'podName', value: '' }, 'x', { type: 'x', value: 'x', y: 'z' }],
      action: 'jump',
      stage: ['pre'],
      hookSourceID: 'x',
      arguments: ['x', 1, 'y', 'x'.repeat(128)],
      appID: 7,
      enabled: true,
      description: 'x'.repeat(512),
      metadata: { labels: [{ name: 'a' }, null], createdby: 'x' },
      extra: 1,
    };
    expectProblem(await post(wrong), 8, [
      'type',
      'version',
      'name',
      'hookType',
      'matchingCriteria[0].value',
      'matchingCriteria[1]',
      'matchingCriteria[2].type',
      'matchingCriteria[2].y',
      'action',
      'stage',
      'hookSourceID',
      'arguments[1]',
      'arguments[3]',
      'appID',
      'enabled',
      'description',
      'metadata.labels[0].value',
      'metadata.labels[1]',
      'metadata.createdby',
      'extra',
    ]);
  });

  it('is listed with what cannot be stored', async () => {
    const wrong = { name: 'a\0', description: '\ud800', arguments: ['', '\0'], enabled: true, extra: '\0' };
    expectProblem(
      await post(hookBody(references, wrong)),
      8,
      Object.keys(wrong).map((field) => (field === 'arguments' ? 'arguments[1]' : field)),
    );
  });

  it('is listed up to a hundred fields', async () => {
    const extra = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, index]));
    const answer = await post({ ...hookBody(references), ...extra });
    expect(answer.status).toBe(400);
    expect(invalidFields(answer)).toHaveLength(100);
    const many = await post(hookBody(references, { arguments: Array<number>(5000).fill(1) }));
    expect(many.status).toBe(400);
    expect(invalidFields(many)).toHaveLength(100);
  });
});

describe('a body that is no object', () => {
  it.each(['null', '[]', '[{}]', '"hook"', '1', 'true', '-0', '1e999', '"\\ud800"', '"\\u0000"'])(
    'is refused: %s',
    async (body) => {
      for (const request of [service.send('post', HOOKS), service.send('put', `${HOOKS}/${hook.id}`)]) {
        expectProblem(await request.type('application/json').send(body), 8, ['body']);
      }
    },
  );

  it('is refused however deep it is', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
      const answer = await service.send('post', HOOKS).type('application/json').send(deep);
      expect(answer.status).toBe(400);
      expect(invalidFields(answer)[0]?.name).toMatch(open === '[' ? /^body$/ : /^a(\.a)+$/);
    }
  });
});

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
}
