import { LRUCache } from 'lru-cache';
import type RE2 from 're2';
import { countBitsOfWord, lowestBitOfWord } from './bitmap.js';
import { compile, InvalidPattern, LONGEST_QUOTE } from './re2-dialect.js';
import { type ValueColumn, VALUES_OF_BLOCK } from './value-column.js';

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
  readonly pattern: Pattern;
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
 * (docs/api.md, section 4: syntax as in https://github.com/google/re2/wiki/Syntax). A pattern whose program RE2 finds
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
    entry = { pattern: new Pattern(value), programBytes, testedBytes: 0, charge: programBytes };
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

/** With fewer values than this to test in a block, testing each is cheaper than searching the block as lines. */
const WORTH_A_SEARCH = 8;

/** With fewer values than this in the column, testing them is cheaper than compiling a pattern for lines. */
const WORTH_COMPILING = 1_024;

/** A pattern, compiled by RE2, ready to search values for (docs/api.md, section 4: unanchored, case-sensitive). */
export class Pattern {
  /** Whether testing one value may take milliseconds. */
  readonly isLarge: boolean;
  readonly #value: string;
  readonly #regexp: RE2;
  /** The same for lines; `undefined` until it is asked for, `null` where lines cannot be asked. */
  #lines: LinesPattern | null | undefined;

  /** @throws InvalidPattern */
  constructor(value: string) {
    this.#value = value;
    this.isLarge = isLarge(value);
    this.#regexp = compile(value, 'u');
    // One call for all lines of a block that a large pattern is tested on could take seconds.
    if (this.isLarge) this.#lines = null;
  }

  /**
   * Searches values of one block.
   *
   * @param values a word of bits: bit i stands for value `block * VALUES_OF_BLOCK + i`
   * @returns the bits of those that match
   */
  matchesOfBlock(column: ValueColumn, block: number, values: number): number {
    if (column.count >= WORTH_COMPILING && column.oneLineEach && countBitsOfWord(values) >= WORTH_A_SEARCH) {
      if (this.#lines === undefined) this.#lines = LinesPattern.of(this.#value);
      const matching = this.#lines?.matchesAlike(column.linesOfBlock(block));
      if (matching !== undefined) return matching ? values : 0;
    }
    const first = block * VALUES_OF_BLOCK;
    let matching = 0;
    for (let left = values; left !== 0; left &= left - 1) {
      if (this.#regexp.test(bytesToTest(column, first + lowestBitOfWord(left)))) matching |= left & -left;
    }
    return matching;
  }
}

/** Values up to this many bytes are tested in a buffer that is there already: making a view of one costs three tests. */
const LONGEST_COPIED = 512;

/** By length, as RE2 is given a whole buffer. */
const copies: readonly Buffer[] = Array.from({ length: LONGEST_COPIED + 1 }, (_, length) => Buffer.alloc(length));

/** The bytes of a value, to be tested before the next value is asked for. */
function bytesToTest(column: ValueColumn, value: number): Buffer {
  const start = column.starts[value] ?? 0;
  const length = (column.starts[value + 1] ?? 0) - 1 - start;
  const copy = copies[length];
  if (copy === undefined) return column.bytesOf(value);
  for (let at = 0; at < length; at++) copy[at] = column.bytes[start + at] ?? 0;
  return copy;
}

/**
 * A pattern that searches neighbouring values at once, each a line: a call of the binding costs as much as the search of a
 * value does, and neighbours often match alike. Where `^` and `$` hold at line breaks, a value and its line match alike, as
 * long as the pattern cannot match a line break or tell a text from a line: to `\b` and `\B` a line break is what the end
 * of the text is.
 */
class LinesPattern {
  /** @returns null where lines cannot be asked */
  static of(value: string): LinesPattern | null {
    if (!STAYS_IN_LINE.test(value)) return null;
    try {
      return new LinesPattern(compile(value, 'um'), compile(`\\A(?:[^\\n]*(?:${value})[^\\n]*\\n)*\\z`, 'um'));
    } catch (error) {
      // Too large for RE2 in this form.
      if (error instanceof InvalidPattern) return null;
      throw error;
    }
  }

  private constructor(
    private readonly inAnyLine: RE2,
    private readonly inEachLine: RE2,
  ) {}

  /** Whether all lines match, or none; `undefined` where some do. */
  matchesAlike(lines: Buffer): boolean | undefined {
    if (!this.inAnyLine.test(lines)) return false;
    return this.inEachLine.test(lines) ? true : undefined;
  }
}

/** Made only of what cannot match a line break: plain characters, `.` without `(?s)`, classes and ranges of `,` and later. */
const STAYS_IN_LINE =
  /^(?:[-\w :/@=,;!"#%&'<>~`.*+?)|^$]|\((?!\?)|\(\?(?:i?:|i\)|P?<\w+>)|\{\d+(?:,\d*)?\}|\[[-\w.:/@=,]+\]|\\[dwbB]|\\[-.:/@=,+*?(){}[\]^$|_])+$/;
