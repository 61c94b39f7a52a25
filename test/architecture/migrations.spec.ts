import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { MigrationInterface } from 'typeorm';
import { migrations } from '../../migrations/index.js';

const FOLDER = new URL('../../migrations/', import.meta.url);

/** `1763700000000-initial-schema.ts`: when it was written, in milliseconds, and what it does. */
const FILE_NAME = /^(\d{13})-([a-z\d]+(?:-[a-z\d]+)*)\.ts$/;

/** The class that a file of that name holds, as TypeORM wants it: `InitialSchema1763700000000`. */
function className(fileName: string): string {
  const [, timestamp = '', title = ''] = FILE_NAME.exec(fileName) ?? [];
  return title.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase()) + timestamp;
}

describe('the migrations', () => {
  const files = readdirSync(FOLDER)
    .filter((name) => name !== 'index.ts' && !name.endsWith('.spec.ts'))
    .sort();

  it('have file names that begin with a timestamp', () => {
    expect(files.filter((name) => !FILE_NAME.test(name))).toEqual([]);
  });

  it('are all in the index, in ascending order, each class named after its file', () => {
    expect(migrations.map(({ name }) => name)).toEqual(files.map(className));
  });

  it('bear their class name as their name, which the database remembers them by', () => {
    const instances = migrations.map((Migration): MigrationInterface => new Migration());
    expect(instances.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name));
  });
});
