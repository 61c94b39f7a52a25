import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { InventoryPod, InventorySnapshot } from './inventory-snapshot.js';
import { InventorySnapshotBuilder } from './snapshot-builder.js';
import { matchContainersSync } from './match.js';
import { decodeSnapshot, encodeSnapshot, MalformedSnapshot, SNAPSHOT_FORMAT } from './snapshot-bytes.js';

function snapshotOf(pods: readonly InventoryPod[]): InventorySnapshot {
  const builder = new InventorySnapshotBuilder();
  for (const pod of pods) builder.addPod(pod);
  return builder.build();
}

function encoded(snapshot: InventorySnapshot): Buffer {
  return Buffer.concat(Array.from(encodeSnapshot(snapshot)));
}

function decoded(bytes: Buffer): InventorySnapshot {
  const steps = decodeSnapshot(bytes);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** All that a snapshot holds, but for what its columns remember of themselves. */
function contentOf(snapshot: InventorySnapshot): object {
  return Object.fromEntries(
    Object.entries(snapshot).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Uint32Array || typeof value === 'number' ? value : columnOf(value as object),
    ]),
  );
}

function columnOf({ bytes, starts, oneLineEach }: Partial<InventorySnapshot['images']>): object {
  return { bytes: bytes?.toString('hex'), starts, oneLineEach };
}

const AWKWARD = ['', 'a', 'a=b', '=', 'b\nc', '\n', 'ä\u2028', '\u{1f980}', '\uffff', '\0', '\\', '"', 'ab'];

const text = fc.oneof(fc.constantFrom(...AWKWARD), fc.string({ unit: 'binary' }));
const pod: fc.Arbitrary<InventoryPod> = fc.record({
  namespaceName: text,
  podName: text,
  podLabels: fc.array(fc.record({ name: text, value: text }), { maxLength: 4 }),
  containers: fc.uniqueArray(fc.record({ name: text, image: text }), { maxLength: 3, selector: ({ name }) => name }),
});
const inventory = fc.uniqueArray(pod, {
  maxLength: 40,
  selector: ({ namespaceName, podName }) => JSON.stringify([namespaceName, podName]),
});

/** Two namespaces, shared and own labels, pods of one and of more containers. */
const PODS: readonly InventoryPod[] = Array.from({ length: 300 }, (_, index) => ({
  namespaceName: `team-${index % 2}`,
  podName: `pod-${index}`,
  podLabels: [
    { name: 'app', value: `app-${index % 7}` },
    { name: 'pod', value: `pod-${index}` },
  ],
  containers: Array.from({ length: 1 + (index % 2) }, (_container, container) => ({
    name: `c${container}`,
    image: `image-${index % 11}`,
  })),
}));

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a snapshot as bytes', () => {
  it('is the same snapshot again, whatever the pods', () => {
    fc.assert(
      fc.property(inventory, (pods) => {
        const snapshot = snapshotOf(pods);
        const again = decoded(encoded(snapshot));
        expect(contentOf(again)).toEqual(contentOf(snapshot));
        const criteria = [{ type: 'podLabel', value: '^a=b' }] as const;
        for (const each of [[], criteria]) {
          expect(matchContainersSync(again, each).containersJson()).toBe(
            matchContainersSync(snapshot, each).containersJson(),
          );
        }
      }),
    );
  });

  it('keeps numbers of every size', () => {
    // 70,000 pods: places beyond two bytes, and beginnings of values beyond them.
    const pods = Array.from({ length: 70_000 }, (_, index) => ({
      namespaceName: 'n',
      podName: `pod-${String(index).padStart(6, '0')}`,
      podLabels: [],
      containers: [{ name: 'c', image: `image-${(index * 7919) % 69_997}` }],
    }));
    const snapshot = snapshotOf(pods);
    expect(contentOf(decoded(encoded(snapshot)))).toEqual(contentOf(snapshot));
  });

  it.each([
    [[0, 2 ** 32 - 1, 2 ** 24, 255, 256, 65_535, 65_536]],
    [[2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 0, 0, 0, 0]],
    [[70_000, 70_001, 70_001, 70_300, 80_000, 90_000, 2 ** 31]],
    [[0, 0, 0, 0, 0, 0, 0]],
  ])('keeps the numbers %p', (numbers) => {
    const labels = numbers.map((_, index) => ({ name: 'n', value: String(index) }));
    const pods = [{ namespaceName: 'n', podName: 'p', podLabels: labels, containers: [{ name: 'c', image: 'i' }] }];
    const snapshot = snapshotOf(pods);
    snapshot.labelNameLengths.set(numbers);
    expect(Array.from(decoded(encoded(snapshot)).labelNameLengths)).toEqual(numbers);
  });

  it('has the format that its number stands for', () => {
    const digest = createHash('sha256')
      .update(encoded(snapshotOf(PODS)))
      .digest('hex');
    // Another digest is another format: it takes another number, or older processes misread what newer ones write.
    expect([SNAPSHOT_FORMAT, digest]).toEqual([3, '191e91640bc435b925c47e91f028ed90119439ab7b35b12219e35bbbd82f6907']);
  });

  it('is refused when it ends early or goes on', () => {
    const bytes = encoded(snapshotOf(PODS.slice(0, 12)));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decoded(bytes.subarray(0, length))).toThrow(MalformedSnapshot);
    }
    expect(() => decoded(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(MalformedSnapshot);
  });

  it.each([
    ['namespaceOfPod', 2],
    ['nameOfPod', 300],
    ['labelSetOfPod', 300],
    ['firstLabelOfSet', 601],
    ['labelOfSet', 307],
    ['podOfContainer', 300],
    ['nameOfContainer', 2],
    ['imageOfContainer', 11],
  ] as const)('is refused where %s points to nothing, with %i', (name, first) => {
    const snapshot = snapshotOf(PODS);
    snapshot[name][7] = first - 1;
    expect(decoded(encoded(snapshot))[name][7]).toBe(first - 1);
    snapshot[name][7] = first;
    expect(() => decoded(encoded(snapshot))).toThrow('points to nothing');
  });

  it.each([
    'labelNameLengths',
    'namespaceOfPod',
    'nameOfPod',
    'labelSetOfPod',
    'podOfContainer',
    'nameOfContainer',
    'imageOfContainer',
  ] as const)('is refused where %s is shorter than what belongs to it', (name) => {
    const snapshot = snapshotOf(PODS);
    const shorter = Object.assign(snapshot, { [name]: snapshot[name].slice(1) });
    expect(() => decoded(encoded(shorter))).toThrow('differ in length');
  });

  it('is refused, or at least safe to match, with any byte changed', () => {
    const bytes = encoded(snapshotOf(PODS.slice(0, 12)));
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (const change of [1, 0x80, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ change;
        try {
          matchContainersSync(decoded(changed), []).containersJson();
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedSnapshot);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(bytes.length);
  });

  it('is read in turns', () => {
    // Every reading of the clock finds it a millisecond later.
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now++);
    const steps = decodeSnapshot(encoded(snapshotOf(PODS)));
    let turns = 0;
    while (steps.next().done !== true) turns += 1;
    expect(turns).toBeGreaterThan(2);
  });
});
