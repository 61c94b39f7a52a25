import { finish, TimeSlice } from './time-slice.js';

/** How many neighbouring values make a block: as many as a word of a bitmap has bits. */
export const VALUES_OF_BLOCK = 32;

/** How many values are encoded at once: well under a millisecond's work. */
const VALUES_OF_SEGMENT = 4_096;

/**
 * The distinct values of one property, numbered from 0, as the UTF-8 bytes that RE2 tests: all in one stretch of memory,
 * which is most of what makes testing 100,000 of them fast.
 */
export class ValueColumn {
  /** How many values there are. */
  readonly count: number;
  /** The length of all values as UTF-8 together. */
  readonly byteLength: number;

  /**
   * @param bytes every value with a line break behind it; not to be changed any more
   * @param starts value → where it begins in `bytes`; one entry more than there are values
   * @param oneLineEach whether no value is empty or holds a line break itself, so that each is one line
   */
  constructor(
    readonly bytes: Buffer,
    readonly starts: Uint32Array<ArrayBuffer>,
    readonly oneLineEach: boolean,
  ) {
    this.count = starts.length - 1;
    this.byteLength = bytes.length - this.count;
  }

  static of(texts: readonly string[]): ValueColumn {
    return finish(ValueColumn.ofInSlices(texts, new TimeSlice()));
  }

  /** {@link of}, yielding when the slice is over. */
  static *ofInSlices(texts: readonly string[], slice: TimeSlice): Generator<void, ValueColumn> {
    const starts = new Uint32Array(texts.length + 1);
    const pieces: Buffer[] = [];
    let oneLineEach = true;
    let start = 0;
    for (let first = 0; first < texts.length; first += VALUES_OF_SEGMENT) {
      const segment = texts.slice(first, first + VALUES_OF_SEGMENT);
      const lines = `${segment.join('\n')}\n`;
      const bytes = Buffer.from(lines);
      const isAscii = bytes.length === lines.length;
      for (const [index, text] of segment.entries()) {
        start += (isAscii ? text.length : Buffer.byteLength(text)) + 1;
        starts[first + index + 1] = start;
        oneLineEach &&= text !== '' && !text.includes('\n');
      }
      pieces.push(bytes);
      if (slice.isOver) yield* slice.next();
    }
    return new ValueColumn(Buffer.concat(pieces), starts, oneLineEach);
  }

  /** All values as text. */
  get texts(): readonly string[] {
    return Array.from({ length: this.count }, (_, value) => this.textOf(value));
  }

  /** A value as text. */
  textOf(value: number): string {
    return this.bytes.toString('utf8', this.starts[value], (this.starts[value + 1] ?? 0) - 1);
  }

  /** The UTF-8 bytes of a value: a view, not to be changed. */
  bytesOf(value: number): Buffer {
    return this.bytes.subarray(this.starts[value], (this.starts[value + 1] ?? 0) - 1);
  }

  /** The values of block `block`, numbered from `block * VALUES_OF_BLOCK`, each with its line break: a view. */
  linesOfBlock(block: number): Buffer {
    const first = block * VALUES_OF_BLOCK;
    return this.bytes.subarray(this.starts[first], this.starts[Math.min(first + VALUES_OF_BLOCK, this.count)]);
  }
}
