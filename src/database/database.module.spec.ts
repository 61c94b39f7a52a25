import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { Database } from './database.js';
import { DatabaseModule } from './database.module.js';

describe('DatabaseModule', () => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createTestDatabase();
  });
  afterEach(() => db.drop());

  it('gives every module the database, and closes its pool when the application closes', async () => {
    const module = await Test.createTestingModule({ imports: [DatabaseModule.forRoot(db.database)] }).compile();
    const database = module.get(Database);
    expect(await database.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }]);

    await module.close();
    await expect(database.query({ text: 'SELECT 1' })).rejects.toThrow();
  });
});
