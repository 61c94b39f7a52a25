import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';

describe('Database', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('returns timestamps as text in the contract form', async () => {
    const rows = await db.database.query({
      text: `SELECT timestamptz '2022-10-06 22:58:16.30566+02' AS at, 5::int8 AS n`,
    });
    expect(rows).toEqual([{ at: '2022-10-06T20:58:16.305660Z', n: '5' }]);
  });
});
