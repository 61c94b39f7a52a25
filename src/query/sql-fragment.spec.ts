import { describe, expect, it } from '@jest/globals';
import { bind, join, raw, sql } from './sql-fragment.js';

describe('sql', () => {
  it('binds whatever is not a fragment, numbered in the order of the text', () => {
    const inner = sql`b = ${2} AND c = ANY(${[3, 4]})`;
    expect(bind(sql`SELECT ${raw('x')} WHERE a = ${1} AND (${inner}) LIMIT ${'5; DROP TABLE x; --'}`)).toEqual({
      text: 'SELECT x WHERE a = $1 AND (b = $2 AND c = ANY($3)) LIMIT $4',
      values: [1, 2, [3, 4], '5; DROP TABLE x; --'],
    });
  });

  it('takes null and objects that look like a fragment as values', () => {
    const forged = { texts: ['DROP TABLE x'], values: [] };
    expect(bind(sql`${null}, ${forged}`)).toEqual({ text: '$1, $2', values: [null, forged] });
  });

  it('joins fragments, of which there may be none', () => {
    expect(bind(join([sql`a = ${1}`, sql`b = ${2}`, raw('c')], ' AND '))).toEqual({
      text: 'a = $1 AND b = $2 AND c',
      values: [1, 2],
    });
    expect(bind(join([], ' AND '))).toEqual({ text: '', values: [] });
  });
});
