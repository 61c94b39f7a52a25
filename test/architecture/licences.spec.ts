import { describe, expect, it } from '@jest/globals';
import { productionPackages, projectLockfile, refusedLicences } from '../support/licences.js';

describe('the licences of the production tree', () => {
  it('are accepted, each of them', () => {
    expect(productionPackages(projectLockfile()).length).toBeGreaterThan(100);
    expect(refusedLicences(projectLockfile())).toEqual([]);
  });

  it.each([
    ['MIT', true],
    ['(GPL-3.0-only OR MIT)', true],
    ['MIT AND ISC', true],
    ['MIT AND GPL-3.0-only', false],
    ['AGPL-3.0-only', false],
    ['SEE LICENSE IN LICENSE.md', false],
  ])('may be %s: %s', (license, isAccepted) => {
    const refused = refusedLicences({ packages: { '': {}, 'node_modules/@a/b': { version: '1.0.0', license } } });
    expect(refused).toEqual(isAccepted ? [] : [`@a/b@1.0.0: ${license}`]);
  });

  it('must be known, and do not matter of what is for development only', () => {
    expect(refusedLicences({ packages: { 'node_modules/a': { version: '1.0.0' } } })).toEqual(['a@1.0.0: no licence']);
    expect(refusedLicences({ packages: { 'node_modules/a': { dev: true, license: 'GPL-3.0-only' } } })).toEqual([]);
  });
});
