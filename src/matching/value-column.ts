import type { Turn } from './turn.js';

/** How many neighbouring values make a block: as many as a word of a bitmap has bits. */
export const VALUES_OF_BLOCK = 32;

/** How many values share one stretch of memory. Encoding one takes well under a millisecond. */
const VALUES_OF_SEGMENT = 4_096;

/**
 * The distinct values of one property, numbered from 0: as text, and as the UTF-8 bytes that RE2 tests, which are made
 * when they are first asked for. Neighbours lie next to each other in memory, which is most of what makes testing
 * 100,000 of them fast.
 */
export class ValueColumn {
  readonly texts: readonly string[];
  /** The length of all values as UTF-8 together. */
  readonly byteLength: number;
  #bytes: (Buffer | undefined)[] | undefined;
  readonly #segments: readonly Segment[];

  private constructor(segments: readonly Segment[]) {
    this.#segments = segments;
    this.texts = segments.flatMap((segment) => segment.texts);
    this.byteLength = segments.reduce((length, segment) => length + segment.byteLength, 0);
  }

  static of(texts: readonly string[]): ValueColumn {
    return new ValueColumn(Array.from(segmentsOf(texts)));
  }

  /** {@link of}, yielding when the turn is over. */
  static *ofInTurns(texts: readonly string[], turn: Turn): Generator<void, ValueColumn> {
    const segments: Segment[] = [];
    for (const segment of segmentsOf(texts)) {
      segments.push(segment);
      if (turn.isOver(VALUES_OF_SEGMENT)) yield* turn.pass();
    }
    return new ValueColumn(segments);
  }

  /** The UTF-8 bytes of a value; always the same Buffer. Not to be changed. */
  bytesOf(value: number): Buffer {
    // At full length from the start: an array that grows with gaps becomes a hash table.
    this.#bytes ??= new Array<Buffer | undefined>(this.texts.length);
    let bytes = this.#bytes[value];
    if (bytes === undefined) {
      bytes = this.#segmentOf(value)?.bytes(value % VALUES_OF_SEGMENT) ?? Buffer.alloc(0);
      this.#bytes[value] = bytes;
    }
    return bytes;
  }

  /**
   * The values of block `block`, numbered from `block * VALUES_OF_BLOCK`, each as one line with its
   * line break, in one stretch of bytes;
   * `undefined` where one of them or of their neighbours holds a line break itself.
   */
  linesOfBlock(block: number): Buffer | undefined {
    const first = block * VALUES_OF_BLOCK;
    const segment = this.#segmentOf(first);
    return segment?.oneLineEach === true ? segment.lines(first % VALUES_OF_SEGMENT, VALUES_OF_BLOCK) : undefined;
  }

  #segmentOf(value: number): Segment | undefined {
    return this.#segments[Math.floor(value / VALUES_OF_SEGMENT)];
  }
}

function* segmentsOf(texts: readonly string[]): Generator<Segment, void> {
  for (let first = 0; first < texts.length; first += VALUES_OF_SEGMENT) {
    yield new Segment(texts.slice(first, first + VALUES_OF_SEGMENT));
  }
}

/** Neighbouring values. */
class Segment {
  readonly texts: readonly string[];
  readonly byteLength: number;
  /** Whether none of the values holds a line break. */
  readonly oneLineEach: boolean;
  readonly #lines: string;
  #encoded: { readonly bytes: Buffer; readonly starts: Uint32Array } | undefined;

  constructor(texts: readonly string[]) {
    this.#lines = `${texts.join('\n')}\n`;
    // Not the strings that came, which may be anywhere in memory, but views of the one above.
    const lines = this.#lines.split('\n').slice(0, -1);
    this.oneLineEach = lines.length === texts.length;
    this.texts = this.oneLineEach ? lines : texts;
    this.byteLength = Buffer.byteLength(this.#lines) - texts.length;
  }

  /** The bytes of `count` values from the `first`, or of as many as there are, with a line break after each. */
  lines(first: number, count: number): Buffer {
    const { bytes, starts } = (this.#encoded ??= this.#encode());
    return bytes.subarray(starts[first], starts[Math.min(first + count, this.texts.length)]);
  }

  /** The bytes of one value. */
  bytes(value: number): Buffer {
    const { bytes, starts } = (this.#encoded ??= this.#encode());
    return bytes.subarray(starts[value], (starts[value + 1] ?? 0) - 1);
  }

  #encode(): { bytes: Buffer; starts: Uint32Array } {
    const bytes = Buffer.from(this.#lines);
    const isAscii = bytes.length === this.#lines.length;
    const starts = new Uint32Array(this.texts.length + 1);
    let start = 0;
    this.texts.forEach((text, index) => {
      start += (isAscii ? text.length : Buffer.byteLength(text)) + 1;
      starts[index + 1] = start;
    });
    return { bytes, starts };
  }
}
