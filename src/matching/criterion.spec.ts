import { describe, expect, it } from '@jest/globals';
import { CRITERION_TYPES, isCriterion, isCriterionType } from './criterion.js';

describe('criterion', () => {
  it('has the five types of docs/api.md, section 4', () => {
    expect(CRITERION_TYPES).toEqual(['containerImage', 'containerName', 'podName', 'podLabel', 'namespaceName']);
    expect(CRITERION_TYPES.every(isCriterionType)).toBe(true);
  });

  it.each([['containerimage'], ['toString'], [''], [undefined], [0]])('has no type %j', (type) => {
    expect(isCriterionType(type)).toBe(false);
    expect(isCriterion({ type, value: 'a' })).toBe(false);
  });

  it('is a type and a value that is not empty', () => {
    expect(isCriterion({ type: 'podLabel', value: 'a' })).toBe(true);
    for (const other of [null, 'podLabel', { type: 'podLabel' }, { type: 'podLabel', value: '' }, { value: 'a' }]) {
      expect(isCriterion(other)).toBe(false);
    }
    expect(isCriterion({ type: 'podLabel', value: 1 })).toBe(false);
  });
});
