import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { InvalidJsonPayload, SchemaViolation } from '../../problems/catalogue.js';
import type { ListedPod } from './listed-pod.js';
import { POD_LIMITS, readPodList } from './pod-list-reader.js';

async function* stream(chunks: Iterable<Buffer>): AsyncGenerator<Buffer, void> {
  for (const chunk of chunks) {
    await turn();
    yield chunk;
  }
}

async function read(chunks: Iterable<Buffer>, limits = POD_LIMITS): Promise<ListedPod[]> {
  const pods: ListedPod[] = [];
  for await (const pod of readPodList(stream(chunks), limits)) pods.push(pod);
  return pods;
}

function readText(text: string): Promise<ListedPod[]> {
  return read([Buffer.from(text)]);
}

/** The fields that a list is refused for. */
async function refusal(text: string, limits = POD_LIMITS): Promise<unknown> {
  const error: unknown = await read([Buffer.from(text)], limits).catch((reason: unknown) => reason);
  return error instanceof SchemaViolation ? error.members.invalidFields : error;
}

const POD = { kind: 'Pod', metadata: { namespace: 'n', name: 'p' }, spec: { containers: [] } };
const BARE_POD = { metadata: POD.metadata, spec: POD.spec };
const FILES = [
  'demo/pods-payroll-east.json',
  'demo/pods-payroll-west.json',
  'test/data/pods-logging.json',
  'test/data/pods-streaming.json',
  'test/data/pods-wordpress.json',
];

describe('the pod list reader', () => {
  const file = (path: string): Promise<Buffer> => readFile(new URL(`../../../${path}`, import.meta.url));
  let westBytes: Buffer;

  beforeAll(async () => {
    westBytes = await file('demo/pods-payroll-west.json');
  });

  it('reads what kubectl prints, item by item', async () => {
    const counts = await Promise.all(FILES.map(async (path) => (await read([await file(path)])).length));
    expect(counts).toEqual([8, 1, 8, 3, 3]);
    expect(await read([westBytes])).toEqual([
      {
        index: 0,
        namespace: 'payroll-west',
        name: 'payroll-postgresql-0',
        labels: new Map([
          ['app.kubernetes.io/component', 'primary'],
          ['app.kubernetes.io/instance', 'payroll'],
          ['app.kubernetes.io/managed-by', 'Helm'],
          ['app.kubernetes.io/name', 'postgresql'],
          ['controller-revision-hash', 'payroll-postgresql-5f47bbd49b'],
          ['env', 'dr'],
          ['statefulset.kubernetes.io/pod-name', 'payroll-postgresql-0'],
        ]),
        containers: [
          { name: 'postgresql', image: 'docker.io/bitnami/postgresql:15.4.0-debian-11-r45', state: 'running' },
        ],
        initContainers: 0,
        ephemeralContainers: 0,
        phase: 'Running',
        isBeingDeleted: false,
        isNodeLost: false,
      },
    ]);
  });

  it('reads the same, whatever the chunks', async () => {
    const streaming = await file('test/data/pods-streaming.json');
    const expected = await read([streaming]);
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (any) => {
        const chunks: Buffer[] = [];
        for (let start = 0, index = 0; start < streaming.length; index++) {
          const end = start + (any[index % any.length] ?? 1);
          chunks.push(streaming.subarray(start, end));
          start = end;
        }
        expect(await read(chunks)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('reads the same, cut at any byte', async () => {
    const text = Buffer.from(
      JSON.stringify({ items: [{ ...POD, metadata: { namespace: 'nä', name: '😀"\\' } }], kind: 'List' }),
    );
    const expected = await read([text]);
    expect(expected).toMatchObject([{ namespace: 'nä', name: '😀"\\' }]);
    for (let place = 0; place <= text.length; place++) {
      expect(await read([text.subarray(0, place), text.subarray(place)])).toEqual(expected);
    }
  });

  it('takes a List of pods and the PodList of an API server, whose items have no kind', async () => {
    expect(await readText(JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [POD] }))).toHaveLength(1);
    expect(
      await readText(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [BARE_POD] })),
    ).toHaveLength(1);
    expect(await readText(JSON.stringify({ items: [BARE_POD, POD], kind: 'PodList' }))).toHaveLength(2);
    expect(await readText('{"kind":"PodList","items":[]}')).toEqual([]);
  });

  it('takes the PodList of a Go client, which leaves every kind out', async () => {
    expect(await readText(JSON.stringify({ metadata: {}, items: [BARE_POD, BARE_POD] }))).toHaveLength(2);
    expect(await readText(JSON.stringify({ items: [BARE_POD], metadata: { resourceVersion: '7' } }))).toHaveLength(1);
    expect(await readText('{"metadata":{},"items":[]}')).toEqual([]);
    await expect(
      readText('{"metadata":{},"items":[{"metadata":{"name":"web"},"spec":{"replicas":1}}]}'),
    ).rejects.toThrow(SchemaViolation);
  });

  it.each([
    ['before the items', { metadata: { continue: 'abc', remainingItemCount: 3 }, items: [POD] }],
    ['behind the items', { items: [POD], metadata: { continue: 'abc' } }],
    ['by what remains alone', { items: [POD], metadata: { remainingItemCount: 1 } }],
    ['without items', { items: [], metadata: { continue: 'abc' } }],
  ])('refuses one page of a longer list: told %s', async (_case, list) => {
    await expect(readText(JSON.stringify({ kind: 'PodList', ...list }))).rejects.toMatchObject({
      definition: { number: 9 },
      members: {
        invalidFields: [{ name: 'metadata.continue', reason: expect.stringContaining('send the whole list') }],
      },
    });
  });

  it('takes a whole list, whatever it says of pages', async () => {
    for (const metadata of [{ continue: '' }, { continue: null, remainingItemCount: 0 }, {}, null]) {
      expect(await readText(JSON.stringify({ kind: 'PodList', items: [BARE_POD], metadata }))).toHaveLength(1);
    }
  });

  const whatToSend = 'send a PodList, or a List of Pods, as `kubectl get pods -o json` prints it';
  it.each([
    ['5', 'body', `must be an object: ${whatToSend}`],
    ['[{"kind":"Pod"}]', 'body', `must be an object: ${whatToSend}`],
    ['{}', 'kind', `must be "PodList" or "List": ${whatToSend}`],
    [JSON.stringify(POD), 'kind', `must not be that of a single pod: ${whatToSend} when no pod is named`],
    ['{"kind":"DeploymentList","items":[{"spec":{}}]}', 'kind', `must be "PodList" or "List": ${whatToSend}`],
    ['{"items":[{"kind":"Pod"}],"kind":null}', 'kind', `must be "PodList" or "List": ${whatToSend}`],
    ['{"items":[]}', 'kind', `must be "PodList" or "List": ${whatToSend}`],
    ['{"metadata":{},"items":null}', 'kind', `must be "PodList" or "List": ${whatToSend}`],
    ['{"metadata":{},"items":[{"kind":"Deployment"}]}', 'items[0].kind', 'must be "Pod"'],
    ['{"kind":"List","metadata":7,"items":[]}', 'metadata', 'must be an object'],
    ['{"kind":"List","metadata":{"continue":7},"items":[]}', 'metadata.continue', 'must be a string'],
    [
      '{"kind":"List","metadata":{"remainingItemCount":"1"},"items":[]}',
      'metadata.remainingItemCount',
      'must be a whole number',
    ],
    ['{"kind":"List"}', 'items', 'must be an array of pods'],
    ['{"kind":"List","items":null}', 'items', 'must be an array of pods'],
    ['{"kind":"List","items":{"0":{}}}', 'items', 'must be an array of pods'],
    ['{"kind":"List","apiVersion":"v2","items":[]}', 'apiVersion', 'must be "v1"'],
    ['{"kind":"List","items":[],"items":[]}', 'items', 'must not be given twice'],
    ['{"kind":"List","items":[],"items":null}', 'items', 'must not be given twice'],
    ['{"kind":"List","kind":"PodList","items":[]}', 'kind', 'must not be given twice'],
    ['{"kind":"List","items":[{"kind":"Deployment","spec":{}}]}', 'items[0].kind', 'must be "Pod"'],
    [JSON.stringify({ items: [POD, BARE_POD], kind: 'List' }), 'items[1].kind', 'must be "Pod"'],
    ['{"kind":"List","items":[7]}', 'items[0]', 'must be an object'],
  ])('refuses %s', async (text, name, reason) => {
    expect(await refusal(text)).toEqual([{ name, reason }]);
  });

  it('names every field that is wrong, and gives no pod from the first one on', async () => {
    const wrong = { ...POD, spec: { containers: [{ name: 'c' }] } };
    const pods: ListedPod[] = [];
    const bytes = Buffer.from(JSON.stringify({ kind: 'List', items: [POD, wrong, POD, { ...POD, status: 1 }] }));
    const reading = (async () => {
      for await (const pod of readPodList(stream([bytes]), POD_LIMITS)) pods.push(pod);
    })();
    await expect(reading).rejects.toMatchObject({
      members: {
        invalidFields: [
          { name: 'items[1].spec.containers[0].image', reason: 'must be a string of 1 to 4096 characters' },
          { name: 'items[3].status', reason: 'must be an object' },
        ],
      },
    });
    expect(pods).toHaveLength(1);
  });

  it('lists the first 100 fields that are wrong, says that it stops there, and reads no further', async () => {
    const chunks = ['{"kind":"List","items":[', ...Array.from({ length: 500 }, () => '{"kind":"Pod"},')];
    let sent = 0;
    async function* counted(): AsyncGenerator<Buffer, void> {
      for (const chunk of chunks) {
        await turn();
        sent += 1;
        yield Buffer.from(chunk);
      }
    }
    const reading = readPodList(counted(), POD_LIMITS).next();
    const error: unknown = await reading.catch((reason: unknown) => reason);
    if (!(error instanceof SchemaViolation)) throw error;
    const fields = error.members.invalidFields ?? [];
    expect(fields).toHaveLength(101);
    expect(fields[99]).toEqual({ name: 'items[49].spec', reason: 'must be an object' });
    expect(fields[100]).toEqual({ name: 'items', reason: 'may have further errors: only the first 100 are listed' });
    expect(sent).toBe(51);
  });

  it('refuses a pod beyond the limits', async () => {
    const big = { kind: 'List', items: [{ kind: 'Pod' }, { ...POD, note: 'x'.repeat(2000) }] };
    expect(await refusal(JSON.stringify(big), { bytes: 1000, nesting: 10 })).toEqual([
      { name: 'items[0].metadata', reason: 'must be an object' },
      { name: 'items[0].spec', reason: 'must be an object' },
      { name: 'items[1]', reason: 'must not be longer than 1000 bytes' },
    ]);
    const deep = `{"kind":"List","items":[${'['.repeat(101)}`;
    expect(await refusal(deep)).toEqual([{ name: 'items[0]', reason: 'must not nest deeper than 100 levels' }]);
  });

  it.each([
    ['cut off in a pod', (text: string) => text.slice(0, text.length / 2)],
    ['cut off before the end', (text: string) => text.trimEnd().slice(0, -1)],
    ['followed by something', (text: string) => `${text}x`],
    ['sent twice', (text: string) => text + text],
    ['empty', () => ''],
    ['with a damaged pod', (text: string) => text.replace('"phase":', '"phase"')],
  ])('refuses a list %s', async (_case, damage) => {
    await expect(readText(damage(westBytes.toString()))).rejects.toBeInstanceOf(InvalidJsonPayload);
  });

  it('refuses what is no JSON as that, even after a pod that is wrong', async () => {
    await expect(readText('{"kind":"List","items":[{"kind":"Pod"}]')).rejects.toBeInstanceOf(InvalidJsonPayload);
  });

  it('passes on what goes wrong with the bytes', async () => {
    const failure = new Error('the client is gone');
    async function* broken(): AsyncGenerator<Buffer, void> {
      yield Buffer.from('{"kind":"List","items":[');
      await turn();
      throw failure;
    }
    await expect(readPodList(broken(), POD_LIMITS).next()).rejects.toBe(failure);
  });

  it('lets others have their turn within one chunk, however long it is', async () => {
    // By a clock that goes on by a millisecond each time that it is read.
    let time = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (time += 1));
    const pods = Array.from({ length: 100 }, () => JSON.stringify(POD));
    const chunk = Buffer.from(`{"kind":"List","items":[${pods.join(',')}]}`);
    let turns = 0;
    const reading = { isDone: false };
    const others = (async () => {
      while (!reading.isDone) {
        await turn();
        turns += 1;
      }
    })();
    async function* one(): AsyncGenerator<Buffer, void> {
      yield chunk;
      await Promise.resolve();
    }
    let count = 0;
    for await (const pod of readPodList(one(), POD_LIMITS)) count += pod.containers.length + 1;
    reading.isDone = true;
    await others;
    clock.mockRestore();
    expect(count).toBe(100);
    expect(turns).toBeGreaterThan(20);
  });
});
