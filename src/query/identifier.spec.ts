import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { IDENTIFIER_PATTERN, isIdentifier, newIdentifier, NULL_IDENTIFIER } from './identifier.js';

describe('isIdentifier', () => {
  it.each([
    '946e60cb-980b-4374-9e6e-9fe1f6780352', // version 4
    '946e60cb-980b-5374-9e6e-9fe1f6780352', // version 5
    '946e60cb-980b-4374-8e6e-9fe1f6780352',
    '946e60cb-980b-4374-ae6e-9fe1f6780352',
    '946e60cb-980b-4374-be6e-9fe1f6780352',
    NULL_IDENTIFIER,
  ])('takes %s', (text) => {
    expect(isIdentifier(text)).toBe(true);
    expect(new RegExp(IDENTIFIER_PATTERN).test(text)).toBe(true);
  });

  it.each([
    '',
    'null',
    '946E60CB-980B-4374-9E6E-9FE1F6780352', // upper case
    '946e60cb-980b-1374-9e6e-9fe1f6780352', // version 1
    '946e60cb-980b-7374-9e6e-9fe1f6780352', // version 7
    '946e60cb-980b-4374-7e6e-9fe1f6780352', // another variant
    '946e60cb-980b-4374-ce6e-9fe1f6780352',
    '946e60cb980b43749e6e9fe1f6780352',
    '{946e60cb-980b-4374-9e6e-9fe1f6780352}',
    '946e60cb-980b-4374-9e6e-9fe1f678035',
    '946e60cb-980b-4374-9e6e-9fe1f67803520',
    '946e60cb-980b-4374-9e6e-9fe1f6780352\n',
    ' 946e60cb-980b-4374-9e6e-9fe1f6780352',
    '946e60cg-980b-4374-9e6e-9fe1f6780352',
    '00000000-0000-0000-0000-000000000001',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ])('refuses %j', (text) => {
    expect(isIdentifier(text)).toBe(false);
    expect(new RegExp(IDENTIFIER_PATTERN).test(text)).toBe(false);
  });

  it('takes what is made here, and what any version 4 generator makes', () => {
    const made = Array.from({ length: 1_000 }, () => [newIdentifier(), randomUUID()]).flat();
    expect(made.every(isIdentifier)).toBe(true);
    expect(new Set(made).size).toBe(made.length);
    expect(newIdentifier()[14]).toBe('4');
  });
});
