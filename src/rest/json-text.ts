import { InvalidJsonPayload } from '../problems/catalogue.js';

/** Where bytes stop being JSON, from 0, and why. */
export interface JsonFault {
  readonly byte: number;
  readonly reason: string;
}

/** The first bytes of a body: as many as it takes to tell what was sent instead of JSON. */
export const HEAD_BYTES = 1024;

/** Bytes that are no UTF-8 are no JSON. A byte order mark before the body is no part of it (RFC 8259, section 8.1). */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The value of a whole JSON text in UTF-8, with or without a byte order mark (docs/api.md, section 3).
 *
 * @throws InvalidJsonPayload that says at which byte it stops being one, and why
 */
export function parseJsonText(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(bytes));
  } catch (error) {
    const hasMark = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
    const fault = jsonFault(hasMark ? Buffer.concat([BLANKS, bytes.subarray(3)]) : bytes) ?? { byte: 0, reason: '' };
    throw invalidJson(fault, bytes.subarray(0, HEAD_BYTES), error);
  }
  refuseServerAnswer(value);
  return value;
}

/** What some editors put before a text in UTF-8. */
export const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** What stands for a byte order mark, so that the place of what follows stays the same. */
export const BLANKS = Buffer.from('   ');

/**
 * The problem of a body that is no JSON.
 *
 * @param head its first {@link HEAD_BYTES}: what was sent by mistake instead of JSON is told from them
 */
export function invalidJson(fault: JsonFault, head: Buffer, cause?: unknown): InvalidJsonPayload {
  const { byte, reason } = knownMistake(head, fault) ?? fault;
  return new InvalidJsonPayload({ name: 'body', reason: `byte ${byte}: ${reason}` }, { cause });
}

/**
 * Refuses what a Kubernetes API server answers instead of a list, or prints for people to read: JSON, and no resource.
 *
 * @param value a parsed body, or what is known of its members
 * @throws InvalidJsonPayload
 */
export function refuseServerAnswer(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return;
  const { kind, message } = value as { readonly kind: unknown; readonly message?: unknown };
  if (kind === 'Table') {
    throw new InvalidJsonPayload({
      name: 'kind',
      reason: '"Table" is what is printed for people: send the list itself',
    });
  }
  if (kind === 'Status') {
    const said = typeof message === 'string' ? `: ${message.slice(0, MOST_QUOTED).toWellFormed()}` : '';
    throw new InvalidJsonPayload({ name: 'kind', reason: `"Status" is an answer of the Kubernetes API server${said}` });
  }
}

/** UTF-16 code units of what a client sent that are sent back to it. */
const MOST_QUOTED = 200;

const GZIP = Buffer.from([0x1f, 0x8b]);
const YAML = /^\s*(?:---|#|- |(?:apiVersion|kind|items|metadata|type|version|name):\s)/;

/** What is sent by mistake instead of JSON often enough to be told by name. */
function knownMistake(head: Buffer, fault: JsonFault): JsonFault | undefined {
  const [first, second] = head;
  if (head.subarray(0, 2).equals(GZIP)) {
    return { byte: 0, reason: 'gzip: send it to an inventory, with Content-Encoding: gzip' };
  }
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (head.length > 1 && (isUtf16 || first === 0 || second === 0)) {
    return { byte: 0, reason: 'UTF-16 or UTF-32: send UTF-8' };
  }
  const text = head.toString();
  if (YAML.test(text)) return { byte: 0, reason: 'YAML: send JSON, as with `kubectl -o json`' };
  const start = text.search(/[{[]/);
  if (start === -1 || fault.byte >= Buffer.byteLength(text.slice(0, start))) return undefined;
  const before = text.slice(0, start).trim().slice(0, MOST_QUOTED);
  const byte = head.findIndex((each) => !isBlank(each));
  return { byte, reason: `text before the JSON: ${JSON.stringify(before)}` };
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const BLANK = /[ \t\n\r]*/y;
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** All of latin1 but control characters, quotes and backslashes. */
const UNESCAPED = /[ !#-[\]-\xff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Where bytes stop being one JSON value, as `JSON.parse` sees it; undefined where they are one. */
export function jsonFault(bytes: Buffer): JsonFault | undefined {
  const malformed = malformedByte(bytes);
  if (malformed !== undefined) return { byte: malformed, reason: 'is not UTF-8' };
  return new FaultFinder(bytes).find();
}

/** The first byte that is no UTF-8. */
function malformedByte(bytes: Buffer): number | undefined {
  try {
    UTF8.decode(bytes);
    return undefined;
  } catch {
    const decoded = Buffer.from(bytes.toString());
    return bytes.findIndex((byte, index) => byte !== decoded[index]);
  }
}

/** Walks through a JSON text without making anything of it; only for what `JSON.parse` has refused. */
class FaultFinder {
  /** One character a byte, so that their places are the same. */
  private readonly text: string;
  private at = 0;
  private fault: JsonFault | undefined;

  constructor(private readonly bytes: Buffer) {
    this.text = bytes.toString('latin1');
  }

  find(): JsonFault | undefined {
    /** What closes each object and array that is open. */
    const open: string[] = [];
    let isFirst = false;
    for (let expectsValue = true; this.fault === undefined;) {
      this.take(BLANK);
      const next = this.text[this.at] ?? '';
      const closing = open.at(-1) ?? '';
      if (next !== '' && next === closing && (isFirst || !expectsValue)) {
        this.at += 1;
        open.pop();
        expectsValue = isFirst = false;
      } else if (!expectsValue) {
        if (closing === '') return next === '' ? undefined : this.failed('something follows the end of the JSON');
        if (next !== ',') return this.failed(`expected "," or "${closing}"`);
        this.at += 1;
        expectsValue = true;
      } else {
        isFirst = false;
        if (closing === '}') this.takeName();
        const begun = this.text[this.at];
        if (begun === '{' || begun === '[') {
          this.at += 1;
          open.push(begun === '{' ? '}' : ']');
          isFirst = true;
        } else {
          this.takeScalar();
          expectsValue = false;
        }
      }
    }
    return this.fault;
  }

  private takeName(): void {
    if (this.text[this.at] !== '"') this.failed('expected a name in double quotes');
    this.takeString();
    this.take(BLANK);
    if (this.text[this.at] !== ':') this.failed('expected ":" after a name');
    this.at += 1;
    this.take(BLANK);
  }

  private takeScalar(): void {
    if (this.text[this.at] === '"') this.takeString();
    else if (!this.take(SCALAR)) this.failed('expected a value');
  }

  private takeString(): void {
    this.at += 1;
    do this.take(UNESCAPED);
    while (this.take(ESCAPE));
    if (this.text[this.at] === '\\') this.failed('is no escape of JSON');
    else if (this.at < this.text.length && this.text[this.at] !== '"') this.failed('has to be escaped in a string');
    else if (this.at >= this.text.length) this.failed('expected the end of a string');
    this.at += 1;
  }

  private take(token: RegExp): boolean {
    token.lastIndex = this.at;
    const length = token.exec(this.text)?.[0].length ?? 0;
    this.at += length;
    return length > 0;
  }

  /** Keeps the first fault only: what follows it means nothing. */
  private failed(expected: string): JsonFault {
    const codePoint = this.bytes
      .subarray(this.at, this.at + 4)
      .toString()
      .codePointAt(0);
    this.fault ??= {
      byte: Math.min(this.at, this.bytes.length),
      reason:
        codePoint === undefined
          ? `${expected}, found the end: was it cut off?`
          : `${expected}, found ${JSON.stringify(String.fromCodePoint(codePoint))}`,
    };
    return this.fault;
  }
}
