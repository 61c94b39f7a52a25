import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidJsonPayload } from '../../problems/catalogue.js';
import { type ListEntry, ListParser, ValueLimitExceeded, type ValueLimits } from './list-parser.js';

const LIMITS: ValueLimits = { bytes: 1024, nesting: 8 };

function parse(chunks: readonly (string | Buffer)[], limits: ValueLimits = LIMITS): ListEntry[] {
  const parser = new ListParser(limits);
  return [...chunks.flatMap((chunk) => [...parser.write(Buffer.from(chunk))]), ...parser.end()];
}

/** What the parser ought to give for a text that `JSON.parse` accepts and in which no name of the list is repeated. */
function expectedEntries(text: string): ListEntry[] {
  const body = JSON.parse(text) as unknown;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [{ type: 'body', value: body }];
  return Object.entries(body).flatMap(([name, value]): ListEntry[] =>
    name === 'items' && Array.isArray(value)
      ? [{ type: 'items' }, ...value.map((item: unknown, index) => ({ type: 'item' as const, index, value: item }))]
      : [{ type: 'member', name, value: value as unknown }],
  );
}

/** Cuts bytes at the given places, each a fraction of the length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const positions = [0, ...places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b), bytes.length];
  return positions.slice(1).map((end, index) => bytes.subarray(positions[index], end));
}

const LIST =
  ' {"kind" : "List",\n"metadata":{"a":[1,{"b":"}]\\"\\\\"}]}, "items":[ {"n":-1.5e3,"s":"ä\\u00e4😀"} ,[],"x,]",12,true,null ]\t,"n":0,"empty":{},"":""}\r\n';

describe('the list parser', () => {
  it('gives the items and the other members in their order', () => {
    expect(parse([LIST])).toEqual([
      { type: 'member', name: 'kind', value: 'List' },
      { type: 'member', name: 'metadata', value: { a: [1, { b: '}]"\\' }] } },
      { type: 'items' },
      { type: 'item', index: 0, value: { n: -1500, s: 'ää😀' } },
      { type: 'item', index: 1, value: [] },
      { type: 'item', index: 2, value: 'x,]' },
      { type: 'item', index: 3, value: 12 },
      { type: 'item', index: 4, value: true },
      { type: 'item', index: 5, value: null },
      { type: 'member', name: 'n', value: 0 },
      { type: 'member', name: 'empty', value: {} },
      { type: 'member', name: '', value: '' },
    ]);
  });

  it('gives an item as soon as its last byte is there', () => {
    const parser = new ListParser(LIMITS);
    expect([...parser.write(Buffer.from('{"items":[{"a":1'))]).toEqual([{ type: 'items' }]);
    expect([...parser.write(Buffer.from('}'))]).toEqual([{ type: 'item', index: 0, value: { a: 1 } }]);
  });

  it('gives the same wherever one cut or every byte parts the chunks', () => {
    const bytes = Buffer.from(LIST);
    const expected = parse([bytes]);
    for (let place = 0; place <= bytes.length; place++) {
      expect(parse([bytes.subarray(0, place), bytes.subarray(place)])).toEqual(expected);
    }
    expect(parse([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected);
  });

  const json = fc.json({ maxDepth: 4 });
  const list = fc.record(
    {
      kind: fc.string({ unit: 'binary' }),
      items: fc.array(fc.jsonValue({ maxDepth: 3 })),
      metadata: fc.jsonValue({ maxDepth: 2 }),
    },
    { requiredKeys: ['items'] },
  );
  const indent = fc.constantFrom(undefined, 1, '\t', '\r\n ');
  const text = fc.oneof(
    json,
    fc.tuple(list, indent).map(([value, space]) => JSON.stringify(value, undefined, space)),
  );

  it('gives what JSON.parse gives, in any chunks', () => {
    fc.assert(
      fc.property(text, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (any, places) => {
        expect(parse(cut(Buffer.from(any), places), { bytes: 1e6, nesting: 100 })).toEqual(expectedEntries(any));
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const damage = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(2),
      insert: fc.oneof(
        fc.constant(''),
        fc.string({
          unit: fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '0', 'e', ' ', '\n', '\0', 't'),
          maxLength: 2,
        }),
      ),
    });
    const refusals = { refused: 0, accepted: 0 };
    fc.assert(
      fc.property(text, damage, fc.double({ min: 0, max: 1, noNaN: true }), (any, { at, remove, insert }, place) => {
        const position = Math.floor(at * any.length);
        const damaged = any.slice(0, position) + insert + any.slice(position + remove);
        const parts = cut(Buffer.from(damaged), [place]);
        // Damage can cut a surrogate pair in two: what the bytes say is what counts.
        const sent = Buffer.concat(parts).toString();
        let isJson = true;
        try {
          JSON.parse(sent);
        } catch {
          isJson = false;
        }
        refusals[isJson ? 'accepted' : 'refused'] += 1;
        if (isJson) parse(parts, { bytes: 1e6, nesting: 100 });
        else expect(() => parse(parts, { bytes: 1e6, nesting: 100 })).toThrow(InvalidJsonPayload);
      }),
      { numRuns: 500 },
    );
    expect(refusals.refused).toBeGreaterThan(25);
    expect(refusals.accepted).toBeGreaterThan(25);
  });

  it.each([
    [''],
    [' \n'],
    ['{'],
    ['{"a"'],
    ['{"a":'],
    ['{"a":1'],
    ['{"a":1,'],
    ['{"a":1,}'],
    ['{,}'],
    ['{a:1}'],
    ['{"a" 1}'],
    ['{"a"::1}'],
    ['{"a":1 "b":2}'],
    ['{"a":1]'],
    ['{"items":[}'],
    ['{"items":[1,]}'],
    ['{"items":[,1]}'],
    ['{"items":[1 2]}'],
    ['{"items":[1}'],
    ['{"items":[{"a":1]]}'],
    ['{"items":[{"a":01}]}'],
    ['{"items":[{"a":NaN}]}'],
    ["{'items':[]}"],
    ['{"items":[{"a":"\u0001"}]}'],
    ['{"items":["\\x"]}'],
    ['{"items":[tru]}'],
    ['{"items":[]} {}'],
    ['{"items":[]}x'],
    ['{"items":[]}\0'],
    ['\ufeff\ufeff{"items":[]}'],
    [' \ufeff{"items":[]}'],
    ['{"a":\ufeff1}'],
    ['nul'],
    ['[1'],
  ])('refuses %j', (any) => {
    expect(() => parse([any])).toThrow(InvalidJsonPayload);
  });

  it('refuses bytes that are no UTF-8, in items, members and names', () => {
    const invalid = Buffer.of(0xff);
    for (const [before, after] of [
      ['{"items":["', '"]}'],
      ['{"a":"', '"}'],
      ['{"', '":1}'],
      ['{"items":[', ']}'],
      ['{', '}'],
    ] as const) {
      expect(() => parse([before, invalid, after])).toThrow(InvalidJsonPayload);
    }
  });

  it('takes a byte order mark before the list, wherever the chunks part', () => {
    const bytes = Buffer.from(`\ufeff${LIST}`);
    for (let place = 0; place <= 4; place++) {
      expect(parse([bytes.subarray(0, place), bytes.subarray(place)])).toEqual(parse([LIST]));
    }
    expect(() => parse([Buffer.of(0xef, 0xbb), LIST])).toThrow(InvalidJsonPayload);
  });

  it.each([
    ['{"a":1,;', 7, 'expected a name in double quotes'],
    ['{"items":[{"a":tru', 18, 'the list ends before its end: was it cut off?'],
    ['{"items":[{"ä":tru}]}', 16, 'expected a value, found "t"'],
    ['{"items":[{"a":"\\x"}]}', 16, 'is no escape of JSON, found "\\\\"'],
    ['{"items":[1] ]', 13, 'expected "," or "}"'],
    ['{"items":[1]}{}', 13, 'something follows the end of the list'],
    ['{"items":[1', 11, 'the list ends before its end: was it cut off?'],
  ])('says of %j at which byte it stops being a list, and why, wherever the chunks part', (text, byte, reason) => {
    const bytes = Buffer.from(text);
    for (let place = 0; place <= bytes.length; place++) {
      expect(() => parse([bytes.subarray(0, place), bytes.subarray(place)])).toThrow(
        expect.objectContaining({ members: { invalidFields: [{ name: 'body', reason: `byte ${byte}: ${reason}` }] } }),
      );
    }
  });

  it.each([
    ['items[1]', `{"items":[1,"${'x'.repeat(1024)}"]}`, 'must not be longer than 1024 bytes'],
    ['metadata', `{"metadata":{"a":"${'x'.repeat(1024)}"}}`, 'must not be longer than 1024 bytes'],
    ['body', `{"${'x'.repeat(1024)}":1}`, 'must not be longer than 1024 bytes'],
    ['body', `"${'x'.repeat(1024)}"`, 'must not be longer than 1024 bytes'],
    ['body', '1'.repeat(1025), 'must not be longer than 1024 bytes'],
    ['items[0]', `{"items":[${'['.repeat(9)}]}`, 'must not nest deeper than 8 levels'],
    ['items[0]', `{"items":[${'{"a":'.repeat(9)}]}`, 'must not nest deeper than 8 levels'],
    ['metadata', `{"metadata":${'['.repeat(9)}}`, 'must not nest deeper than 8 levels'],
  ])('stops at a value beyond the limits: %s', (name, any, reason) => {
    const byteByByte = [...Buffer.from(any)].map((byte) => Buffer.of(byte));
    for (const chunks of [[any], byteByByte]) {
      expect(() => parse(chunks)).toThrow(new ValueLimitExceeded({ name, reason }));
    }
  });

  it('takes values up to the limits', () => {
    expect(parse([`{"items":["${'x'.repeat(1022)}",${'['.repeat(8)}${']'.repeat(8)}]}`])).toHaveLength(3);
  });

  it('holds no more of a value beyond the limits than the limit, however it is sent', () => {
    const parser = new ListParser({ bytes: 100, nesting: 8 });
    expect([...parser.write(Buffer.from('{"items":["'))]).toHaveLength(1);
    expect([...parser.write(Buffer.alloc(99, 'x'))]).toEqual([]);
    expect(() => [...parser.write(Buffer.from('x'))]).toThrow(ValueLimitExceeded);
  });
});
