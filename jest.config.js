import { availableParallelism } from 'node:os';

/** Native ES modules: NestJS 12 ships nothing else, so Jest runs with --experimental-vm-modules (see "test" in package.json). */
export default {
  // Never in Jest's own process: a test that leaves something open must not keep the run from ending.
  maxWorkers: Math.max(2, availableParallelism()),
  // Node never frees an ES module that was loaded in a context of its own, so a worker grows by some 30 MB with each
  // file, to a gigabyte in a whole run. Jest gives a worker half a second to end, and giving back a gigabyte takes
  // longer: Jest then reports that it had to kill a worker, although nothing was left open. One this large is replaced.
  workerIdleMemoryLimit: '256MB',
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  roots: ['<rootDir>/src', '<rootDir>/migrations', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
  // No test is timed: this only ends one that waits for what never comes.
  testTimeout: 300_000,
};
