import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import RE2 from 're2';
import { patternError, patternOf } from './pattern.js';
import { InvalidPattern } from './re2-dialect.js';
import { ValueColumn } from './value-column.js';

const matches = (pattern: string, text: string): boolean => {
  const column = ValueColumn.of([text]);
  return patternOf(pattern, column.byteLength).matchesOfBlock(column, 0, 1) === 1;
};

/** A column of so many values that lines are asked for, of which the first block is `texts`. */
const longColumn = (texts: readonly string[]): ValueColumn =>
  ValueColumn.of([...texts, ...Array.from({ length: 1_100 }, (_, index) => `value ${index}`)]);

const bitsIn = (column: ValueColumn, value: string, { length }: readonly string[]): number =>
  patternOf(value, 0).matchesOfBlock(column, 0, length === 32 ? -1 : (1 << length) - 1);

const expectedBits = (value: string, texts: readonly string[]): number => {
  const regexp = new RE2(value, 'u');
  return texts.reduce((bits, text, at) => (regexp.test(text) ? bits | (1 << at) : bits), 0);
};

describe('patternError', () => {
  it.each([
    ['(?P<n>a)'],
    ['(?<n>a)'],
    ['(?P<n>a)|(?<n>b)'],
    ['(?i)a'],
    ['(?s)a.b'],
    ['(?m)^a$'],
    ['(?U)a+'],
    ['(?i-s:a)'],
    ['\\pN'],
    ['\\p{N}'],
    ['\\P{Lu}'],
    ['\\p{Greek}'],
    ['\\p{^Greek}'],
    ['\\p{Any}'],
    ['\\Aa\\z'],
    ['\\Qa.b*\\E'],
    ['\\Qa(b'],
    ['\\Q\\E'],
    ['a*\\Q\\E*'],
    ['\\C'],
    ['[[:alpha:]]'],
    ['[[:^alpha:][:word:]]'],
    ['[]a]'],
    ['[^]a]'],
    ['[a-]'],
    ['[[:a]'],
    ['\\x{10FFFF}'],
    ['\\x7F'],
    ['\\012'],
    ['\\0'],
    ['/'],
    ['\\/'],
    ['a||b'],
    ['()'],
    ['|'],
    ['a{1000}'],
    ['a{,2}'],
    ['a{'],
    ['\\bpayroll\\B'],
    ['\\_\\-\\%'],
    ['\u{1F600}+'],
  ])('accepts %s', (pattern) => {
    expect(patternError(pattern)).toBeUndefined();
  });

  it.each([
    ['(?=x)', 'invalid perl operator: (?='],
    ['(?!x)', 'invalid perl operator: (?!'],
    ['(?<=x)', 'invalid perl operator: (?<='],
    ['(?<!x)', 'invalid perl operator: (?<!'],
    ['(?>x)', 'invalid perl operator: (?>'],
    ['(?x)a', 'invalid perl operator: (?x'],
    ['\\1', 'invalid escape sequence: \\1'],
    ['(a)\\1', 'invalid escape sequence: \\1'],
    ['(a', 'missing ): (a'],
    ['a)', 'unexpected ): a)'],
    [')', 'unexpected ): )'],
    ['[a', 'missing ]: [a'],
    ['[a/', 'missing ]: [a/'],
    ['[', 'missing ]: ['],
    ['a**', 'bad repetition operator: **'],
    ['a*+', 'bad repetition operator: *+'],
    ['*', 'no argument for repetition operator: *'],
    ['a{1001}', 'invalid repetition size: {1001}'],
    ['a{2,1}', 'invalid repetition size: {2,1}'],
    ['((a{100}){100}){100}', 'invalid repetition size: {100}'],
    ['[b-a]', 'invalid character class range: b-a'],
    ['[z-/]', 'invalid character class range: z-/'],
    ['[[:nonsense:]]', 'invalid character class range: [:nonsense:]'],
    ['\\Z', 'invalid escape sequence: \\Z'],
    ['\\8', 'invalid escape sequence: \\8'],
    ['\\k<n>', 'invalid escape sequence: \\k'],
    ['\\x{110000}', 'invalid escape sequence: \\x{110000'],
    ['\\E', 'invalid escape sequence: \\E'],
    ['[\\Qa\\E]', 'invalid escape sequence: \\Q'],
    ['[\\b]', 'invalid escape sequence: \\b'],
    ['a\\', 'trailing \\'],
    ['\\pX', 'invalid character class range: \\pX'],
    ['\\p{Klingon}', 'invalid character class range: \\p{Klingon}'],
    ['\\p{}', 'invalid character class range: \\p{}'],
    ['\\p{Greek', 'invalid character class range: \\p{Greek'],
    ['\\p{*}', 'invalid character class range: \\p{*}'],
    ['a[\\p{N', 'invalid character class range: \\p{N'],
    ['(?<', 'invalid perl operator: (?<'],
    ['a(?<n', 'invalid named capture group: (?<n'],
    ['a(?P<n\\p{N}', 'invalid named capture group: (?P<n\\p{N}'],
    ['(\\Qa/b\\E(?<n>c', 'missing ): (\\Qa/b\\E(?<n>c'],
    ['a\u0000b(', 'missing ): a\u0000b('],
    ['[a][b\u0000\\p{N}', 'missing ]: [b\u0000\\p{N}'],
    ['(?P<n!>a)', 'invalid named capture group: (?P<n!>'],
    ['(?<n!>a)(?<n!>a)', 'invalid named capture group: (?<n!>'],
    ['\ud800', 'invalid UTF-8'],
    ['\\pL{1000}', 'pattern too large - compile failed'],
  ])('refuses %s', (pattern, reason) => {
    expect(patternError(pattern)).toBe(reason);
    expect(() => patternOf(pattern, 0)).toThrow(InvalidPattern);
  });

  it('quotes no more of a pattern than is of use', () => {
    expect(patternError(`(${'a'.repeat(100_000)}`)).toBe(`missing ): (${'a'.repeat(255)}…`);
  });

  describe("of JavaScript's dialect, which the binding would let through", () => {
    it.each([
      ['\\cA', 'invalid escape sequence: \\c'],
      ['x\\cz(', 'invalid escape sequence: \\c'],
      ['[\\cA]', 'invalid escape sequence: \\c'],
      ['\\u0041', 'invalid escape sequence: \\u'],
      ['\\u{41}', 'invalid escape sequence: \\u'],
      ['[\\u0041-\\u0043]', 'invalid escape sequence: \\u'],
      ['[A-\\u0043]', 'invalid escape sequence: \\u'],
      ['(a|\\u0041)', 'invalid escape sequence: \\u'],
      [')\\u0041', 'unexpected ): )\\u0041'],
      ['\\p{Letter}', 'invalid character class range: \\p{Letter}'],
      ['\\P{Uppercase_Letter}', 'invalid character class range: \\P{Uppercase_Letter}'],
      ['[\\p{Number}]', 'invalid character class range: \\p{Number}'],
      ['\\p{Script=Greek}', 'invalid character class range: \\p{Script=Greek}'],
      ['\\p{sc=Greek}', 'invalid character class range: \\p{sc=Greek}'],
    ])('refuses %s', (pattern, reason) => {
      expect(patternError(pattern)).toBe(reason);
    });
  });

  it('does not take quadratic time over what looks like the start of class names and properties', () => {
    expect(patternError(`[${'[:'.repeat(500_000)} ]`)).toBeUndefined();
    expect(patternError('\\p{'.repeat(300_000))).toBe(
      `invalid character class range: ${'\\p{'.repeat(86).slice(0, 256)}…`,
    );
  });
});

describe('patternOf', () => {
  it.each([
    // Unanchored, case-sensitive search.
    ['payroll', 'docker.io/bitnami/payroll:3.7.8', true],
    ['Payroll', 'docker.io/bitnami/payroll:3.7.8', false],
    ['^payroll', 'docker.io/bitnami/payroll:3.7.8', false],
    ['3.7.8$', 'docker.io/bitnami/payroll:3.7.8', true],
    ['^payroll$', 'payroll', true],
    ['^payroll$', 'payroll2', false],
    ['\\Apayroll\\z', 'payroll', true],
    // Alternation binds weaker than anything else.
    ['^a|b$', 'ax', true],
    ['^a|b$', 'xb', true],
    ['^a|b$', 'xax', false],
    ['^(?:a|b)$', 'ax', false],
    ['a|', '', true],
    ['()', '', true],
    ['^$', '', true],
    ['x*', '', true],
    ['x', '', false],
    // Words are ASCII words.
    ['\\bmariadb\\b', 'docker.io/library/mariadb:11', true],
    ['\\bmariadb\\b', 'docker.io/library/mymariadb:11', false],
    ['\\bmariadb\\b', 'mariadb_exporter', false],
    ['\\bmariadb\\b', 'mariadb-exporter', true],
    ['\\bmariadb\\b', 'émariadb', true],
    ['\\Badb', 'mariadb', true],
    ['^\\w$', 'é', false],
    ['^\\d$', '٣', false],
    // Flags.
    ['(?i)PAYROLL', 'payroll', true],
    ['(?i:P)AYROLL', 'payroll', false],
    ['(?i)straße', 'STRAßE', true],
    ['(?i)k', '\u212a', true],
    ['^b$', 'a\nb\nc', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?m)\\Ab', 'a\nb', false],
    ['a$', 'a\n', false],
    ['a.b', 'a\nb', false],
    ['(?s)a.b', 'a\nb', true],
    ['a[^x]b', 'a\nb', true],
    ['a.b', 'a\r\u2028b', false],
    ['a.b', 'a\u2028b', true],
    ['(?U)^a+$', 'aaa', true],
    // Unicode: a character is a code point, a class is Unicode's.
    ['^.$', '\u{1F600}', true],
    ['^\\C{4}$', '\u{1F600}', true],
    ['^\\pN$', '٣', true],
    ['^\\p{Greek}+$', 'αβγ', true],
    ['^\\p{Greek}+$', 'abc', false],
    ['^\\P{Greek}+$', 'abc', true],
    ['^\\p{^Greek}+$', 'abc', true],
    ['^[[:alpha:]]$', 'é', false],
    ['^[[:^alpha:]]$', 'é', true],
    ['^\\x{1F600}$', '\u{1F600}', true],
    ['^\u{1F600}{2}$', '\u{1F600}\u{1F600}', true],
    ['^\\s$', '\u00a0', false],
    ['^\\s$', '\v', false],
    // Images with a port and a digest; labels with more than one `=`.
    ['registry\\.local:5000/db@sha256:[0-9a-f]{64}$', `registry.local:5000/db@sha256:${'0a'.repeat(32)}`, true],
    ['/db@', 'registry.local:5000/db@sha256:00', true],
    ['\\/db@', 'registry.local:5000/db@sha256:00', true],
    ['^[a-z/]+$', 'a/b', true],
    ['^[+-/]$', '.', true],
    ['^tier=a=b$', 'tier=a=b', true],
    ['=$', 'tier=', true],
    // Plain texts, with and without anchors and backslashes.
    ['a\\.b', 'xa.bx', true],
    ['a\\.b', 'axb', false],
    ['^a\\.b', 'a.bx', true],
    ['^a\\.b', 'xa.b', false],
    ['a\\.b$', 'xa.b', true],
    ['a\\.b$', 'a.bx', false],
    ['^a\\.b$', 'a.b', true],
    ['^a\\.b$', 'a.bx', false],
    ['a\\$', 'a$', true],
    ['a\\$', 'a', false],
    ['\\^a', '^a', true],
    ['a_\\_', 'a__', true],
    ['a$\n', 'a\n', false],
    // What the binding would change within quotes and classes.
    ['^\\Qdocker.io/db\\E$', 'docker.io/db', true],
    ['^\\Qdocker.io/db\\E$', 'docker_io/db', false],
    ['^\\Qa/b', 'a/b', true],
    ['^\\Q\\pL\\u0041\\cA(?<\\E$', '\\pL\\u0041\\cA(?<', true],
    ['^\\Qab\\E+$', 'abb', true],
    ['^\\Qé\u{1F600}.\\E$', 'é\u{1F600}.', true],
    ['^\\Qa\\b\\E$', 'a\\b', true],
    ['^[(?<]$', 'P', false],
    ['^[(?<]$', '<', true],
    ['^[[:alpha:](?<]$', 'P', true],
    ['^[+-[:a:]\\Q/]\\E$', ',/]', true],
    ['^[\\d-[:alpha:]]\\Q/\\E$', 'x/', true],
    ['^[\\]/]\\Q/\\E$', ']/', true],
    ['^[[:a]\\Q/\\E$', ':/', true],
    ['^[](?<]$', 'P', false],
    ['^[^](?<]$', 'P', true],
    ['^[[:digit:](?<]$', 'P', false],
    ['^[\\s-[:digit:](?<]$', 'P', false],
    ['^[\\s-[:digit:](?<]$', '7', true],
    ['^[a-]\\Q/\\E$', '-/', true],
    ['^(?<n>a)(?P<o>b)$', 'ab', true],
    ['^(?P<n>a)(?<n>b)$', 'ab', true],
    ['^(?P<n>a)(?<n>b)$', 'aa', false],
    ['^\\(?<$', '<', true],
  ])('%s in %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it.each(['-[0-9]*1$', '1'])('searches the values of a block that it is asked for, and no others: %s', (value) => {
    const column = ValueColumn.of(Array.from({ length: 100 }, (_, index) => `pod-${index % 2 === 0 ? 0 : 11}`));
    expect(patternOf(value, 0).matchesOfBlock(column, 1, -1) >>> 0).toBe(0xaaaaaaaa);
    expect(patternOf(value, 0).matchesOfBlock(column, 1, 0b1110)).toBe(0b1010);
    expect(patternOf(value, 0).matchesOfBlock(ValueColumn.of(['1', '-1']), 0, 0b11)).toBe(value === '1' ? 0b11 : 0b10);
  });

  it('finds what RE2 finds, whatever shortcut it takes', () => {
    const anchors = fc.constantFrom(
      '^',
      '$',
      '|',
      '|^',
      '^a',
      '^ab',
      '^app\\.',
      '\\b',
      '\\A',
      '(?m)^',
      '(?i)^a',
      '(?-m)',
    );
    const texts = fc.constantFrom('a', 'b', 'ab', 'A', '-', '\\.', '\\-', '\\d', '\\^', '\n', 'é');
    const others = fc.constantFrom(
      '.',
      '*',
      '+',
      '?',
      '*?',
      '{0}',
      '{1,2}',
      '{',
      '(?:',
      '(',
      ')',
      '[ab]',
      '[^a]',
      '[|^]',
      '[^]a]',
    );
    const pattern = fc.array(fc.oneof(anchors, texts, others), { maxLength: 8 }).map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', 'app.', 'A', '-', '.', '1', '^', '|', 'é'), { maxLength: 5 });
    const broken = fc.tuple(text, text).map(([left, right]) => [...left, '\n', ...right]);
    const values = fc.oneof(
      fc.array(fc.oneof(text, broken), { minLength: 1, maxLength: 32 }),
      fc.uniqueArray(
        text.filter((parts) => parts.length > 0),
        { minLength: 8, maxLength: 32, selector: (parts) => parts.join('') },
      ),
    );
    fc.assert(
      fc.property(pattern, values, (value, parts) => {
        fc.pre(patternError(value) === undefined);
        const texts = parts.map((part) => part.join(''));
        const expected = expectedBits(value, texts);
        expect(bitsIn(ValueColumn.of(texts), value, texts)).toBe(expected);
        expect(bitsIn(longColumn(texts), value, texts)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('gives the same compiled pattern while it is kept', () => {
    expect(patternOf('kept?', 10)).toBe(patternOf('kept?', 10));
  });

  it('drops the least recently used once the text they have seen may have filled the memory set aside', () => {
    const first = patternOf('first to go?', 0);
    for (let index = 0; index < 8; index++) patternOf(`filler? ${index}`, 1_000_000);
    expect(patternOf('first to go?', 0)).not.toBe(first);
  });

  it('counts what a pattern repeats: RE2 writes it out', () => {
    const first = patternOf('second to go?', 0);
    for (let index = 0; index < 8; index++) patternOf(`[a-z]{1,100}${index}\\pN{1,40}`, 0);
    expect(patternOf('second to go?', 0)).not.toBe(first);
  });

  describe('in a column of many values, where it searches lines', () => {
    it.each([
      'pay.*z',
      '^web.',
      '\\Bweb\\B',
      'oll-[01]',
      '^payroll-1$|z',
      '^-web-$|z',
      '(?m:^payroll-1$)',
      '\\B-w',
      '-\\B',
      '[a-z]',
      '(?i)[A-Z]$|-',
      '^.*$',
      '^[-a-z]{1,7}',
      '(x|b|roll)',
      '\\b[a-z]',
      '(?P<n>[a-z])[(]?',
      'o\\(?',
      '\\Apayroll-1',
      'payroll-0\\z',
      '(?-m:^payroll-1$)',
      '(?i-m)^PAYROLL-1$',
      // These could match the line break, which is not in the value.
      '(?s)x.',
      '(?is)x.',
      '(?i:(?s:x.))',
      'x\\s',
      'x[^y]',
      'x\\W',
      'x\\D',
      'x\\pC',
      'x\\PL',
      'x\\C',
      'x\\n',
      'x\n|z',
      'x\\x0a',
      'x\\x{a}',
      'x\\012',
      'x[\\n]',
      'x[\\s]',
      'x[\t-~]',
      'x[[:space:]]',
      'x[[:^alpha:]]',
      'x\\Q\n\\E',
    ])('finds what RE2 finds in each value: %j', (value) => {
      const texts = ['payroll-0', 'payroll-1', '-web-', 'x', 'web', 'axx', 'b', 'xa', 'a-'];
      for (const few of [texts, texts.filter((text) => text.startsWith('x'))]) {
        const whole = Array.from(
          { length: 32 },
          (_, index) => few[index] ?? `${few[index % few.length] ?? ''}${index}`,
        );
        expect(bitsIn(longColumn(whole), value, whole)).toBe(expectedBits(value, whole));
        const alike = Array.from({ length: 32 }, () => few[0] ?? '');
        expect(bitsIn(longColumn(alike), value, alike)).toBe(expectedBits(value, alike));
      }
    });

    it('tests values that hold line breaks or are empty by themselves', () => {
      for (const texts of [
        ['a\nb', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'y'],
        ['', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'y'],
      ]) {
        for (const value of ['x?y', '^a', 'b$', '^$|y']) {
          expect(bitsIn(longColumn(texts), value, texts)).toBe(expectedBits(value, texts));
        }
      }
    });
  });
});
