import { describe, expect, it } from '@jest/globals';
import type { InventoryPod } from './inventory-snapshot.js';
import { InventorySnapshotBuilder } from './snapshot-builder.js';
import { matchContainersSync } from './match.js';
import type { Selection } from './selection.js';

const allOf = (pods: readonly InventoryPod[]): Selection => {
  const builder = new InventorySnapshotBuilder();
  for (const pod of pods) builder.addPod(pod);
  return matchContainersSync(builder.build(), []);
};

describe('Selection', () => {
  it('writes each container with its keys in the order of docs/api.md, section 4, and the labels as the pod holds them', () => {
    const selection = allOf([
      {
        namespaceName: 'n',
        podName: 'p',
        podLabels: [
          { name: 'b', value: '"quoted"' },
          { name: 'a', value: '\u2028\u{1F600}\\' },
        ],
        containers: [{ name: 'c', image: 'i' }],
      },
      { namespaceName: 'n', podName: 'q\n', podLabels: [], containers: [{ name: 'c', image: 'i' }] },
    ]);
    const [first, second] = [
      {
        namespaceName: 'n',
        podName: 'p',
        podLabels: [
          { name: 'b', value: '"quoted"' },
          { name: 'a', value: '\u2028\u{1F600}\\' },
        ],
        containerName: 'c',
        containerImage: 'i',
      },
      { namespaceName: 'n', podName: 'q\n', podLabels: [], containerName: 'c', containerImage: 'i' },
    ];
    expect([...selection.containers()]).toEqual([first, second]);
    expect(selection.containersJson()).toBe(JSON.stringify([first, second]));
    // Again, now that fragments are kept.
    expect(selection.containersJson()).toBe(JSON.stringify([first, second]));
  });

  it('gives the JSON in chunks of bounded length', () => {
    const pods = Array.from({ length: 20_000 }, (_, index) => ({
      namespaceName: 'n',
      podName: `pod-${index}`,
      podLabels: [{ name: 'unique', value: `${index}`.repeat(30) }],
      containers: [{ name: 'c', image: 'i' }],
    }));
    const selection = allOf(pods);
    const chunks = [...selection.containersJsonChunks()];
    expect(chunks.length).toBeGreaterThan(1);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(1_048_577);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual([...selection.containers()]);
    expect(selection.containersJson()).toBe(Buffer.concat(chunks).toString());
  });

  it.each([
    ['a few of them', 'x'],
    ['every other one', '[02468]$'],
    ['all but a few', '[^7]$|1.$'],
    ['neighbours here and there', '-[135]...$'],
    ['all of them', '.'],
    ['none of them', '^$'],
  ])('gives the same JSON whichever way it is made: %s', (_, value) => {
    const pods = Array.from({ length: 6_000 }, (_, index) => ({
      namespaceName: 'n',
      podName: `pod-${index}${index % 1_000 === 0 ? 'x' : ''}`,
      podLabels: [{ name: 'é', value: `"${index % 7}"` }],
      containers: [{ name: 'c', image: 'i' }],
    }));
    const builder = new InventorySnapshotBuilder();
    for (const pod of pods) builder.addPod(pod);
    const snapshot = builder.build();
    const selected = matchContainersSync(snapshot, [{ type: 'podName', value }]);
    const json = JSON.stringify([...selected.containers()]);
    expect(selected.containersJsonLength()).toBe(value === '^$' ? 2 : undefined);
    expect(Buffer.concat([...selected.containersJsonChunks()]).toString()).toBe(json);
    expect(selected.containersJson()).toBe(json);
    expect(Buffer.concat([...selected.containersJsonChunks('{"a":', '}')]).toString()).toBe(`{"a":${json}}`);
    // Now that every segment has been written, for all containers.
    expect([...matchContainersSync(snapshot, []).containersJsonChunks()].length).toBeGreaterThan(1);
    expect(Buffer.concat([...selected.containersJsonChunks()]).toString()).toBe(json);
    expect(selected.containersJsonLength()).toBe(Buffer.byteLength(json));
    expect(Buffer.concat([...selected.containersJsonChunks('{"a":', '}')]).toString()).toBe(`{"a":${json}}`);
  });

  it.each([2_048, 5_000, 6_100])('gives the JSON of all of %i containers as one view of what is kept', (count) => {
    const selection = allOf(
      Array.from({ length: count }, (_, index) => ({
        namespaceName: 'n',
        podName: `pod-${index}`,
        podLabels: [],
        containers: [{ name: 'c', image: 'i' }],
      })),
    );
    const text = Buffer.concat([...selection.containersJsonChunks()]).toString();
    const length = selection.containersJsonLength();
    expect(length).toBe(text.length);
    const [before, view, ...after] = [...selection.containersJsonChunks()];
    expect([before, ...after].map(String)).toEqual(['[', ']']);
    expect(view?.length).toBe(text.length - 2);
    const [, again] = [...selection.containersJsonChunks()];
    expect([again?.buffer, again?.byteOffset]).toEqual([view?.buffer, view?.byteOffset]);
  });

  it('gives the distinct images by code point', () => {
    const images = ['b', '\u{10000}', 'a', 'B', '\uffff', 'b'];
    const selection = allOf([
      {
        namespaceName: 'n',
        podName: 'p',
        podLabels: [],
        containers: images.map((image, index) => ({ name: `c${index}`, image })),
      },
    ]);
    expect(selection.images()).toEqual(['B', 'a', 'b', '\uffff', '\u{10000}']);
  });

  it('gives 4095 images at most', () => {
    const containers = Array.from({ length: 5_000 }, (_, index) => ({
      name: `c${index}`,
      image: `image-${String(index).padStart(4, '0')}`,
    }));
    const images = allOf([{ namespaceName: 'n', podName: 'p', podLabels: [], containers }]).images();
    expect(images).toHaveLength(4_095);
    expect(images.at(-1)).toBe('image-4094');
  });
});
