import { describe, expect, it } from '@jest/globals';
import type { NamespaceScopedResource } from '../apps/namespace-scoped-resource.js';
import { AppScope, type LeftOutReason } from './app-scope.js';
import type { ListedPod } from './listed-pod.js';

function pod(fields: Partial<ListedPod> & { readonly label?: string }): ListedPod {
  return {
    index: 0,
    namespace: 'payroll-east',
    name: 'payroll-0',
    labels: new Map(fields.label === undefined ? [] : [['tier', fields.label]]),
    containers: [],
    initContainers: 0,
    ephemeralContainers: 0,
    phase: 'Running',
    isBeingDeleted: false,
    isNodeLost: false,
    ...fields,
  };
}

describe('the scope of an app', () => {
  it.each<[string | undefined, boolean, LeftOutReason | undefined]>([
    ['Running', false, undefined],
    ['Running', true, 'terminating'],
    ['Succeeded', false, 'finished'],
    ['Failed', false, 'finished'],
    ['Failed', true, 'finished'],
    ['Pending', false, 'pending'],
    ['Pending', true, 'pending'],
    ['Unknown', false, 'unknownPhase'],
    ['running', false, 'unknownPhase'],
    ['', false, 'unknownPhase'],
    [undefined, false, 'unknownPhase'],
    [undefined, true, 'unknownPhase'],
  ])('keeps running pods that are not being deleted: %s, deleted %s: %s', (phase, isBeingDeleted, reason) => {
    expect(new AppScope([]).reasonToLeaveOut(pod({ phase, isBeingDeleted }))).toBe(reason);
  });

  it.each<[readonly NamespaceScopedResource[], string, string | undefined, LeftOutReason | undefined]>([
    [[], 'any', undefined, undefined],
    [[{ namespace: 'east' }], 'east', undefined, undefined],
    [[{ namespace: 'east' }], 'west', undefined, 'otherNamespace'],
    [[{ namespace: 'east', labelSelectors: [] }], 'east', 'db', undefined],
    [[{ namespace: 'east' }, { namespace: 'west' }], 'west', undefined, undefined],
    // every selector of an entry
    [[{ namespace: 'east', labelSelectors: ['tier=db'] }], 'east', 'db', undefined],
    [[{ namespace: 'east', labelSelectors: ['tier=db'] }], 'east', 'web', 'labelSelector'],
    [[{ namespace: 'east', labelSelectors: ['tier=db'] }], 'west', 'db', 'otherNamespace'],
    [[{ namespace: 'east', labelSelectors: ['tier', 'tier!=db'] }], 'east', 'web', undefined],
    [[{ namespace: 'east', labelSelectors: ['tier', 'tier!=db'] }], 'east', 'db', 'labelSelector'],
    [[{ namespace: 'east', labelSelectors: ['tier,tier!=db'] }], 'east', 'db', 'labelSelector'],
    [[{ namespace: 'east', labelSelectors: ['tier,tier!=db'] }], 'east', undefined, 'labelSelector'],
    // any entry of a namespace
    [
      [
        { namespace: 'east', labelSelectors: ['tier=db'] },
        { namespace: 'east', labelSelectors: ['tier=web'] },
      ],
      'east',
      'web',
      undefined,
    ],
    [
      [
        { namespace: 'east', labelSelectors: ['tier=db'] },
        { namespace: 'east', labelSelectors: ['tier=web'] },
      ],
      'east',
      'x',
      'labelSelector',
    ],
    [[{ namespace: 'east', labelSelectors: ['tier=db'] }, { namespace: 'east' }], 'east', 'x', undefined],
    // the selectors of one namespace are not those of another
    [[{ namespace: 'east', labelSelectors: ['tier=db'] }, { namespace: 'west' }], 'west', 'x', undefined],
  ])('%j: a pod of %s with the label %s: %s', (resources, namespace, label, reason) => {
    const fields = { namespace, ...(label === undefined ? {} : { label }) };
    expect(new AppScope(resources).reasonToLeaveOut(pod(fields))).toBe(reason);
  });

  it('says of a pod outside of it nothing but that', () => {
    const scope = new AppScope([{ namespace: 'east', labelSelectors: ['tier=db'] }]);
    expect(scope.reasonToLeaveOut(pod({ namespace: 'west', phase: 'Failed' }))).toBe('otherNamespace');
    expect(scope.reasonToLeaveOut(pod({ namespace: 'east', phase: 'Failed' }))).toBe('labelSelector');
    expect(scope.reasonToLeaveOut(pod({ namespace: 'east', label: 'db', phase: 'Failed' }))).toBe('finished');
  });

  it('is not made from a selector that should not have been stored', () => {
    expect(() => new AppScope([{ namespace: 'east', labelSelectors: ['a,'] }])).toThrow(TypeError);
  });
});
