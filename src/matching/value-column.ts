import type { Turn } from './turn.js';

/** How many neighbouring values make a block: as many as a word of a bitmap has bits. */
export const VALUES_OF_BLOCK = 32;

/** How many values are encoded or decoded at once: well under a millisecond's work. */
const VALUES_OF_SEGMENT = 4_096;

/**
 * So many values of a segment are decoded by themselves when their text is asked for: a hook that matches few containers
 * wants few pod names. Then all of them at once, each at a tenth of the cost, and kept.
 */
const FEW_OF_SEGMENT = 200;

/**
 * The distinct values of one property, numbered from 0: as the UTF-8 bytes that RE2 tests, all in one stretch of
 * memory, which is most of what makes testing 100,000 of them fast; as text where somebody asks for it.
 */
export class ValueColumn {
  /** How many values there are. */
  readonly count: number;
  /** The length of all values as UTF-8 together. */
  readonly byteLength: number;
  /** Every value with a line break behind it. */
  readonly bytes: Buffer;
  /** Value → where it begins in `bytes`; one entry more than there are values. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** Whether no value holds a line break itself, so that each is one line. */
  readonly oneLineEach: boolean;
  readonly #segments: (readonly string[] | undefined)[];
  /** Segment → how many of its values have been asked for as text, each by itself. */
  readonly #asked: Uint8Array;

  private constructor(bytes: Buffer, starts: Uint32Array<ArrayBuffer>, oneLineEach: boolean) {
    this.count = starts.length - 1;
    this.bytes = bytes;
    this.starts = starts;
    this.byteLength = bytes.length - this.count;
    this.oneLineEach = oneLineEach;
    const segments = Math.ceil(this.count / VALUES_OF_SEGMENT);
    this.#segments = new Array<undefined>(segments).fill(undefined);
    this.#asked = new Uint8Array(segments);
  }

  /**
   * The column that has these fields.
   *
   * @param bytes not to be changed any more
   */
  static ofBytes(bytes: Buffer, starts: Uint32Array<ArrayBuffer>, oneLineEach: boolean): ValueColumn {
    return new ValueColumn(bytes, starts, oneLineEach);
  }

  static of(texts: readonly string[]): ValueColumn {
    const encoding = new Encoding(texts);
    while (!encoding.isDone) encoding.encodeSegment();
    return ValueColumn.#encoded(encoding);
  }

  /** {@link of}, yielding when the turn is over. */
  static *ofInTurns(texts: readonly string[], turn: Turn): Generator<void, ValueColumn> {
    const encoding = new Encoding(texts);
    while (!encoding.isDone) {
      encoding.encodeSegment();
      if (turn.isOver(VALUES_OF_SEGMENT)) yield* turn.pass();
    }
    return ValueColumn.#encoded(encoding);
  }

  static #encoded({ pieces, starts, oneLineEach }: Encoding): ValueColumn {
    return new ValueColumn(Buffer.concat(pieces), starts, oneLineEach);
  }

  /** All values as text, made anew: for columns of few values. */
  get texts(): readonly string[] {
    return Array.from({ length: this.count }, (_, value) => this.textOf(value));
  }

  /** A value as text. */
  textOf(value: number): string {
    const segment = Math.floor(value / VALUES_OF_SEGMENT);
    let texts = this.#segments[segment];
    if (texts === undefined) {
      const asked = this.#asked[segment] ?? 0;
      if (asked < FEW_OF_SEGMENT) {
        this.#asked[segment] = asked + 1;
        return this.bytes.toString('utf8', this.starts[value], (this.starts[value + 1] ?? 0) - 1);
      }
      texts = this.#decode(segment);
      this.#segments[segment] = texts;
    }
    return texts[value % VALUES_OF_SEGMENT] ?? '';
  }

  /** The UTF-8 bytes of a value: a view, not to be changed. */
  bytesOf(value: number): Buffer {
    return this.bytes.subarray(this.starts[value], (this.starts[value + 1] ?? 0) - 1);
  }

  /**
   * The values of block `block`, numbered from `block * VALUES_OF_BLOCK`, each as one line with its
   * line break, in one stretch of bytes;
   * `undefined` where one of the column holds a line break itself.
   */
  linesOfBlock(block: number): Buffer | undefined {
    if (!this.oneLineEach) return undefined;
    const first = block * VALUES_OF_BLOCK;
    return this.bytes.subarray(this.starts[first], this.starts[Math.min(first + VALUES_OF_BLOCK, this.count)]);
  }

  #decode(segment: number): readonly string[] {
    const first = segment * VALUES_OF_SEGMENT;
    const end = Math.min(first + VALUES_OF_SEGMENT, this.count);
    if (this.oneLineEach) {
      const lines = this.bytes.toString('utf8', this.starts[first], this.starts[end]).split('\n');
      // Behind the last line break.
      lines.pop();
      return lines;
    }
    return Array.from({ length: end - first }, (_, value) => this.bytesOf(first + value).toString());
  }
}

/** The making of a column from texts, a segment at a time. */
class Encoding {
  readonly starts: Uint32Array<ArrayBuffer>;
  readonly pieces: Buffer[] = [];
  oneLineEach = true;
  #done = 0;

  constructor(private readonly texts: readonly string[]) {
    this.starts = new Uint32Array(texts.length + 1);
  }

  get isDone(): boolean {
    return this.#done === this.texts.length;
  }

  encodeSegment(): void {
    const texts = this.texts.slice(this.#done, this.#done + VALUES_OF_SEGMENT);
    const lines = `${texts.join('\n')}\n`;
    const bytes = Buffer.from(lines);
    const isAscii = bytes.length === lines.length;
    let start = this.starts[this.#done] ?? 0;
    for (const text of texts) {
      start += (isAscii ? text.length : Buffer.byteLength(text)) + 1;
      this.starts[++this.#done] = start;
    }
    this.oneLineEach &&= !texts.some((text) => text.includes('\n'));
    this.pieces.push(bytes);
  }
}
