import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type InventoryPod, stateOf } from './inventory-snapshot.js';
import { InventorySnapshotBuilder } from './snapshot-builder.js';
import { matchContainersSync } from './match.js';

const pod = (namespaceName: string, podName: string, ...containers: string[]): InventoryPod => ({
  namespaceName,
  podName,
  podLabels: [{ name: 'app', value: 'a' }],
  containers: containers.map((name) => ({ name, image: `image of ${name}` })),
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('InventorySnapshot', () => {
  it('orders containers by namespace, pod and container, by code point', () => {
    const builder = new InventorySnapshotBuilder();
    builder.addPod(pod('\u{10000}', 'p', 'c'));
    builder.addPod(pod('b', '\u{1F600}', 'c'));
    builder.addPod(pod('\uffff', 'p', 'c'));
    builder.addPod(pod('b', '\uffee', 'z', '\u{10000}', 'A', '\uffff', 'a'));
    builder.addPod(pod('B', 'z', 'c'));
    const snapshot = builder.build();
    expect(snapshot.containerCount).toBe(9);
    expect(snapshot.podCount).toBe(5);
    const order = Array.from(matchContainersSync(snapshot, []).containers(), (c) => [
      c.namespaceName,
      c.podName,
      c.containerName,
      c.containerImage,
    ]);
    expect(order).toEqual([
      ['B', 'z', 'c', 'image of c'],
      ['b', '\uffee', 'A', 'image of A'],
      ['b', '\uffee', 'a', 'image of a'],
      ['b', '\uffee', 'z', 'image of z'],
      ['b', '\uffee', '\uffff', 'image of \uffff'],
      ['b', '\uffee', '\u{10000}', 'image of \u{10000}'],
      ['b', '\u{1F600}', 'c', 'image of c'],
      ['\uffff', 'p', 'c', 'image of c'],
      ['\u{10000}', 'p', 'c', 'image of c'],
    ]);
  });

  it('holds each distinct value once, and one label set for the pods that share it', () => {
    const builder = new InventorySnapshotBuilder();
    for (let index = 0; index < 100; index++) builder.addPod(pod(`n${index % 2}`, `p${index >> 1}`, 'c', 'd'));
    const snapshot = builder.build();
    expect(snapshot.namespaces.texts).toEqual(['n0', 'n1']);
    expect(snapshot.podNames.texts).toHaveLength(50);
    expect(snapshot.containerNames.texts).toEqual(['c', 'd']);
    expect(snapshot.images.texts).toEqual(['image of c', 'image of d']);
    expect(snapshot.labelTexts.texts).toEqual(['app=a']);
    expect(snapshot.labelSetCount).toBe(1);
  });

  it('keeps the state of each container, where it is known', () => {
    const containers = [
      { name: 'c', image: 'i', state: 'terminated', reason: 'ran out of memory' },
      { name: 'b', image: 'i', state: 'running' },
      { name: 'a', image: 'i' },
    ] as const;
    const builder = new InventorySnapshotBuilder();
    builder.addPod({ ...pod('n', 'p'), containers });
    const snapshot = builder.build();
    expect([0, 1, 2].map((container) => stateOf(snapshot, container))).toEqual([
      {},
      { state: 'running' },
      { state: 'terminated', reason: 'ran out of memory' },
    ]);
  });

  it('keeps label sets apart whose numbers read the same', () => {
    const labels = Array.from({ length: 13 }, (_, index) => ({ name: 'index', value: `${index}` }));
    const numbered = (...indexes: number[]) => labels.filter((_, index) => indexes.includes(index));
    const builder = new InventorySnapshotBuilder();
    builder.addPod({ ...pod('n', 'all', 'c'), podLabels: labels });
    builder.addPod({ ...pod('n', 'one', 'c'), podLabels: numbered(1, 12) });
    builder.addPod({ ...pod('n', 'two', 'c'), podLabels: numbered(2, 11).toReversed() });
    const containers = Array.from(matchContainersSync(builder.build(), []).containers());
    expect(containers.map(({ podLabels }) => podLabels.map(({ value }) => value))).toEqual([
      labels.map(({ value }) => value),
      ['1', '12'],
      ['11', '2'],
    ]);
  });

  it('keeps labels apart that read the same', () => {
    const builder = new InventorySnapshotBuilder();
    const labels = [
      { name: 'a=b', value: 'c' },
      { name: 'a', value: 'b=c' },
    ];
    builder.addPod({ ...pod('n', 'p', 'c'), podLabels: labels });
    const [container] = matchContainersSync(builder.build(), [{ type: 'podLabel', value: '^a=b=c$' }]).containers();
    expect(container?.podLabels).toEqual(labels);
  });

  it('is the same when it is built in slices, and whether pods came in order or not', () => {
    // Every reading of the clock finds it a millisecond later.
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now++);
    const pods = Array.from({ length: 5_000 }, (_, index) => pod('n', `pod-${String(index).padStart(5, '0')}`, 'c'));
    const inOrder = new InventorySnapshotBuilder();
    for (const each of pods) inOrder.addPod(each);
    const outOfOrder = new InventorySnapshotBuilder();
    for (const each of pods.toReversed()) outOfOrder.addPod(each);
    const steps = inOrder.buildInSlices();
    let slices = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) slices++;
    expect(slices).toBeGreaterThan(50);
    const [one, other] = [step.value, outOfOrder.build()];
    expect(one.podNames.texts).toEqual(pods.map(({ podName }) => podName));
    expect(other.podNames.texts).toEqual(one.podNames.texts);
    expect(matchContainersSync(other, []).containersJson()).toBe(matchContainersSync(one, []).containersJson());
  });

  it('leaves out pods without containers', () => {
    const builder = new InventorySnapshotBuilder();
    builder.addPod(pod('n', 'p'));
    expect(builder.build()).toMatchObject({ containerCount: 0, podCount: 0 });
  });

  it('refuses a pod or a container that is there twice', () => {
    const twice = new InventorySnapshotBuilder();
    twice.addPod(pod('n', 'p', 'c'));
    twice.addPod(pod('n', 'q', 'c'));
    twice.addPod(pod('n', 'p', 'd'));
    expect(() => twice.build()).toThrow('pod p was added twice');
    const containerTwice = new InventorySnapshotBuilder();
    containerTwice.addPod(pod('n', 'p', 'c', 'b', 'c'));
    expect(() => containerTwice.build()).toThrow('pod p has a container twice');
  });

  it('grows in byteSize with what it holds', () => {
    const sizeOf = (pods: number): number => {
      const builder = new InventorySnapshotBuilder();
      for (let index = 0; index < pods; index++) builder.addPod(pod('n', `pod-${index}`, 'c'));
      return builder.build().byteSize;
    };
    expect(sizeOf(50)).toBeLessThan(250_000);
    expect(sizeOf(20_000) - sizeOf(10_000)).toBeGreaterThan(10_000 * 150);
  });
});
