/** A request body that is sent to do harm. */
export interface HostileBody {
  readonly kind: string;
  readonly bytes: Buffer;
}

const MIB = 1024 ** 2;
const KEYS = 10_000;
const POLLUTION = '{"polluted":"yes","toString":"no","constructor":{"prototype":{"polluted":"yes"}}}';

/** What strings are exchanged for, as JSON text: what Postgres cannot store, and what UTF-8 cannot say. */
const NUL = ['a NUL', String.raw`"a\u0000b"`] as const;
const SURROGATES = [
  ['a lone high surrogate', String.raw`"a\ud800b"`],
  ['a lone low surrogate', String.raw`"\udc00"`],
  ['surrogates the wrong way round', String.raw`"\udc00\ud800"`],
] as const;

/** Bytes in a string that are no UTF-8. */
const NOT_UTF8 = [
  ['a byte that UTF-8 does not have', [0xff]],
  ['an overlong NUL', [0xc0, 0x80]],
  ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
  ['half a character', [0xf0, 0x9f]],
] as const;

/**
 * Bodies made of one that is accepted as it stands: of one mebibyte and deep, with ten thousand keys, with keys that
 * pollute prototypes, in bytes that are no UTF-8, and with each of its strings exchanged for one that cannot be stored.
 */
export function* hostileBodies(accepted: object): Generator<HostileBody> {
  const text = JSON.stringify(accepted);
  const members = text.slice(1);
  const of = (kind: string, body: string): HostileBody => ({ kind, bytes: Buffer.from(body) });
  yield of('nested arrays', `${'['.repeat(MIB / 2)}${']'.repeat(MIB / 2)}`);
  yield of('arrays that do not end', '['.repeat(MIB));
  const depth = Math.floor((MIB - 1) / 6);
  yield of('nested objects', `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
  for (const [key, value] of Object.entries(accepted)) {
    // Elsewhere the first bracket is what is refused.
    if (typeof value !== 'object') continue;
    const half = Math.floor((MIB - text.length - 100) / 2);
    yield of(`nested arrays as ${key}`, `{${JSON.stringify(key)}:${'['.repeat(half)}${']'.repeat(half)}}`);
  }
  const keys = Array.from({ length: KEYS }, (_, index) => `"key ${index}":${index}`);
  yield of(`${KEYS} keys`, `{${keys.join(',')},${members}`);
  yield of(`one key ${KEYS} times`, `{${Array<string>(KEYS).fill('"name":"x"').join(',')},${members}`);
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    yield of(`the key ${key}`, `{"${key}":${POLLUTION},${members}`);
    yield of(`the key ${key} in metadata`, `${text.slice(0, -1)},"metadata":{"${key}":${POLLUTION}}}`);
  }
  yield of('an infinite number', `{"version":1e999999,${members}`);
  yield of('a long number', `{"version":${'9'.repeat(100_000)},${members}`);
  yield of('a byte order mark', `\ufeff${text}`);
  for (const [index, [path, value]] of stringsOf(accepted).entries()) {
    const field = path.join('.');
    for (const [kind, exchanged] of [NUL, ...oneOf(SURROGATES, index)]) {
      yield of(`${kind} as ${field}`, JSON.stringify(exchange(accepted, path, MARK)).replace(MARKED, exchanged));
    }
    const [before = '', after = ''] = JSON.stringify(exchange(accepted, path, `${value}${MARK}`)).split(MARK);
    for (const [kind, bytes] of oneOf(NOT_UTF8, index)) {
      const parts = [Buffer.from(before), Buffer.from(bytes), Buffer.from(after)];
      yield { kind: `${kind} in ${field}`, bytes: Buffer.concat(parts) };
    }
  }
}

/** One of the kinds, the next one for each field. */
function oneOf<T>(kinds: readonly T[], index: number): T[] {
  return kinds.slice(index % kinds.length, (index % kinds.length) + 1);
}

/** A text that no example holds, and as it is written in JSON. */
const MARK = '<hostile>';
const MARKED = JSON.stringify(MARK);

type Path = readonly (string | number)[];

/** Every string in a value, however deep, by its path. */
function stringsOf(value: unknown, path: Path = []): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, member]) => stringsOf(member, [...path, key]));
}

/** The value with another one at the path. */
function exchange(value: unknown, path: Path, other: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = exchange(copy[key], rest, other);
  return copy;
}
