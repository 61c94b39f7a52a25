import { isNativeError } from 'node:util/types';
import { LRUCache } from 'lru-cache';
import RE2 from 're2';
import { lowestBitOfWord } from './bitmap.js';
import { keepShapeOf } from './kept-shapes.js';
import { type ValueColumn, VALUES_OF_BLOCK } from './value-column.js';

/** A pattern, ready to search values for. */
export interface Pattern {
  /**
   * Searches values of one block (contract, section 4: unanchored, case-sensitive).
   *
   * @param values a word of bits: bit i stands for value `block * VALUES_OF_BLOCK + i`
   * @returns the bits of those that match
   */
  matchesOfBlock(column: ValueColumn, block: number, values: number): number;

  /** What can be said about all values of a block at once, much cheaper than by testing each. */
  verdictOnBlock(column: ValueColumn, block: number): BlockVerdict;
}

/** `none` or `all` of a block's values match, or it is not known. */
export type BlockVerdict = 'none' | 'all' | 'unknown';

/** A text that RE2 refuses as a pattern; the message is RE2's own reason. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

/** How many compiled patterns a process keeps. */
const KEPT_PATTERNS = 4_096;

/** How much memory, in bytes, the compiled patterns that a process keeps may take, as estimated here. */
const KEPT_BYTES = 64 * 1_024 * 1_024;

/** RE2 keeps a program and its automaton's states together below 8 MiB; a pattern may have three, for texts and for lines. */
const MOST_BYTES_OF_A_PATTERN = 3 * 8 * 1_024 * 1_024;

/** What a compiled pattern takes before it has seen much text, in bytes: measured, rounded up, for all its programs. */
const FLAT_BYTES = 12 * 1_024;
const BYTES_PER_CHARACTER = 768;
const BYTES_PER_PROPERTY = 384 * 1_024;

/** RE2 repeats nothing more often, repetitions of repetitions included. */
const MOST_REPETITIONS = 1_000;

/** One byte of text adds at most one state to RE2's automaton; a usual state takes this many bytes. */
const BYTES_PER_STATE = 256;

interface Kept {
  readonly pattern: Re2Pattern;
  /** What it was taken to weigh, in bytes, before it was tested. */
  readonly programBytes: number;
  /** How many bytes of text it has been tested on, or is about to be. */
  testedBytes: number;
  /** What it is taken to weigh, in bytes. */
  readonly charge: number;
}

const kept = new LRUCache<string, Kept>({ max: KEPT_PATTERNS, maxSize: KEPT_BYTES });

/** What RE2 has said of texts: large programs take long to compile, also those that turn out too large, and few are kept. */
const checked = new LRUCache<string, { readonly error: string | undefined }>({
  max: KEPT_PATTERNS,
  maxSize: 16 * 1_024 * 1_024,
  sizeCalculation: (_checked, value) => 2 * value.length + 2 * LONGEST_QUOTE + 64,
});

/**
 * Why RE2 refuses `value` as a pattern, in RE2's own words (`missing ): (a`), or `undefined` when it accepts it
 * (contract, section 4: syntax as in https://github.com/google/re2/wiki/Syntax). A pattern whose program RE2 finds
 * too large is refused too.
 */
export function patternError(value: string): string | undefined {
  const before = checked.get(value);
  if (before !== undefined) return before.error;
  let error: string | undefined;
  try {
    keep(value);
  } catch (thrown) {
    if (!(thrown instanceof InvalidPattern)) throw thrown;
    error = thrown.message;
  }
  checked.set(value, { error });
  return error;
}

/**
 * The pattern of `value`, compiled at most once while it stays among the most recently used.
 *
 * @param textBytes how many bytes of text the caller is about to test: RE2's automaton grows with the text it sees,
 *   and the memory that the process sets aside for compiled patterns is accounted for by it
 * @throws InvalidPattern where {@link patternError} has a reason
 */
export function patternOf(value: string, textBytes: number): Pattern {
  return LiteralPattern.of(value) ?? compiled(value, textBytes);
}

function compiled(value: string, textBytes: number): Pattern {
  const entry = keep(value);
  entry.testedBytes += textBytes;
  const charge = Math.min(entry.programBytes + entry.testedBytes * BYTES_PER_STATE, MOST_BYTES_OF_A_PATTERN);
  if (charge > entry.charge) {
    // Charged in doubling steps: putting an entry back at every use would cost more than many uses do. As a new entry,
    // because the cache does not weigh the same one again.
    const size = Math.min(charge * 2, MOST_BYTES_OF_A_PATTERN);
    kept.set(value, { ...entry, charge: size }, { size });
  }
  return entry.pattern;
}

function keep(value: string): Kept {
  let entry = kept.get(value);
  if (entry === undefined) {
    const programBytes = programBytesOf(value);
    entry = { pattern: new Re2Pattern(value), programBytes, testedBytes: 0, charge: programBytes };
    kept.set(value, entry, { size: programBytes });
  }
  return entry;
}

/** An estimate, in bytes and rather too high, of what the programs of a pattern take. */
function programBytesOf(value: string): number {
  const properties = value.match(/\\[pP]/g)?.length ?? 0;
  let repetitions = 1;
  for (const [, least = '', most = ''] of value.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    repetitions = Math.min(repetitions * Math.max(1, Number(least), Number(most)), MOST_REPETITIONS);
  }
  const bytes = FLAT_BYTES + repetitions * (value.length * BYTES_PER_CHARACTER + properties * BYTES_PER_PROPERTY);
  return Math.min(bytes, MOST_BYTES_OF_A_PATTERN);
}

/**
 * From this estimate on, in bytes, a pattern may be one of those that take RE2 milliseconds a value: it works in time
 * linear in the text, but also in the program.
 */
const LARGE_PROGRAM_BYTES = 2 * 1_024 * 1_024;

/** Whether it may take long to test a pattern: those that people write are not large. */
export function isLarge(value: string): boolean {
  return programBytesOf(value) >= LARGE_PROGRAM_BYTES;
}

/**
 * From this estimate on, in bytes, patterns may together take longer than a request should: of those below it the worst
 * that were found need 0.3 ms for a value of 200 bytes, which is 3 s for 10,000 of them.
 */
const SLOW_PROGRAM_BYTES = 1_024 * 1_024;

/** Whether it may take seconds to match patterns in thousands of containers: even ten that people write rarely do. */
export function mayTakeLong(values: readonly string[]): boolean {
  return values.reduce((bytes, value) => bytes + programBytesOf(value), 0) >= SLOW_PROGRAM_BYTES;
}

/**
 * A pattern that is a plain text, at the start, at the end, or anywhere: most of those that people write. Finding a
 * text needs no regular expressions, so RE2 is neither compiled for it nor called over the binding, whose calls cost
 * more than such a search. Plain ASCII only, where the text's UTF-16 units and RE2's bytes agree.
 */
class LiteralPattern implements Pattern {
  static of(value: string): LiteralPattern | undefined {
    const { start, literal, end } = LITERAL.exec(value)?.groups ?? {};
    if (literal === undefined) return undefined;
    return new LiteralPattern(start !== undefined, literal.replaceAll('\\', ''), end !== undefined);
  }

  private constructor(
    readonly start: boolean,
    readonly literal: string,
    readonly end: boolean,
  ) {}

  matchesOfBlock(column: ValueColumn, block: number, values: number): number {
    const first = block * VALUES_OF_BLOCK;
    let matching = 0;
    for (let left = values; left !== 0; left &= left - 1) {
      if (this.#matches(column.textOf(first + lowestBitOfWord(left)))) matching |= left & -left;
    }
    return matching;
  }

  #matches(text: string): boolean {
    if (!this.start) return this.end ? text.endsWith(this.literal) : text.includes(this.literal);
    return this.end ? text === this.literal : text.startsWith(this.literal);
  }

  verdictOnBlock(): BlockVerdict {
    return 'unknown';
  }
}

/** What stands for itself in RE2, as it is or behind a backslash. At a length that RE2's program surely holds. */
const LITERAL = /^(?<start>\^)?(?<literal>(?:[-\w :/@=,;!"#%&'<>~`]|\\[-.:/@=,+*?(){}[\]^$|_]){1,1000})(?<end>\$)?$/;

// Those that RE2 compiles are kept, these are not.
keepShapeOf(patternOf('^literal$', 0));

/** A pattern compiled by RE2. */
class Re2Pattern implements Pattern {
  readonly #value: string;
  readonly #isLarge: boolean;
  readonly #regexp: RE2;
  /** What a text begins with that matches, one of these; `undefined` where that is not known. */
  readonly #prefixes: readonly Buffer[] | undefined;
  /** Finds a match somewhere in lines. */
  #inAnyLine: RE2 | undefined;
  /** Finds a match in each of some lines; `null` where that cannot be asked. */
  #inEachLine: RE2 | null | undefined;

  constructor(value: string) {
    this.#value = value;
    this.#isLarge = isLarge(value);
    this.#regexp = compile(value, 'u');
    this.#prefixes = prefixesOf(value);
  }

  matchesOfBlock(column: ValueColumn, block: number, values: number): number {
    const regexp = this.#regexp;
    const first = block * VALUES_OF_BLOCK;
    let matching = 0;
    for (let left = this.#withPrefix(column, block, values); left !== 0; left &= left - 1) {
      if (regexp.test(textToTest(column, first + lowestBitOfWord(left)))) matching |= left & -left;
    }
    return matching;
  }

  /** Those of some values of a block that begin with one of the prefixes: no other one matches. */
  #withPrefix({ bytes, starts }: ValueColumn, block: number, values: number): number {
    const prefixes = this.#prefixes;
    if (prefixes === undefined) return values;
    const first = block * VALUES_OF_BLOCK;
    let having = 0;
    for (let left = values; left !== 0; left &= left - 1) {
      const start = starts[first + lowestBitOfWord(left)] ?? 0;
      for (const prefix of prefixes) {
        if (beginsWith(bytes, start, prefix)) {
          having |= left & -left;
          break;
        }
      }
    }
    return having;
  }

  /**
   * Searches the block as lines. Where `^` and `$` hold at line breaks, whatever matches in a value matches in its line:
   * the characters are the same, and to `\b` and `\B` a line break is what the end of the text is. Not so for patterns
   * that can tell a text from a line: those with `\A` or `\z`, and those that switch flags off.
   *
   * The reverse, that a match in a line is one in the value, holds only where the pattern cannot match a line break.
   */
  verdictOnBlock(column: ValueColumn, block: number): BlockVerdict {
    // One call could take seconds, in which nobody else gets a turn.
    if (this.#isLarge) return 'unknown';
    if (TELLS_TEXT_FROM_LINE.test(this.#value)) return 'unknown';
    const lines = column.linesOfBlock(block);
    if (lines === undefined) return 'unknown';
    if (this.#prefixes !== undefined) {
      const all = allOfBlock(column, block);
      const having = this.#withPrefix(column, block, all);
      if (having !== all) return having === 0 ? 'none' : 'unknown';
    }
    this.#inAnyLine ??= compile(this.#value, 'um');
    if (!this.#inAnyLine.test(lines)) return 'none';
    if (this.#inEachLine === undefined) this.#inEachLine = compileForEachLine(this.#value);
    return this.#inEachLine?.test(lines) === true ? 'all' : 'unknown';
  }
}

/** Values up to this many bytes are tested in a buffer that is there already: making a view of one costs three tests. */
const LONGEST_COPIED = 512;

/** By length, as RE2 is given a whole buffer. */
const copies: (Buffer | undefined)[] = new Array<undefined>(LONGEST_COPIED + 1).fill(undefined);

/** The bytes of a value, to be tested before the next value is asked for. */
function textToTest({ bytes, starts }: ValueColumn, value: number): Buffer {
  const start = starts[value] ?? 0;
  const length = (starts[value + 1] ?? 0) - 1 - start;
  if (length > LONGEST_COPIED) return bytes.subarray(start, start + length);
  const copy = (copies[length] ??= Buffer.alloc(length));
  for (let at = 0; at < length; at++) copy[at] = bytes[start + at] ?? 0;
  return copy;
}

/** The bits of all values that a block has. */
function allOfBlock({ count }: ValueColumn, block: number): number {
  const values = Math.min(VALUES_OF_BLOCK, count - block * VALUES_OF_BLOCK);
  return values === VALUES_OF_BLOCK ? -1 : (1 << values) - 1;
}

/**
 * Whether the value from `start` on begins with a prefix. A shorter value does not: the line break behind it is in no
 * prefix. From the end, because labels begin alike.
 */
function beginsWith(bytes: Buffer, start: number, prefix: Buffer): boolean {
  for (let at = prefix.length - 1; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false;
  return true;
}

/**
 * The plain texts that begin the alternatives of a pattern, where each is anchored at the start of the text and begins
 * with one: a text that begins with none of them does not match. `undefined` for patterns that have something else, or
 * something that is not understood here.
 */
function prefixesOf(value: string): readonly Buffer[] | undefined {
  const prefixes: Buffer[] = [];
  let depth = 0;
  /** Of the alternative: `undefined` before its anchor. */
  let prefix: string | undefined;
  let isComplete = false;
  for (let at = 0; at <= value.length;) {
    if (at === value.length || (depth === 0 && value[at] === '|')) {
      if (prefix === undefined || prefix === '') return undefined;
      prefixes.push(Buffer.from(prefix));
      prefix = undefined;
      isComplete = false;
      at += 1;
      continue;
    }
    SIMPLE_ITEM.lastIndex = at;
    const { 0: item = '', groups } = SIMPLE_ITEM.exec(value) ?? {};
    if (item === '') return undefined;
    at += item.length;
    if (item.startsWith('(')) depth += 1;
    if (item === ')') depth -= 1;
    if (isComplete) continue;
    if (prefix === undefined) {
      if (item !== '^') return undefined;
      prefix = '';
      continue;
    }
    const { plain, escaped, repetition } = groups ?? {};
    prefix += plain ?? escaped ?? '';
    isComplete = plain === undefined && escaped === undefined;
    // What is repeated may not be there at all.
    if (repetition !== undefined) prefix = prefix.slice(0, -1);
  }
  return prefixes;
}

/** What most patterns are made of, an item at a time: no flags, no classes by name, no quotes, plain ASCII. */
const SIMPLE_ITEM =
  /(?<plain>[-\w :/@=,;!"#%&'<>~`])|\\(?<escaped>[-.:/@=,+*?(){}[\]^$|_])|\\[dDwWsSbB]|[.^$|)]|\((?:\?:|(?!\?))|\[\^?[-\w.:/@=,]+\]|(?<repetition>[*+?]\??|\{\d+(?:,\d*)?\}\??)/uy;

/** Over-cautious: `\\A` is a backslash and an A. */
const TELLS_TEXT_FROM_LINE = /\\[Az]|\(\?[a-zA-Z]*-/;

/** Made only of what cannot match a line break: plain characters, `.` without `(?s)`, classes and ranges of `,` and later. */
const STAYS_IN_LINE =
  /^(?:[-\w :/@=,;!"#%&'<>~`.*+?)|^$]|\((?!\?)|\(\?(?:i?:|i\)|P?<\w+>)|\{\d+(?:,\d*)?\}|\[[-\w.:/@=,]+\]|\\[dwbB]|\\[-.:/@=,+*?(){}[\]^$|_])+$/;

function compileForEachLine(value: string): RE2 | null {
  if (!STAYS_IN_LINE.test(value)) return null;
  try {
    return compile(`\\A(?:[^\\n]*(?:${value})[^\\n]*\\n)*\\z`, 'um');
  } catch (error) {
    // Too large for RE2 in this form.
    if (error instanceof InvalidPattern) return null;
    throw error;
  }
}

/** @param flags the binding's: `m` lets `^` and `$` hold at line breaks */
function compile(value: string, flags: 'u' | 'um'): RE2 {
  if (LONE_SURROGATE.test(value)) throw new InvalidPattern('invalid UTF-8');
  const { pattern, openFrom } = throughJavaScriptDialect(value);
  try {
    return new RE2(pattern, flags);
  } catch (error) {
    if (!isNativeError(error) || error.name !== 'SyntaxError') throw error;
    throw new InvalidPattern(inTheWordsOf(value, openFrom, error.message), { cause: error });
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

interface Rewritten {
  readonly pattern: string;
  /** Where the class, property or group name begins that the pattern does not close. */
  readonly openFrom: number | undefined;
}

/**
 * Rewrites an RE2 pattern so that node-re2 hands RE2 what was meant.
 *
 * node-re2 takes JavaScript's dialect and rewrites it into RE2's before RE2 sees it, knowing nothing of `\Q…\E` and of
 * character classes. What it would change, and what becomes of it here:
 *
 * | RE2 pattern | node-re2 makes it | RE2 itself | rewritten as |
 * |---|---|---|---|
 * | `\cA` | `\x01` | refuses `\c` | the text up to and with `\c`, which RE2 refuses |
 * | `\u0041`, `\u{41}` | `\x{0041}`, `\x{41}` | refuses `\u` | the text up to and with `\u`, which RE2 refuses |
 * | `\p{Letter}`, `\p{Number}`, … | `\pL`, `\pN`, … | refuses the long names | `\p{Script=Letter}`, which node-re2 strips to `\p{Letter}` |
 * | `\p{Script=Greek}`, `\p{sc=Greek}` | `\p{Greek}` | refuses `name=value` | `\p{Script=Script=Greek}`, likewise |
 * | `\Qa/b\E` | `\Qa\/b\E` | `a/b`, not `a\/b` | `a\/b`: quoted text, character by character |
 * | `\Q\pL\u0041(?<\E` | as above, inside the quotes | those characters | likewise |
 * | `[(?<]` | `[(?P<]`, which also holds `P` | `(`, `?`, `<` | `[(?\<]` |
 * | `(?P<n>a)(?P<n>b)` | refused | two groups | `(?P<n>a)(b)`: nobody asks for the groups |
 *
 * What it changes without a difference stays: `/` to `\/` and `(?<n>` to `(?P<n>` outside of quotes and classes. RE2 reads a
 * pattern from left to right and stops at the first error, so the shortened text gives the reason that the whole would.
 */
function throughJavaScriptDialect(value: string): Rewritten {
  if (SAME_IN_BOTH_DIALECTS.test(value)) return { pattern: value, openFrom: undefined };
  const lastClassNameEnd = value.lastIndexOf(':]');
  const lastGroupNameEnd = value.lastIndexOf('>');
  let openFrom: number | undefined;
  const names = new Set<string>();
  const rewritten: string[] = [];
  let inClass = false;
  let firstInClass = false;
  for (let at = 0; at < value.length;) {
    const start = at;
    if (inClass && start > lastClassNameEnd && value.startsWith('[:', start)) {
      // No name without its `:]`. Escaped, because RE2 and this would look for the end of each one to the end of the text.
      rewritten.push('\\[');
      firstInClass = false;
      at += 1;
      continue;
    }
    const item: RegExp = inClass ? CLASS_ITEM : ITEM;
    item.lastIndex = start;
    const match = item.exec(value);
    const text = match?.[0] ?? value.slice(start);
    const { low = text, high = '', name } = match?.groups ?? {};
    if (inClass && !firstInClass && text.startsWith(']')) {
      at += 1;
      inClass = false;
      openFrom = undefined;
      rewritten.push(']');
      continue;
    }
    firstInClass = false;
    at += text.length;
    if (!inClass && start > lastGroupNameEnd && /^\(\?P?</.test(value.slice(start, start + 4))) {
      rewritten.push(value.slice(start));
      openFrom = start;
      break;
    }
    if (REFUSED_ESCAPE.test(low) || REFUSED_ESCAPE.test(high)) {
      rewritten.push(REFUSED_ESCAPE.test(low) ? low : text);
      break;
    }
    if (text.startsWith('\\p{') || text.startsWith('\\P{')) {
      if (!text.endsWith('}')) {
        rewritten.push(text.slice(0, 3));
        openFrom = start;
        break;
      }
      // Not for `\p{}`, from which node-re2 would not strip the prefix.
      rewritten.push(text.length === 4 ? text : `${text.slice(0, 3)}Script=${text.slice(3)}`);
    } else if (inClass) {
      rewritten.push(text.startsWith('<') && value.startsWith('(?', start - 2) ? `\\${text}` : text);
    } else if (name !== undefined && names.has(name)) {
      rewritten.push('(');
    } else {
      if (name !== undefined) names.add(name);
      rewritten.push(text.startsWith('\\Q') ? quoted(text.slice(2).replace(/\\E$/, '')) : text);
      inClass = firstInClass = text.startsWith('[');
      if (inClass) openFrom = start;
    }
  }
  return { pattern: rewritten.join(''), openFrom };
}

/** Most patterns: without named groups, properties, quotes, named classes, and what JavaScript only has. */
const SAME_IN_BOTH_DIALECTS = /^(?:[^\\[(]|\\[^cupPQ]|\((?!\?)|\(\?:|\[\^?[^\\[\]<^][^\\[\]<]*\])*$/s;

/** What stands for itself or begins something, outside of a character class. */
const ITEM = /\\Q[^]*?(?:\\E|$)|\\[pP]\{[^}]*\}?|\\[^]|\[\^?|\(\?P?<(?<name>[^>(]*)>|[^]/uy;

/** A named class, a property, a Perl class, or a character or range: RE2's own order of trying. */
const CLASS_ITEM = /\[:[^]*?:\]|\\[pP](?:\{[^}]*\}?|[^{])|\\[dDsSwW]|(?<low>\\?[^])(?:-(?!\])(?<high>\\?[^]))?/uy;

/** What node-re2 would translate and RE2 refuses. */
const REFUSED_ESCAPE = /^\\[cu]$/;

/** The pattern of a literal text. Nothing at all stays `\Q\E`: it still parts the two operators of `a*\Q\E*`. */
function quoted(text: string): string {
  return text === '' ? '\\Q\\E' : text.replace(/[^0-9A-Za-z\u0080-\u{10ffff}]/gu, '\\$&');
}

/** How much of a pattern a reason quotes, in UTF-16 units: RE2 would quote all of it. */
const LONGEST_QUOTE = 256;

/** RE2's reason quotes the pattern as RE2 saw it, up to a NUL; this quotes it as it was written. */
function inTheWordsOf(value: string, openFrom: number | undefined, reason: string): string {
  const [, kind, seen] = /^([^:]*): ([^]*)$/.exec(reason) ?? [];
  if (kind === undefined || seen === undefined) return reason;
  const quote = quoteOf(value, openFrom, kind, seen);
  return `${kind}: ${quote.length > LONGEST_QUOTE ? `${quote.slice(0, LONGEST_QUOTE)}…` : quote}`;
}

function quoteOf(value: string, openFrom: number | undefined, kind: string, seen: string): string {
  if (kind === 'missing )' || kind === 'unexpected )') return value;
  if (openFrom !== undefined) {
    const open = value.slice(openFrom);
    if (kind === 'missing ]' || (kind === 'invalid named capture group' && !seen.includes('>'))) return open;
    if (kind === 'invalid character class range' && /^\\[pP]\{$/.test(seen)) return open;
  }
  if (value.includes(seen)) return seen;
  const written = seen
    .replaceAll('\\/', '/')
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\<', '<')
    .replace(/^\\([pP])([^{])$/u, '\\$1{$2}')
    .replace(/^\(\?P$/, '(?<');
  return value.includes(written) ? written : seen;
}
