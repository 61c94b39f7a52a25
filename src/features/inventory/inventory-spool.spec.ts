import { createHash } from 'node:crypto';
import { ReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ExtendedValidationFailure } from '../../problems/catalogue.js';
import { InventorySpool } from './inventory-spool.js';
import type { ListedPod } from './listed-pod.js';

const POD: ListedPod = {
  index: 7,
  namespace: 'east',
  name: 'web-0',
  labels: new Map([
    ['tier', 'web'],
    ['env', 'prod'],
  ]),
  containers: [
    { name: 'web', image: 'nginx' },
    { name: 'proxy', image: 'istio' },
  ],
  initContainers: 0,
  ephemeralContainers: 0,
  phase: 'Running',
  isBeingDeleted: false,
  isNodeLost: false,
};

const spools: InventorySpool[] = [];

function spoolOf(memoryBytes: number): InventorySpool {
  const spool = new InventorySpool(memoryBytes);
  spools.push(spool);
  return spool;
}

async function filled(pods: Iterable<ListedPod>, memoryBytes = 1e6): Promise<{ rows: string; digest: string }> {
  const spool = spoolOf(memoryBytes);
  for (const pod of pods) await spool.add(pod);
  const digest = await spool.finish();
  return { rows: await text(spool), digest: digest.toString('hex') };
}

async function text(spool: InventorySpool): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of spool.rows() as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function pods(count: number, fields: Partial<ListedPod> = {}): ListedPod[] {
  return Array.from({ length: count }, (_, index) => ({ ...POD, name: `web-${index}`, index, ...fields }));
}

async function filesOfSpools(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('execution-hooks-') && !name.includes('test'));
}

describe('the spool of an inventory', () => {
  afterEach(async () => {
    await Promise.all(spools.splice(0).map((spool) => spool.dispose()));
  });

  it('holds one row a pod, labels and containers by name', async () => {
    const content =
      'east\tweb-0\t[{"name":"env","value":"prod"},{"name":"tier","value":"web"}]\t' +
      '[{"name":"proxy","image":"istio"},{"name":"web","image":"nginx"}]\n';
    expect(await filled([POD])).toEqual({
      rows: `7\t${content}`,
      digest: createHash('sha256').update(content).digest('hex'),
    });
  });

  it('is empty without pods', async () => {
    expect(await filled([])).toEqual({ rows: '', digest: createHash('sha256').digest('hex') });
  });

  it('escapes what means something to COPY', async () => {
    const { rows } = await filled([
      { ...POD, namespace: 'a\tb\nc\rd\\e', labels: new Map([['"\\', '\t\n']]), containers: [] },
    ]);
    expect(rows).toBe(String.raw`7	a\tb\nc\rd\\e	web-0	[{"name":"\\"\\\\","value":"\\t\\n"}]	[]` + '\n');
  });

  it('orders by code point, as Postgres does', async () => {
    const names = ['\uffff', '😀', 'z', 'Z', ''];
    const labels = new Map(names.map((name) => [name, '']));
    const { rows } = await filled([{ ...POD, labels, containers: [] }]);
    expect(rows).toContain(JSON.stringify(['', 'Z', 'z', '\uffff', '😀'].map((name) => ({ name, value: '' }))));
  });

  it('gives the same rows and the same digest from memory and from a file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1500 }),
        fc.integer({ min: 0, max: 300_000 }),
        async (count, memory) => {
          expect(await filled(pods(count), memory)).toEqual(await filled(pods(count), Infinity));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps to its memory, and leaves no file behind', async () => {
    const before = await filesOfSpools();
    const spool = spoolOf(100_000);
    for (const pod of pods(5000)) await spool.add(pod);
    await spool.finish();
    expect(spool.rows()).toBeInstanceOf(ReadStream);
    // The file has no name from the first moment on: even a process that is killed leaves none behind.
    expect(await filesOfSpools()).toEqual(before);
    expect((await text(spool)).split('\n')).toHaveLength(5001);
    expect(spool.podCount).toBe(5000);
    await spool.dispose();
    await spool.dispose();

    const small = spoolOf(100_000);
    for (const pod of pods(500)) await small.add(pod);
    await small.finish();
    expect(small.rows()).not.toBeInstanceOf(ReadStream);
  });

  it('is a 503 that names the setting where the folder for temporary files takes none', async () => {
    const spool = new InventorySpool(0, '/nowhere');
    const spooled = spool.add(POD).then(() => spool.finish());
    await expect(spooled).rejects.toMatchObject({
      status: 503,
      definition: { detail: expect.stringContaining('TMPDIR') as unknown },
    });
  });

  it('can be read more than once', async () => {
    for (const memory of [0, 1e6]) {
      const spool = spoolOf(memory);
      for (const pod of pods(2000)) await spool.add(pod);
      await spool.finish();
      expect(await text(spool)).toBe(await text(spool));
    }
  });

  it('has another digest for anything that the inventory keeps, and for nothing else', async () => {
    const { digest } = await filled([POD]);
    const others: Partial<ListedPod>[] = [
      { namespace: 'west' },
      { name: 'web-1' },
      { labels: new Map() },
      { labels: new Map([...POD.labels, ['tier', 'db']]) },
      { containers: [{ name: 'web', image: 'nginx' }] },
      { containers: [...POD.containers].map((container) => ({ ...container, image: 'other' })) },
    ];
    for (const other of others) expect((await filled([{ ...POD, ...other }])).digest).not.toBe(digest);
    const same: Partial<ListedPod>[] = [
      { index: 99 },
      { initContainers: 5, ephemeralContainers: 2 },
      { containers: [...POD.containers].reverse() },
      { labels: new Map([...POD.labels].reverse()) },
    ];
    for (const each of same) expect((await filled([{ ...POD, ...each }])).digest).toBe(digest);
  });

  it('refuses pods with a container name twice, naming all of them', async () => {
    const container = { name: 'web', image: 'nginx' };
    const spool = spoolOf(1e6);
    await spool.add({ ...POD, index: 2, containers: [container, { ...container, image: 'other' }, container] });
    await spool.add(POD);
    await spool.add({ ...POD, index: 9, containers: [{ name: 'a', image: 'i' }, container, container] });
    const reason = 'must not be that of another container of the pod';
    const error: unknown = await spool.finish().catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(ExtendedValidationFailure);
    expect(error).toMatchObject({
      members: {
        invalidFields: [
          { name: 'items[2].spec.containers[1].name', reason },
          { name: 'items[2].spec.containers[2].name', reason },
          { name: 'items[9].spec.containers[2].name', reason },
        ],
      },
    });
  });
});
