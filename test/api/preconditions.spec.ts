import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { expectProblem } from '../support/problems.js';
import {
  createApp,
  createHook,
  createHookSource,
  createReferences,
  type Fields,
  type HookReferences,
} from '../support/resources.js';
import { startTestService, type TestService } from '../support/service.js';

let service: TestService;
let references: HookReferences;
beforeAll(async () => {
  service = await startTestService();
  references = await createReferences(service);
});
afterAll(() => service.stop());

/** A resource that is there to be changed or deleted. */
interface Target {
  readonly path: string;
  /** What every PUT of it has to say. */
  readonly required: Fields;
}

const RESOURCES: readonly { readonly resource: string; readonly make: () => Promise<Target> }[] = [
  {
    resource: 'hook',
    make: async () => {
      const { id, type, version } = await createHook(service, references);
      return { path: `/core/v1/executionHooks/${id}`, required: { type, version } };
    },
  },
  {
    resource: 'hook of an app',
    make: async () => {
      const { id, type, version } = await createHook(service, references);
      return { path: `/k8s/v1/apps/${references.appID}/executionHooks/${id}`, required: { type, version } };
    },
  },
  {
    resource: 'hook source',
    make: async () => {
      const { id, type, version } = await createHookSource(service);
      return { path: `/core/v1/hookSources/${id}`, required: { type, version } };
    },
  },
  {
    resource: 'app',
    make: async () => {
      const { id, type, version } = await createApp(service);
      return { path: `/k8s/v2/apps/${id}`, required: { type, version } };
    },
  },
];

type Change = (target: Target, headers: Readonly<Record<string, string>>) => Promise<Response>;

const CHANGES: readonly { readonly method: string; readonly change: Change }[] = [
  {
    method: 'PUT',
    change: ({ path, required }, headers) =>
      service
        .send('put', path)
        .set(headers)
        .send(required)
        .then((answer) => answer),
  },
  {
    method: 'DELETE',
    change: ({ path }, headers) =>
      service
        .send('delete', path)
        .set(headers)
        .then((answer) => answer),
  },
];

const CASES = RESOURCES.flatMap((resource) => CHANGES.map((change) => ({ ...resource, ...change })));

const OTHER_TAG = `"${'0'.repeat(32)}"`;

const MALFORMED = [
  ['if-match', 'x'],
  ['if-match', ''],
  ['if-match', ','],
  ['if-match', '"x'],
  ['if-match', '"x" "y"'],
  ['if-match', '*, "x"'],
  ['if-match', "'x'"],
  ['if-match', 'w/"x"'],
  ['if-none-match', '"a"b'],
  ['if-unmodified-since', 'yesterday'],
  ['if-unmodified-since', ''],
  ['if-unmodified-since', '2022-10-06T20:58:16Z'],
  ['if-unmodified-since', 'Thu, 06 Oct 2022 20:58:16 +0000'],
  ['if-unmodified-since', 'Thu, 06 Oct 2022 25:00:00 GMT'],
  ['if-unmodified-since', 'Thu, 31 Feb 2022 20:58:16 GMT'],
  ['if-unmodified-since', 'Mon, 06 Oct 2022 20:58:16 GMT'],
  ['if-modified-since', 'Thu, 06 October 2022 20:58:16 GMT'],
] as const;

describe.each(CASES)('$method of a $resource', ({ make, change }) => {
  /** Headers from what the target is now, and whether a change with them is made. */
  const CONDITIONS: readonly [string, (etag: string, modified: Date) => Readonly<Record<string, string>>, boolean][] = [
    ['no condition', () => ({}), true],
    ['If-Match with its tag', (etag) => ({ 'if-match': etag }), true],
    ['If-Match with its tag among others', (etag) => ({ 'if-match': `${OTHER_TAG} ,, W/"x",${etag}` }), true],
    ['If-Match: *', () => ({ 'if-match': '*' }), true],
    ['If-Match with another tag', () => ({ 'if-match': OTHER_TAG }), false],
    ['If-Match with its tag as a weak one', (etag) => ({ 'if-match': `W/${etag}` }), false],
    ['If-None-Match with another tag', () => ({ 'if-none-match': OTHER_TAG }), true],
    ['If-None-Match with its tag', (etag) => ({ 'if-none-match': etag }), false],
    ['If-None-Match: *', () => ({ 'if-none-match': '*' }), false],
    ['If-Unmodified-Since its change', (_, at) => ({ 'if-unmodified-since': at.toUTCString() }), true],
    ['If-Unmodified-Since later', (_, at) => ({ 'if-unmodified-since': secondsFrom(at, 1).toUTCString() }), true],
    ['If-Unmodified-Since before', (_, at) => ({ 'if-unmodified-since': secondsFrom(at, -1).toUTCString() }), false],
    [
      'If-Unmodified-Since long ago, as it was written then',
      () => ({ 'if-unmodified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }),
      false,
    ],
    [
      'If-Unmodified-Since long ago, as C writes it',
      () => ({ 'if-unmodified-since': 'Sun Nov  6 08:49:37 1994' }),
      false,
    ],
    ['If-Modified-Since before', (_, at) => ({ 'if-modified-since': secondsFrom(at, -1).toUTCString() }), true],
    ['If-Modified-Since its change', (_, at) => ({ 'if-modified-since': at.toUTCString() }), false],
    [
      'If-Match, and a date that it supersedes',
      (etag) => ({ 'if-match': etag, 'if-unmodified-since': 'Sun, 06 Nov 1994 08:49:37 GMT' }),
      true,
    ],
    [
      'If-None-Match, and a date that it supersedes',
      (_, at) => ({ 'if-none-match': OTHER_TAG, 'if-modified-since': at.toUTCString() }),
      true,
    ],
    [
      'one condition that holds and one that does not',
      (etag, at) => ({ 'if-match': etag, 'if-modified-since': at.toUTCString() }),
      false,
    ],
  ];

  it.each(CONDITIONS)('with %s', async (_, headers, isMade) => {
    const target = await make();
    const before = await service.send('get', target.path);
    const { etag = '', 'last-modified': modified = '' } = before.headers as Record<string, string>;
    const answer = await change(target, headers(etag, new Date(modified)));
    if (isMade) {
      expect(answer.status).toBe(204);
    } else {
      expectProblem(answer, 38);
      expect((await service.send('get', target.path)).body).toEqual(before.body);
    }
  });

  it('with a condition that is malformed', async () => {
    const target = await make();
    const before = await service.send('get', target.path);
    for (const [name, value] of MALFORMED) expectProblem(await change(target, { [name]: value }), 12);
    expect((await service.send('get', target.path)).body).toEqual(before.body);
  });
});

describe('other methods', () => {
  it('take no notice of conditions', async () => {
    const { id } = await createHookSource(service);
    const path = `/core/v1/hookSources/${id}`;
    const { etag = '' } = (await service.send('get', path)).headers as Record<string, string>;
    const conditions = { 'if-none-match': etag, 'if-match': 'malformed', 'if-modified-since': 'malformed' };
    expect((await service.send('get', path).set(conditions)).status).toBe(200);
  });
});

function secondsFrom(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
