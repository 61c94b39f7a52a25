import { describe, expect, it } from '@jest/globals';
import { EXECUTION_HOOK } from '../features/hooks/execution-hook.resource.js';
import { inventoryCollection } from '../features/inventory/inventory.collection.js';
import { InvalidQueryParameters, QueryParametersNotSupported } from '../problems/catalogue.js';
import type { InvalidParam } from '../problems/problem.js';
import type { CollectionDefinition } from './collection-definition.js';
import { type CollectionQuery, parseCollectionQuery } from './collection-query.js';
import { writeContinueToken } from './continue-token.js';

const SCOPE = ['account'];
const ID = '946e60cb-980b-4374-9e6e-9fe1f6780352';

function parse(query: string, definition: CollectionDefinition = EXECUTION_HOOK.collection): CollectionQuery {
  return parseCollectionQuery(definition, query, SCOPE);
}

function invalid(query: string, definition: CollectionDefinition = EXECUTION_HOOK.collection): readonly InvalidParam[] {
  try {
    parse(query, definition);
  } catch (error) {
    if (error instanceof InvalidQueryParameters) return error.members.invalidParams ?? [];
    throw error;
  }
  throw new Error('nothing was refused');
}

function conditions(query: string): unknown[] {
  return parse(query).conditions.map(({ path, operator, values }) => [path, operator, ...values]);
}

describe('a query without parameters', () => {
  it('asks for whole items in the default order', () => {
    const query = parse('');
    expect(query).toMatchObject({ conditions: [], count: false, order: { descending: false } });
    expect(query.order.keys.map(({ path }) => path)).toEqual(['metadata.creationTimestamp', 'id']);
    expect(Object.keys(query)).not.toContain('include');
  });

  it('sorts containers by the key that they have instead of an id', () => {
    expect(parse('', inventoryCollection).order.keys.map(({ path }) => path)).toEqual([
      'namespaceName',
      'podName',
      'containerName',
    ]);
  });
});

describe('filter', () => {
  it.each([
    ['filter=name%20eq%20%27Payroll%27', [['name', 'eq', 'Payroll']]],
    ['filter=name+eq+%27Payroll%27', [['name', 'eq', 'Payroll']]],
    ["filter=name+eq+'a%2Bb'", [['name', 'eq', 'a+b']]],
    ["filter=name+eq+'it''s,+really'", [['name', 'eq', "it's, really"]]],
    ["filter=name+eq+''", [['name', 'eq', '']]],
    ["filter=name+eq+''''", [['name', 'eq', "'"]]],
    ["filter=+name%09eq'%F0%9F%98%80'+", [['name', 'eq', '😀']]],
    ["filter=name in 'a,b'".replaceAll(' ', '+'), [['name', 'in', 'a', 'b']]],
    [
      "filter=name+gt+'a',stage+eq+'pre'+,+metadata.labels[*].name+lte+'z'",
      [
        ['name', 'gt', 'a'],
        ['stage', 'eq', 'pre'],
        ['metadata.labels[*].name', 'lte', 'z'],
      ],
    ],
    [`filter=id+in+'${ID}'`, [['id', 'in', ID]]],
    [
      "filter=metadata.creationTimestamp+gte+'2024-02-29T23:59:59%2B02:00'",
      [['metadata.creationTimestamp', 'gte', '2024-02-29T23:59:59+02:00']],
    ],
  ])('reads %s', (query, expected) => {
    expect(conditions(query)).toEqual(expected);
  });

  it.each([
    ['filter=', 'position 1: expected a field, found the end'],
    ['filter=name', 'position 5: expected an operator (one of eq, lt, gt, lte, gte, in), found the end'],
    ["filter=name+EQ+'a'", 'position 6: expected an operator (one of eq, lt, gt, lte, gte, in), found "EQ"'],
    ["filter=name+like+'a'", 'position 6: expected an operator (one of eq, lt, gt, lte, gte, in), found "like"'],
    [
      'filter=name+eq+Payroll',
      `position 9: expected a value in single quotes (a quote inside it is doubled, ''), found "Payroll"`,
    ],
    ["filter=name+eq+'Payroll", 'position 17: expected the closing quote of the value that starts at position 9'],
    ["filter=name+eq+'%F0%9F%98%80'x", 'position 12: expected a comma or the end of the filter, found "x"'],
    ["filter=name+eq+'a'+stage+eq+'pre'", 'position 13: expected a comma or the end of the filter, found "stage"'],
    ["filter=name+eq+'a',", 'position 13: expected a field, found the end'],
    ["filter=name+eq+'a',,stage+eq+'pre'", 'position 13: expected a field, found a comma'],
    ["filter='name'+eq+'a'", 'position 1: expected a field, found the value "name"'],
    ["filter=id+eq+'Payroll'", 'position 7: expected an identifier (a lower-case UUID) for id, found "Payroll"'],
    [`filter=id+in+'${ID},'`, 'position 7: expected an identifier (a lower-case UUID) for id, found ""'],
    [
      'filter=name+eq+%2',
      'position 9 of the encoded value: expected two hexadecimal digits after % (a % itself is sent as %25)',
    ],
    ['filter=name+eq+%27%FF%27', 'expected the percent-encoded bytes to be UTF-8'],
    ['filter=name+eq+%27%ED%A0%80%27', 'expected the percent-encoded bytes to be UTF-8'],
    ['filter=name+eq+%27%00%27', 'the character U+0000 is not allowed'],
    ["filter=name+eq+'\u00e9'", 'expected characters outside ASCII to be percent-encoded'],
    [`filter=${'x'.repeat(10_000)}`, 'expected at most 4096 characters'],
    [`filter=${Array(33).fill("name+eq+'a'").join(',')}`, 'position 385: expected at most 32 conditions'],
    [`filter=name+in+'${','.repeat(256)}'`, 'position 9: expected at most 256 values'],
  ])('refuses %s', (query, reason) => {
    expect(invalid(query)).toEqual([{ name: 'filter', reason }]);
  });

  it.each([
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00.1234567Z',
    '2024-01-01T00:00:00',
    '2024-01-01',
    'yesterday',
    'infinity',
  ])('refuses %s as a timestamp', (value) => {
    expect(invalid(`filter=metadata.creationTimestamp+lt+'${value}'`)).toEqual([
      {
        name: 'filter',
        reason: `position 31: expected a timestamp such as 2022-10-06T20:58:16.305662Z (a + of an offset is sent as %2B) for metadata.creationTimestamp, found "${value}"`,
      },
    ]);
  });

  it('names every condition that is wrong, and lists the fields once', () => {
    const reasons = invalid("filter=nme+eq+'a',id+eq+'b',matchingImages+eq+'c',constructor+eq+'d'").map(
      ({ reason }) => reason,
    );
    expect(reasons).toEqual([
      'position 1: "nme" is not a field that can be filtered by',
      'position 18: expected an identifier (a lower-case UUID) for id, found "b"',
      'position 22: "matchingImages" is not a field that can be filtered by',
      'position 44: "constructor" is not a field that can be filtered by',
      'the fields to filter by are type, version, id, name, hookType, matchingCriteria[*].type, matchingCriteria[*].value, action, stage, hookSourceID, arguments[*], appID, enabled, description, excludingCriteria[*].type, excludingCriteria[*].value, execution.order, execution.timeoutMinutes, execution.onError, metadata.labels[*].name, metadata.labels[*].value, metadata.creationTimestamp, metadata.modificationTimestamp, metadata.createdBy, metadata.modifiedBy',
    ]);
  });

  it('repeats only the start of a long text', () => {
    const [first] = invalid(`filter=${'%F0%9F%98%80'.repeat(3000)}`);
    expect(first?.reason).toBe(`position 3001: expected an operator (one of eq, lt, gt, lte, gte, in), found the end`);
    expect(invalid(`filter=${'%F0%9F%98%80'.repeat(50)}+eq+''`)[0]?.reason).toBe(
      `position 1: "${'😀'.repeat(40)}…" is not a field that can be filtered by`,
    );
  });
});

describe('include', () => {
  it.each([
    ['include=id,name', ['id', 'name']],
    ['include=name,+id', ['name', 'id']],
    ['include=metadata,matchingImages,metadata.createdBy', ['metadata', 'matchingImages', 'metadata.createdBy']],
  ])('reads %s', (query, expected) => {
    expect(parse(query).include).toEqual(expected);
  });

  it.each([
    ['include=id,name,id', ['position 9: "id" is there twice']],
    ['include=', ['position 1: expected a field', expect.stringContaining('fields to include are type, version, id')]],
    ['include=id,,name', ['position 4: expected a field', expect.stringContaining('fields to include')]],
    [
      'include=nme,+xyz',
      [
        'position 1: "nme" is not a field that can be included',
        'position 6: "xyz" is not a field that can be included',
        expect.stringContaining('fields to include'),
      ],
    ],
    ['include=arguments[*]', [expect.stringContaining('"arguments[*]" is not'), expect.anything()]],
  ])('refuses %s', (query, reasons) => {
    expect(invalid(query)).toEqual(reasons.map((reason) => ({ name: 'include', reason })));
  });
});

describe('orderBy', () => {
  it.each([
    ['orderBy=name', ['name', 'id'], false],
    ['orderBy=name+desc', ['name', 'id'], true],
    ['orderBy=+id%20%20desc+', ['id'], true],
    ['orderBy=metadata.modifiedBy', ['metadata.modifiedBy', 'id'], false],
  ])('reads %s', (query, paths, descending) => {
    const { order } = parse(query);
    expect(order.keys.map(({ path }) => path)).toEqual(paths);
    expect(order.descending).toBe(descending);
  });

  it.each([
    ['orderBy=', ['position 1: expected a field', expect.stringContaining('fields to sort by are type, version')]],
    ['orderBy=nme', ['position 1: "nme" is not a field that can be sorted by', expect.anything()]],
    ['orderBy=arguments[*]', [expect.stringContaining('"arguments[*]" is not'), expect.anything()]],
    ['orderBy=name,id', [expect.stringContaining('"name,id" is not'), expect.anything()]],
    ['orderBy=name+down', ['position 6: expected "desc" or nothing after the field, found "down"']],
    ['orderBy=name+desc+id', ['position 6: expected "desc" or nothing after the field, found "desc id"']],
  ])('refuses %s', (query, reasons) => {
    expect(invalid(query)).toEqual(reasons.map((reason) => ({ name: 'orderBy', reason })));
  });
});

describe('limit, skip and count', () => {
  it('reads them', () => {
    expect(parse('limit=100&skip=2147483647&count=true')).toMatchObject({
      limit: 100,
      skip: 2_147_483_647,
      count: true,
    });
    expect(parse('count=false').count).toBe(false);
  });

  it.each(['0', '-1', '1e3', '99999999999999999999', '2147483648', '', '01', '1.0', '%2B1', 'ten', '1;DROP'])(
    'refuses %s as a limit and as a skip',
    (value) => {
      const text = decodeURIComponent(value);
      const reason = `expected an integer from 1 to 2147483647 in decimal digits, found "${text}"`;
      expect(invalid(`limit=${value}`)).toEqual([{ name: 'limit', reason }]);
      expect(invalid(`skip=${value}`)).toEqual([{ name: 'skip', reason }]);
    },
  );

  it.each(['', '1', 'TRUE', 'yes'])('refuses "%s" as a count', (value) => {
    expect(invalid(`count=${value}`)).toEqual([{ name: 'count', reason: `expected true or false, found "${value}"` }]);
  });
});

describe('continue', () => {
  const position = ['2022-10-06T20:58:16.305662Z', ID];

  it('reads the token of the same walk, whatever the page', () => {
    const token = writeContinueToken(parse(`filter=stage+eq+'pre'&limit=10`), position);
    expect(parse(`continue=${token}&filter=+stage++eq++'pre'&limit=20&include=id&count=true`)).toMatchObject({
      position,
    });
  });

  it('reads a null position where the field may be lacking', () => {
    const token = writeContinueToken(parse('orderBy=description'), [null, ID]);
    expect(parse(`orderBy=description&continue=${token}`).position).toEqual([null, ID]);
  });

  it.each([
    ['another filter', "filter=stage+eq+'post'"],
    ['another operator', "filter=stage+gt+'pre'"],
    ['no filter', ''],
    ['another order', "filter=stage+eq+'pre'&orderBy=metadata.modificationTimestamp"],
    ['another direction', "filter=stage+eq+'pre'&orderBy=metadata.creationTimestamp+desc"],
  ])('refuses the token of %s', (_, query) => {
    const token = writeContinueToken(parse("filter=stage+eq+'pre'"), position);
    expect(invalid(`${query}&continue=${token}`).map(({ name }) => name)).toEqual(['continue']);
  });

  it('refuses the token of another scope or collection', () => {
    const walk = parse('');
    for (const other of [
      { ...walk, scope: ['account', 'app'] },
      { ...walk, collection: 'application/astra-apps' },
    ]) {
      expect(invalid(`continue=${writeContinueToken(other, position)}`).map(({ name }) => name)).toEqual(['continue']);
    }
  });

  it.each([
    ['a text', ['later', ID]],
    ['a lacking value', [null, ID]],
    ['a number', [5, ID]],
    ['too few values', ['2022-10-06T20:58:16.305662Z']],
    ['too many values', [...position, 'x']],
  ])('refuses a made-up position with %s, even with its right digest', (_, forged) => {
    const token = writeContinueToken(parse(''), forged as string[]);
    expect(invalid(`continue=${token}`).map(({ name }) => name)).toEqual(['continue']);
  });

  it.each(['a\0b', '\ud800'])('refuses a made-up position that Postgres cannot hold', (text) => {
    const token = writeContinueToken(parse('orderBy=name'), [text, ID]);
    expect(invalid(`orderBy=name&continue=${token}`).map(({ name }) => name)).toEqual(['continue']);
  });

  it('refuses a token with any character changed, removed or added', () => {
    const token = writeContinueToken(parse(''), position);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      for (const forged of [
        `${token.slice(0, index)}${other}${token.slice(index + 1)}`,
        `${token.slice(0, index)}${token.slice(index + 1)}`,
        `${token.slice(0, index)}-${token.slice(index)}`,
      ]) {
        expect(invalid(`continue=${forged}`).map(({ name }) => name)).toEqual(['continue']);
      }
    }
  });

  it.each(['', 'x', '!', 'bnVsbA', 'e30', 'WzFd', 'W10', "'%20OR%201=1--"])('refuses "%s"', (token) => {
    expect(invalid(`continue=${token}`)).toEqual([
      {
        name: 'continue',
        reason:
          'expected the metadata.continue of a previous page of this collection with the same filter and orderBy; leave it out to start again',
      },
    ]);
  });
});

describe('the query as a whole', () => {
  it('names every parameter that is wrong', () => {
    expect(
      invalid('limit=0&skip=x&count=1&include=id,id&orderBy=id+up&filter=&limit=1&limit=2').map(({ name }) => name),
    ).toEqual(['include', 'filter', 'orderBy', 'limit', 'skip', 'count']);
  });

  it('refuses a parameter that is there twice', () => {
    expect(invalid('limit=1&limit=1')).toEqual([{ name: 'limit', reason: 'expected once, found more than once' }]);
  });

  it('refuses unknown parameters before it looks at the others', () => {
    const unknown = (query: string): unknown => {
      try {
        parse(query);
      } catch (error) {
        if (error instanceof QueryParametersNotSupported) return error.members.invalidParams?.map(({ name }) => name);
        throw error;
      }
      return undefined;
    };
    expect(unknown('limit=0&Limit=1&order%20by=x&Limit=2&=y')).toEqual(['Limit', 'order by', '']);
    expect(unknown('%zz=1')).toEqual(['%zz']);
    expect(unknown('constructor=1')).toEqual(['constructor']);
  });

  it('passes over empty parts', () => {
    expect(parse('&&limit=5&')).toMatchObject({ limit: 5 });
  });

  it('is SQL nowhere: what a client sent is only ever a value', () => {
    for (const text of ["'; DROP TABLE execution_hooks; --", "' OR '1'='1", '$1', '\\', '%', '_', ':name']) {
      const query = `filter=${encodeURIComponent(`name eq '${text.replaceAll("'", "''")}'`)}`;
      expect(conditions(query)).toEqual([['name', 'eq', text]]);
    }
  });
});
