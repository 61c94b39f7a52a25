import { describe, expect, it } from '@jest/globals';
import type { InvalidField } from '../../problems/problem.js';
import { type ListedPod, readPod } from './listed-pod.js';

/** A pod as the API server prints one, without what the inventory does not look at. */
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'payroll-east', name: 'payroll-0', labels: { env: 'production', empty: '' } },
  spec: {
    containers: [
      { name: 'web', image: 'nginx:1.25', ports: [] },
      { name: 'istio-proxy', image: 'istio/proxyv2' },
    ],
    initContainers: [{ name: 'init', image: 'busybox' }],
  },
  status: { phase: 'Running' },
};

function read(item: unknown): { pod: ListedPod | undefined; problems: InvalidField[] } {
  const problems: InvalidField[] = [];
  return { pod: readPod(item, 3, problems), problems };
}

describe('an item of a pod list', () => {
  it('gives what the inventory needs to know', () => {
    expect(read(POD)).toEqual({
      problems: [],
      pod: {
        index: 3,
        namespace: 'payroll-east',
        name: 'payroll-0',
        labels: new Map([
          ['env', 'production'],
          ['empty', ''],
        ]),
        containers: [
          { name: 'web', image: 'nginx:1.25' },
          { name: 'istio-proxy', image: 'istio/proxyv2' },
        ],
        initContainers: 1,
        ephemeralContainers: 0,
        phase: 'Running',
        isBeingDeleted: false,
        isNodeLost: false,
      },
    });
  });

  const SIDECAR = { name: 'logs', image: 'fluent-bit', restartPolicy: 'Always' };
  const withSpec = (spec: object): unknown => ({ ...POD, spec: { ...POD.spec, ...spec } });

  it('counts native sidecars among its containers, and no other init container', () => {
    const init = { name: 'init', image: 'busybox' };
    const never = { ...init, name: 'never', restartPolicy: 'Never' };
    const { pod, problems } = read(withSpec({ initContainers: [init, SIDECAR, never] }));
    expect(problems).toEqual([]);
    expect(pod?.containers.map(({ name, sidecar }) => [name, sidecar])).toEqual([
      ['web', undefined],
      ['istio-proxy', undefined],
      ['logs', 1],
    ]);
    expect(pod?.initContainers).toBe(2);
  });

  it('checks a native sidecar as it checks every container', () => {
    const { problems } = read(withSpec({ initContainers: [{}, { ...SIDECAR, image: '' }] }));
    expect(problems.map(({ name }) => name)).toEqual(['items[3].spec.initContainers[1].image']);
  });

  it('keeps the state of each container, of sidecars too, and why it does not run', () => {
    const status = {
      ...POD.status,
      containerStatuses: [
        { name: 'istio-proxy', state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } } },
        { name: 'web', state: { running: { startedAt: '2023-11-02T07:00:00Z' } } },
        { name: 'gone', state: { running: {} } },
      ],
      initContainerStatuses: [{ name: 'logs', state: { terminated: { reason: 'Error', exitCode: 1 } } }],
    };
    const pod = withSpec({ initContainers: [SIDECAR] }) as object;
    expect(read({ ...pod, status }).pod?.containers).toEqual([
      { name: 'web', image: 'nginx:1.25', state: 'running' },
      { name: 'istio-proxy', image: 'istio/proxyv2', state: 'waiting', reason: 'CrashLoopBackOff' },
      { name: 'logs', image: 'fluent-bit', state: 'terminated', reason: 'Error', sidecar: 0 },
    ]);
  });

  it('knows no state that the list does not have, and takes an empty one for waiting', () => {
    const containerStatuses = [{ name: 'web' }, { name: 'istio-proxy', state: {} }];
    expect(read({ ...POD, status: { ...POD.status, containerStatuses } }).pod?.containers).toEqual([
      { name: 'web', image: 'nginx:1.25' },
      { name: 'istio-proxy', image: 'istio/proxyv2', state: 'waiting' },
    ]);
  });

  it.each([
    [7, 'items[3].status.containerStatuses'],
    [[7], 'items[3].status.containerStatuses[0]'],
    [[{ name: '' }], 'items[3].status.containerStatuses[0].name'],
    [[{ name: 'web', state: 7 }], 'items[3].status.containerStatuses[0].state'],
    [[{ name: 'web', state: { waiting: 'x' } }], 'items[3].status.containerStatuses[0].state.waiting'],
    [[{ name: 'web', state: { waiting: { reason: 7 } } }], 'items[3].status.containerStatuses[0].state.waiting.reason'],
  ])('refuses the states %j', (containerStatuses, name) => {
    const { problems } = read({ ...POD, status: { ...POD.status, containerStatuses } });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
  });

  it('tells a pod whose node is lost', () => {
    expect(read({ ...POD, status: { phase: 'Running', reason: 'NodeLost' } }).pod?.isNodeLost).toBe(true);
    expect(read({ ...POD, status: { phase: 'Running', reason: 'Evicted' } }).pod?.isNodeLost).toBe(false);
  });

  it('may leave out what the API server leaves out, and null stands for that', () => {
    const bare = { metadata: { namespace: 'n', name: 'p' }, spec: { containers: [] } };
    const nulls = {
      metadata: { ...bare.metadata, labels: null, deletionTimestamp: null },
      spec: { containers: [], initContainers: null, ephemeralContainers: null },
      status: null,
    };
    const expected = { labels: new Map(), containers: [], initContainers: 0, ephemeralContainers: 0 };
    for (const item of [bare, nulls, { ...bare, status: { phase: null } }]) {
      expect(read(item)).toMatchObject({ problems: [], pod: { ...expected, isBeingDeleted: false } });
      expect(read(item).pod?.phase).toBeUndefined();
    }
  });

  it('keeps labels whose names mean something to JavaScript', () => {
    const item = JSON.parse(
      '{"metadata":{"namespace":"n","name":"p","labels":{"__proto__":"a","1":"b"}},"spec":{"containers":[]}}',
    ) as unknown;
    expect(read(item).pod?.labels).toEqual(
      new Map([
        ['1', 'b'],
        ['__proto__', 'a'],
      ]),
    );
  });

  /** The pod with one of its fields replaced; `undefined` leaves the field out. */
  function podWith(path: string, value: unknown): unknown {
    const pod = structuredClone(POD) as unknown;
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let parent = pod as Record<string, unknown>;
    for (const step of steps) parent = parent[step] as Record<string, unknown>;
    parent[last] = value;
    return JSON.parse(JSON.stringify(pod)) as unknown;
  }

  const text = (max: number): string => `must be a string of 1 to ${max} characters`;
  const malformed = 'must be well-formed Unicode without NUL';
  it.each([
    ['kind', 'Deployment', 'kind', 'must be "Pod"'],
    ['kind', null, 'kind', 'must be "Pod"'],
    ['apiVersion', 'v2', 'apiVersion', 'must be "v1"'],
    ['metadata', undefined, 'metadata', 'must be an object'],
    ['metadata', [], 'metadata', 'must be an object'],
    ['spec', null, 'spec', 'must be an object'],
    ['status', 'Running', 'status', 'must be an object'],
    ['metadata.namespace', undefined, 'metadata.namespace', text(63)],
    ['metadata.namespace', '', 'metadata.namespace', text(63)],
    ['metadata.namespace', 'n'.repeat(64), 'metadata.namespace', text(63)],
    ['metadata.name', 7, 'metadata.name', text(253)],
    ['metadata.name', 'n'.repeat(254), 'metadata.name', text(253)],
    ['metadata.name', 'a\0b', 'metadata.name', malformed],
    ['metadata.labels', [], 'metadata.labels', 'must be an object'],
    ['metadata.labels.env', 1, 'metadata.labels.env', 'must be a string of 0 to 63 characters'],
    ['metadata.labels.env', null, 'metadata.labels.env', 'must be a string of 0 to 63 characters'],
    ['metadata.labels.env', '\ud800', 'metadata.labels.env', malformed],
    [
      'metadata.labels',
      { ['k'.repeat(318)]: '' },
      'metadata.labels',
      'has a key that must be a string of 0 to 317 characters',
    ],
    ['metadata.labels', { '\0': '' }, 'metadata.labels', `has a key that ${malformed}`],
    ['metadata.deletionTimestamp', 5, 'metadata.deletionTimestamp', 'must be a string'],
    ['spec.containers', undefined, 'spec.containers', 'must be an array'],
    ['spec.containers', {}, 'spec.containers', 'must be an array'],
    ['spec.containers.1', 'web', 'spec.containers[1]', 'must be an object'],
    ['spec.containers.0.name', undefined, 'spec.containers[0].name', text(63)],
    ['spec.containers.0.name', 'n'.repeat(64), 'spec.containers[0].name', text(63)],
    ['spec.containers.1.image', undefined, 'spec.containers[1].image', text(4096)],
    ['spec.containers.1.image', '', 'spec.containers[1].image', text(4096)],
    ['spec.containers.1.image', 'i'.repeat(4097), 'spec.containers[1].image', text(4096)],
    ['spec.containers.1.image', 'i\udfff', 'spec.containers[1].image', malformed],
    ['spec.initContainers', {}, 'spec.initContainers', 'must be an array'],
    ['spec.ephemeralContainers', 1, 'spec.ephemeralContainers', 'must be an array'],
    ['status.phase', 1, 'status.phase', 'must be a string of 0 to 63 characters'],
  ])('is refused with %s %j', (path, value, field, reason) => {
    expect(read(podWith(path, value))).toEqual({ pod: undefined, problems: [{ name: `items[3].${field}`, reason }] });
  });

  it('is refused when it is no object', () => {
    for (const item of [null, 'pod', 1, [], true]) {
      expect(read(item)).toEqual({ pod: undefined, problems: [{ name: 'items[3]', reason: 'must be an object' }] });
    }
  });

  it('is refused with every field that is wrong', () => {
    const names = read({ metadata: { name: 1 }, spec: { containers: [{}] } }).problems.map(({ name }) => name);
    expect(names).toEqual([
      'items[3].metadata.namespace',
      'items[3].metadata.name',
      'items[3].spec.containers[0].name',
      'items[3].spec.containers[0].image',
    ]);
  });

  it('takes every text at its longest', () => {
    const longest = {
      metadata: { namespace: 'n'.repeat(63), name: 'p'.repeat(253), labels: { ['k'.repeat(317)]: 'v'.repeat(63) } },
      spec: { containers: [{ name: 'c'.repeat(63), image: 'i'.repeat(4096) }] },
    };
    expect(read(longest).problems).toEqual([]);
  });
});
