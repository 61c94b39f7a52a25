import { describe, expect, it } from '@jest/globals';
import { SchemaViolation } from '../problems/catalogue.js';
import type { InvalidField } from '../problems/problem.js';
import { MAX_DEPTH, MAX_INVALID_FIELDS } from './storable-text.js';
import {
  EachItem,
  Ignored,
  isTextOf,
  Items,
  Nested,
  NestedItems,
  OneOf,
  Optional,
  resourceBody,
  rule,
  Text,
} from './resource-body.js';

class Leaf {
  @Text(1, 4)
  name: string;

  @Optional()
  @OneOf(['red', 'blue'])
  color?: string;
}

class Branch {
  @Optional()
  @NestedItems(() => Leaf, 0, 3)
  leaves?: Leaf[];

  @Ignored()
  age?: unknown;
}

class Tree {
  @OneOf(['tree'])
  type: string;

  @Text(1, 4)
  name: string;

  @Optional()
  @Items(0, 2)
  @EachItem('must be a string of 0 to 3 characters', isTextOf(0, 3))
  words?: string[];

  @Optional()
  @Nested(() => Branch)
  branch?: Branch;

  @Optional()
  @NestedItems(() => Leaf, 1, 3)
  leaves?: Leaf[];

  @Ignored()
  rings?: unknown;

  @Optional()
  @rule('even', 'must be even, or the tree be called odd', (value, tree) => {
    return value === 2 || ('name' in tree && tree.name === 'odd');
  })
  height?: number;
}

class Oak extends Tree {
  @Optional()
  @Text(0, 9)
  acorns?: string;
}

const TREE = { type: 'tree', name: 'ash' };

/** The fields that a body is refused for, by name. */
function refused(body: unknown, of: new () => object = Tree): InvalidField[] {
  try {
    resourceBody(of, body);
  } catch (error) {
    if (!(error instanceof SchemaViolation)) throw error;
    return [...(error.members.invalidFields ?? [])].sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  return [];
}

/** The same for a tree that is right apart from some of its fields. */
function refusedTree(fields: object): InvalidField[] {
  return refused({ ...TREE, ...fields });
}

describe('resourceBody', () => {
  it('makes an instance of the class, nested objects included', () => {
    const tree = resourceBody(Tree, {
      ...TREE,
      branch: { leaves: [{ name: 'a' }] },
      leaves: [{ name: 'b', color: 'red' }],
      words: [],
    });
    expect(tree).toBeInstanceOf(Tree);
    expect(tree.branch).toBeInstanceOf(Branch);
    expect(tree.branch?.leaves?.[0]).toBeInstanceOf(Leaf);
    expect(tree.leaves?.[0]).toBeInstanceOf(Leaf);
    expect(JSON.parse(JSON.stringify(tree))).toEqual({
      ...TREE,
      branch: { leaves: [{ name: 'a' }] },
      leaves: [{ name: 'b', color: 'red' }],
      words: [],
    });
  });

  it.each([null, [], 'text', 5, true, undefined])('refuses %j as a body', (body) => {
    expect(refused(body)).toEqual([{ name: 'body', reason: 'must be a JSON object' }]);
  });

  it('takes null for a field that was left out', () => {
    expect(resourceBody(Tree, { ...TREE, words: null, branch: { leaves: null, age: null }, rings: null })).toEqual({
      ...TREE,
      branch: {},
    });
    expect(refused({ type: null, name: null })).toEqual(refused({}));
  });

  it('says of what is missing that it is required, and nothing else', () => {
    expect(refused({})).toEqual([
      { name: 'name', reason: 'is required' },
      { name: 'type', reason: 'is required' },
    ]);
    expect(refusedTree({ leaves: [{}] })).toEqual([{ name: 'leaves[0].name', reason: 'is required' }]);
  });

  it('accepts ignored fields whatever they hold', () => {
    for (const anything of [5, 'text', [], [[1]], {}, { name: 1 }, false]) {
      expect(refusedTree({ rings: anything, branch: { age: anything } })).toEqual([]);
    }
  });

  it('lists every offending field, on any level, by its path', () => {
    expect(
      refusedTree({
        name: '',
        words: ['a', 5, 'long', null],
        branch: { leaves: [{ name: 'a', color: 'green' }, { name: 1 }] },
        leaves: [{ name: 'a' }, { name: 'b' }, { name: 'a', color: null, size: 3 }],
        height: 3,
        bark: true,
      }),
    ).toEqual([
      { name: 'bark', reason: 'is not a field of this resource' },
      { name: 'branch.leaves[0].color', reason: 'must be one of "red", "blue"' },
      { name: 'branch.leaves[1].name', reason: 'must be a string of 1 to 4 characters' },
      { name: 'height', reason: 'must be even, or the tree be called odd' },
      { name: 'leaves[2].size', reason: 'is not a field of this resource' },
      { name: 'name', reason: 'must be a string of 1 to 4 characters' },
      { name: 'words', reason: 'must be an array of 0 to 2 items' },
      { name: 'words[1]', reason: 'must be a string of 0 to 3 characters' },
      { name: 'words[2]', reason: 'must be a string of 0 to 3 characters' },
      { name: 'words[3]', reason: 'must be a string of 0 to 3 characters' },
    ]);
  });

  it('tells one reason a field', () => {
    expect(refusedTree({ type: 5, leaves: [] }).map(({ name }) => name)).toEqual(['leaves', 'type']);
  });

  it.each<[string, object]>([
    ['an array', []],
    ['an array of objects', [{ leaves: 5, size: 1 }]],
  ])('refuses %s where an object is due', (_what, branch) => {
    expect(refusedTree({ branch })).toEqual([{ name: 'branch', reason: 'must be an object' }]);
  });

  it.each([5, 'text', true])('refuses %j where an object or an array of objects is due', (value) => {
    expect(refusedTree({ branch: value, leaves: value })).toEqual([
      { name: 'branch', reason: 'must be an object' },
      { name: 'leaves', reason: 'must be an array of 1 to 3 items' },
    ]);
  });

  it('refuses an object where an array is due', () => {
    expect(refusedTree({ leaves: { name: 'a' }, words: { length: 1 } })).toEqual([
      { name: 'leaves', reason: 'must be an array of 1 to 3 items' },
      { name: 'words', reason: 'must be an array of 0 to 2 items' },
    ]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['an array', []],
    ['an array of objects', [{ name: 'a' }]],
    ['a text', 'a'],
    ['a number', 5],
  ])('refuses %s among the objects of an array', (_what, item) => {
    expect(refusedTree({ leaves: [{ name: 'a' }, item] })).toEqual([
      { name: 'leaves[1]', reason: 'must be an object' },
    ]);
  });

  it('keeps to the bounds of arrays', () => {
    const leaves = (count: number): object => ({ leaves: Array.from({ length: count }, () => ({ name: 'a' })) });
    expect([0, 1, 3, 4].map((count) => refusedTree(leaves(count)).length)).toEqual([1, 0, 0, 1]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('knows no field %j', (name) => {
    const reason = 'is not a field of this resource';
    expect(refused(JSON.parse(`{"type": "tree", "name": "ash", ${JSON.stringify(name)}: {"name": "elm"}}`))).toEqual([
      { name, reason },
    ]);
    expect(refused(JSON.parse(`{"type": "tree", "name": "ash", "branch": {${JSON.stringify(name)}: []}}`))).toEqual([
      { name: `branch.${name}`, reason },
    ]);
    expect(({} as { name?: unknown }).name).toBeUndefined();
  });

  it('knows the fields of a class that it extends', () => {
    expect(resourceBody(Oak, { ...TREE, acorns: 'many', leaves: [{ name: 'a' }] })).toBeInstanceOf(Oak);
    expect(refused({ ...TREE, acorns: 5, leaves: [[]], words: [1] }, Oak).map(({ name }) => name)).toEqual([
      'acorns',
      'leaves[0]',
      'words[0]',
    ]);
    expect(refused({ ...TREE, acorns: 'many' }).map(({ name }) => name)).toEqual(['acorns']);
  });

  it('lets a rule look at the other fields', () => {
    expect(refusedTree({ name: 'odd', height: 3 })).toEqual([]);
    expect(refusedTree({ height: 2 })).toEqual([]);
  });

  it('lists no more fields than an answer may have', () => {
    const unknown = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, 1]));
    expect(refusedTree(unknown)).toHaveLength(MAX_INVALID_FIELDS);
    expect(refusedTree({ words: Array.from({ length: 10_000 }, () => 1) })).toHaveLength(MAX_INVALID_FIELDS);
    expect(refusedTree({ leaves: Array.from({ length: 10_000 }, () => ({})) })).toHaveLength(MAX_INVALID_FIELDS);
  });

  it('survives a body that nests as deep as it likes', () => {
    const depth = 50_000;
    const deep = JSON.parse(`${'{"branch":'.repeat(depth)}1${'}'.repeat(depth)}`) as object;
    expect(refused({ ...TREE, ...deep }).length).toBeGreaterThan(0);
    const ignored = JSON.parse(`${'['.repeat(MAX_DEPTH - 2)}1${']'.repeat(MAX_DEPTH - 2)}`) as unknown;
    expect(refusedTree({ rings: ignored })).toEqual([]);
  });
});

describe('lengths', () => {
  const holds = isTextOf(2, 3);

  it.each([
    ['', false],
    ['a', false],
    ['ab', true],
    ['abc', true],
    ['abcd', false],
    // Two UTF-16 units each, one code point.
    ['😀', false],
    ['😀😀', true],
    ['😀😀😀', true],
    ['😀😀😀😀', false],
    // One letter for a reader, two code points.
    ['e\u0301', true],
  ])('%j counts its code points', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it('of anything but a text are none', () => {
    expect([5, null, undefined, ['a', 'b'], { length: 2 }].map(holds)).toEqual([false, false, false, false, false]);
  });

  it('have no end where the bound is infinite', () => {
    expect(isTextOf(1, Infinity)('a'.repeat(1_000_000))).toBe(true);
    expect(isTextOf(1, Infinity)('')).toBe(false);
    expect(isTextOf(2, Infinity)('😀')).toBe(false);
  });
});
