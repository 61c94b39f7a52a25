import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import RE2 from 're2';
import { CRITERION_TYPES, type Criterion } from './criterion.js';
import type { InventoryPod, InventorySnapshot } from './inventory-snapshot.js';
import { InventorySnapshotBuilder } from './snapshot-builder.js';
import { matchContainers, matchContainersSync } from './match.js';
import { InvalidPattern } from './re2-dialect.js';
import type { MatchingContainer, Selection } from './selection.js';

const snapshotOf = (pods: readonly InventoryPod[]): InventorySnapshot => {
  const builder = new InventorySnapshotBuilder();
  for (const pod of pods) builder.addPod(pod);
  return builder.build();
};

const namesOf = (selection: Selection): string[] =>
  Array.from(selection.containers(), (c) => `${c.namespaceName}/${c.podName}/${c.containerName}`);

/** docs/api.md, section 4, word for word, one container after the other. */
function matchOneByOne(pods: readonly InventoryPod[], criteria: readonly Criterion[]): MatchingContainer[] {
  const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));
  return pods
    .flatMap(({ containers, ...pod }) =>
      containers.map(({ name, image }) => ({ ...pod, containerName: name, containerImage: image })),
    )
    .filter((container) =>
      criteria.every(({ type, value }) => {
        const texts = {
          containerImage: [container.containerImage],
          containerName: [container.containerName],
          podName: [container.podName],
          podLabel: container.podLabels.map((label) => `${label.name}=${label.value}`),
          namespaceName: [container.namespaceName],
        }[type];
        return texts.some((text) => new RE2(value, 'u').test(text));
      }),
    )
    .sort(
      (a, b) =>
        byBytes(a.namespaceName, b.namespaceName) ||
        byBytes(a.podName, b.podName) ||
        byBytes(a.containerName, b.containerName),
    );
}

const shop: readonly InventoryPod[] = [
  {
    namespaceName: 'shop',
    podName: 'payroll-0',
    podLabels: [
      { name: 'app', value: 'payroll' },
      { name: 'tier', value: 'db' },
    ],
    containers: [
      { name: 'mariadb', image: 'docker.io/bitnami/mariadb:11' },
      { name: 'exporter', image: 'registry.local:5000/exporter@sha256:00ff' },
    ],
  },
  {
    namespaceName: 'shop',
    podName: 'web-1',
    podLabels: [
      { name: 'app', value: 'web' },
      { name: 'odd', value: 'a=b' },
    ],
    containers: [{ name: 'web', image: 'docker.io/bitnami/nginx:1' }],
  },
  {
    namespaceName: 'blog',
    podName: 'web-1',
    podLabels: [],
    containers: [{ name: 'web', image: 'docker.io/bitnami/nginx:1' }],
  },
];

/** Every reading of the clock finds a slice over, so that work is cut however fast the machine is. */
function hurryTheClock(): void {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 10));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('matchContainers', () => {
  const snapshot = snapshotOf(shop);

  it.each<[string, Criterion[], string[]]>([
    ['no criteria', [], ['blog/web-1/web', 'shop/payroll-0/exporter', 'shop/payroll-0/mariadb', 'shop/web-1/web']],
    ['an image', [{ type: 'containerImage', value: 'nginx' }], ['blog/web-1/web', 'shop/web-1/web']],
    ['an image by port', [{ type: 'containerImage', value: ':5000/' }], ['shop/payroll-0/exporter']],
    ['a container name', [{ type: 'containerName', value: '^maria' }], ['shop/payroll-0/mariadb']],
    [
      'a pod name: all of the pod',
      [{ type: 'podName', value: 'payroll' }],
      ['shop/payroll-0/exporter', 'shop/payroll-0/mariadb'],
    ],
    ['a namespace', [{ type: 'namespaceName', value: '^b' }], ['blog/web-1/web']],
    [
      'a label by name and value',
      [{ type: 'podLabel', value: '^app=payroll$' }],
      ['shop/payroll-0/exporter', 'shop/payroll-0/mariadb'],
    ],
    ['a label whose value holds =', [{ type: 'podLabel', value: '^odd=a=b$' }], ['shop/web-1/web']],
    ['not one label across two', [{ type: 'podLabel', value: 'payroll.*db' }], []],
    [
      'two labels, each met by another',
      [
        { type: 'podLabel', value: '^app=payroll$' },
        { type: 'podLabel', value: '^tier=db$' },
      ],
      ['shop/payroll-0/exporter', 'shop/payroll-0/mariadb'],
    ],
    [
      'the same criterion twice',
      [
        { type: 'containerName', value: 'web' },
        { type: 'containerName', value: 'web' },
      ],
      ['blog/web-1/web', 'shop/web-1/web'],
    ],
    [
      'criteria that hold for one container, not for its neighbour',
      [
        { type: 'podName', value: '^payroll' },
        { type: 'containerImage', value: '/exporter' },
      ],
      ['shop/payroll-0/exporter'],
    ],
    [
      'criteria that hold for two containers of a pod, but not for the same one',
      [
        { type: 'containerName', value: 'mariadb' },
        { type: 'containerImage', value: 'exporter' },
      ],
      [],
    ],
    [
      'a label where a pod has none',
      [{ type: 'podLabel', value: '' }],
      ['shop/payroll-0/exporter', 'shop/payroll-0/mariadb', 'shop/web-1/web'],
    ],
    ['case', [{ type: 'containerName', value: 'WEB' }], []],
  ])('selects by %s', (_, criteria, expected) => {
    expect(namesOf(matchContainersSync(snapshot, criteria))).toEqual(expected);
    expect(matchContainersSync(snapshot, criteria).count).toBe(expected.length);
  });

  it('matches a pattern of one type without answering for another', () => {
    expect(matchContainersSync(snapshot, [{ type: 'containerName', value: 'payroll' }]).count).toBe(0);
    expect(matchContainersSync(snapshot, [{ type: 'podName', value: 'payroll' }]).count).toBe(2);
    expect(matchContainersSync(snapshot, [{ type: 'podLabel', value: 'payroll' }]).count).toBe(2);
  });

  it('tests a pod name that an earlier match had no need to test', () => {
    const ends: Criterion = { type: 'podName', value: '[01]$' };
    const fresh = snapshotOf(shop);
    expect(matchContainersSync(fresh, [{ type: 'namespaceName', value: 'blog' }, ends]).count).toBe(1);
    expect(matchContainersSync(fresh, [{ type: 'namespaceName', value: 'shop' }, ends]).count).toBe(3);
    expect(matchContainersSync(fresh, [{ type: 'namespaceName', value: 'blog' }, ends]).count).toBe(1);
    const another = snapshotOf(shop);
    expect(matchContainersSync(another, [{ type: 'namespaceName', value: 'blog' }, ends]).count).toBe(1);
    expect(matchContainersSync(another, [ends]).count).toBe(4);
  });

  it('tests a label that an earlier match had no need to test', () => {
    const letter: Criterion = { type: 'podLabel', value: '=[a-z]*b$' };
    const fresh = snapshotOf(shop);
    expect(matchContainersSync(fresh, [{ type: 'containerImage', value: 'nginx' }, letter]).count).toBe(1);
    expect(matchContainersSync(fresh, [{ type: 'containerImage', value: 'mariadb' }, letter]).count).toBe(1);
    expect(matchContainersSync(fresh, [letter]).count).toBe(3);
    expect(matchContainersSync(fresh, [{ type: 'containerName', value: 'exporter' }, letter]).count).toBe(1);
  });

  describe('where a pod has a label of its own', () => {
    const pods = Array.from({ length: 3_000 }, (_, index) => ({
      namespaceName: 'n',
      podName: `pod-${String(index).padStart(4, '0')}`,
      podLabels: [{ name: 'index', value: String(index).padStart(4, '0') }],
      containers: [{ name: 'c', image: `image-${Math.floor(index / 30)}` }],
    }));
    const image: Criterion = { type: 'containerImage', value: 'image-[45]7$' };
    const label: Criterion = { type: 'podLabel', value: '=[12]' };
    const name: Criterion = { type: 'podName', value: '-11[67]' };
    const slicesOf = (snapshot: InventorySnapshot, criteria: readonly Criterion[], count: number): number => {
      const steps = matchContainers(snapshot, criteria);
      let slices = 0;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) slices++;
      expect(step.value.count).toBe(count);
      return slices;
    };
    beforeEach(hurryTheClock);

    it('tests those of the pods that are still selected only', () => {
      const slices = slicesOf(snapshotOf(pods), [image], 60);
      expect(slicesOf(snapshotOf(pods), [label], 2_000)).toBeGreaterThan(50);
      expect(slicesOf(snapshotOf(pods), [label, image], 60)).toBeLessThan(slices + 10);
    });

    it('begins with what it knows', () => {
      const known = snapshotOf(pods);
      slicesOf(known, [name], 20);
      expect(slicesOf(known, [label, name, { type: 'namespaceName', value: 'n' }], 20)).toBeLessThan(10);
    });

    it('goes on where a match was given up', () => {
      const shared = snapshotOf(pods);
      const whole = slicesOf(snapshotOf(pods), [label], 2_000);
      const steps = matchContainers(shared, [label]);
      for (let slice = 0; slice < whole / 2; slice++) steps.next();
      expect(steps.return(matchContainersSync(snapshotOf([]), [])).done).toBe(true);
      expect(slicesOf(shared, [label], 2_000)).toBeLessThan(whole / 2 + 2);
    });
  });

  it('selects nothing of an app without containers', () => {
    const empty = snapshotOf([]);
    expect(matchContainersSync(empty, []).count).toBe(0);
    expect(matchContainersSync(empty, [{ type: 'podName', value: 'a' }]).containersJson()).toBe('[]');
  });

  it('does not swallow a pattern that RE2 refuses', () => {
    expect(() => matchContainersSync(snapshot, [{ type: 'podName', value: '(' }])).toThrow(InvalidPattern);
  });

  it('yields while it works through many values', () => {
    hurryTheClock();
    const pods = Array.from({ length: 3_000 }, (_, index) => ({
      namespaceName: 'n',
      podName: `pod-${index}`,
      podLabels: [],
      containers: [{ name: 'c', image: 'i' }],
    }));
    const steps = matchContainers(snapshotOf(pods), [{ type: 'podName', value: '[02468]$' }]);
    let slices = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) slices++;
    expect(slices).toBeGreaterThan(50);
    expect(step.value.count).toBe(1_500);
  });

  it.each(['^a.*[0-9]$', '^b[-0-9]', '[a-c].*[37]$', '[0-9]$', 'x|y', '^.-1[0-9]*$', 'b-', '^c'])(
    'agrees with matching one by one where neighbours match alike, or not: %s',
    (value) => {
      const pods = Array.from({ length: 500 }, (_, index) => ({
        namespaceName: 'n',
        podName: `${'aabbbccccc'[Math.floor(index / 50)] ?? ''}-${index}`,
        podLabels: [],
        containers: [{ name: 'c', image: `image-${index}` }],
      }));
      for (const some of [[], [{ type: 'containerImage' as const, value: '[0-9]{3}|5$' }]]) {
        const criteria: Criterion[] = [...some, { type: 'podName', value }];
        const selection = matchContainersSync(snapshotOf(pods), criteria);
        expect([...selection.containers()]).toEqual(matchOneByOne(pods, criteria));
      }
    },
  );

  describe('for any inventory and criteria', () => {
    const word = fc.stringMatching(/^[ab]{1,2}$/);
    const pattern = fc.constantFrom('a', 'b', '^a', 'b$', 'aa', '^..$', 'a|b$', '=', '^a=b', '(?i)A', 'x', '', '[^a]');
    const criterion = fc.record({ type: fc.constantFrom(...CRITERION_TYPES), value: pattern });
    const criteria = fc.array(criterion, { maxLength: 4 });
    const pods = fc.uniqueArray(
      fc.record({
        namespaceName: word,
        podName: fc.oneof(word, fc.constantFrom('\uffee', '\u{1F600}', 'é')),
        podLabels: fc.uniqueArray(fc.record({ name: word, value: fc.stringMatching(/^[ab=]{0,2}$/) }), {
          maxLength: 3,
          selector: ({ name }) => name,
        }),
        containers: fc.uniqueArray(fc.record({ name: word, image: word }), {
          maxLength: 3,
          selector: ({ name }) => name,
        }),
      }),
      { maxLength: 40, selector: ({ namespaceName, podName }) => `${namespaceName}/${podName}` },
    );

    it('agrees with matching container by container, whatever was matched before', () => {
      fc.assert(
        fc.property(pods, fc.array(criteria, { minLength: 1, maxLength: 4 }), (inventory, matches) => {
          const any = snapshotOf(inventory);
          for (const each of matches) {
            const selection = matchContainersSync(any, each);
            const expected = matchOneByOne(inventory, each);
            expect([...selection.containers()]).toEqual(expected);
            expect(selection.count).toBe(expected.length);
            expect(JSON.parse(selection.containersJson())).toEqual(expected);
            expect(selection.images()).toEqual([...new Set(expected.map((c) => c.containerImage))].sort());
          }
        }),
      );
    });

    it('selects no more with one criterion more', () => {
      fc.assert(
        fc.property(pods, criteria, criterion, (inventory, some, more) => {
          const any = snapshotOf(inventory);
          const fewer = namesOf(matchContainersSync(any, [...some, more]));
          expect(namesOf(matchContainersSync(any, some))).toEqual(expect.arrayContaining(fewer));
        }),
      );
    });

    it('does not mind the order of the criteria, nor that of the pods', () => {
      const twice = criteria.chain((some) =>
        fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
      );
      const shuffled = pods.chain((some) =>
        fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
      );
      fc.assert(
        fc.property(shuffled, twice, ([inventory, otherOrder], [some, others]) => {
          const expected = matchContainersSync(snapshotOf(inventory), some).containersJson();
          expect(matchContainersSync(snapshotOf(inventory), others).containersJson()).toBe(expected);
          expect(matchContainersSync(snapshotOf(otherOrder), some).containersJson()).toBe(expected);
        }),
      );
    });
  });

  it('keeps what as many hooks select as there are containers, for the next list of them', () => {
    const count = 1_000;
    const snapshot = snapshotOf(
      Array.from({ length: count }, (_, index) => ({
        namespaceName: 'n',
        podName: `service-${index}-7d9f8b6c54-x2x4z`,
        podLabels: [{ name: 'app', value: `service-${index}` }],
        containers: [{ name: 'main', image: `registry.example/image-${index % 50}:1.0` }],
      })),
    );
    const list = (): Selection[] =>
      Array.from({ length: count }, (_, index) =>
        matchContainersSync(snapshot, [
          { type: 'podLabel', value: `^app=service-${index % 200}$` },
          { type: 'podName', value: `-${index}-|-${index % 7}[0-9]*-` },
        ]),
      );
    const first = list();
    expect(list().filter((selection, index) => selection === first[index])).toHaveLength(count);
  });

  it('agrees with itself when matches work on one snapshot by turns', () => {
    hurryTheClock();
    const pods = Array.from({ length: 4_000 }, (_, index) => ({
      namespaceName: `n${index % 3}`,
      podName: `pod-${index}`,
      podLabels: [{ name: 'index', value: `${index}` }],
      containers: [{ name: 'c', image: `image-${index % 7}` }],
    }));
    const name: Criterion = { type: 'podName', value: '[0-9]7$' };
    const label: Criterion = { type: 'podLabel', value: '[0-9]7$' };
    const matches: Criterion[][] = [
      [name],
      [{ type: 'namespaceName', value: '1' }, name],
      [{ type: 'namespaceName', value: '2' }, name],
      [label],
      [{ type: 'namespaceName', value: '1' }, label],
      [{ type: 'namespaceName', value: '2' }, label],
      [label, { type: 'podName', value: '[1-3][0-9]*$' }],
      [name],
    ];
    const shared = snapshotOf(pods);
    const running = matches.map((criteria) => matchContainers(shared, criteria));
    const found = new Map<number, string[]>();
    let slices = 0;
    while (found.size < running.length) {
      running.forEach((steps, index) => {
        if (found.has(index)) return;
        const step = steps.next();
        if (step.done === true) found.set(index, namesOf(step.value));
        else slices++;
      });
    }
    expect(slices).toBeGreaterThan(100);
    matches.forEach((criteria, index) => {
      const alone = namesOf(matchContainersSync(snapshotOf(pods), criteria));
      expect(alone.length).toBeGreaterThan(0);
      expect(found.get(index)).toEqual(alone);
      expect(namesOf(matchContainersSync(shared, criteria))).toEqual(alone);
    });
  });
});
