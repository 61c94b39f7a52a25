import { describe, expect, it } from '@jest/globals';
import { ValueColumn, VALUES_OF_BLOCK } from './value-column.js';

describe('ValueColumn', () => {
  const texts = Array.from(
    { length: 9_000 },
    (_, index) => `${['', 'é', '\u{1F600}x', 'plain'][index % 4] ?? ''}${index}`,
  );

  it.each([
    ['of any characters', texts],
    ['of ASCII', texts.map((_, index) => `value ${index}`)],
    ['of line breaks', texts.map((text) => `\n${text}\n`)],
    ['of nothing', ['']],
  ])('gives the bytes of values %s', (_, values) => {
    const column = ValueColumn.of(values);
    expect(values.findIndex((text, value) => column.bytesOf(value).toString() !== text)).toBe(-1);
    expect(column.byteLength).toBe(Buffer.byteLength(values.join('')));
    expect(column.texts).toEqual(values);
    expect(column.textOf(values.length - 1)).toBe(values.at(-1));
  });

  it('gives blocks of values as lines', () => {
    const column = ValueColumn.of(texts);
    const lines: string[] = [];
    for (let block = 0; block * VALUES_OF_BLOCK < texts.length; block++) {
      lines.push(
        ...(column
          .linesOfBlock(block)
          ?.toString()
          .split(/(?<=\n)/) ?? []),
      );
    }
    expect(lines).toEqual(texts.map((text) => `${text}\n`));
  });

  it('gives no lines of values that hold line breaks', () => {
    expect(ValueColumn.of(['a', 'b\n', 'c']).linesOfBlock(0)).toBeUndefined();
  });

  it.each([
    ['of any characters', texts],
    ['of line breaks', texts.map((text) => `\n${text}\n`)],
  ])('gives texts %s, whether few or many are asked for', (_, values) => {
    const column = ValueColumn.of(values);
    const few = Array.from({ length: 90 }, (_value, index) => index * 100);
    expect(few.map((value) => column.textOf(value))).toEqual(few.map((value) => values[value]));
    expect(column.texts).toEqual(values);
    expect(few.map((value) => column.textOf(value))).toEqual(few.map((value) => values[value]));
  });

  it.each([[[]], [['a', 'b\n', '']], [texts]])('is made of its fields again', (values) => {
    const { bytes, starts, oneLineEach } = ValueColumn.of(values);
    const column = ValueColumn.ofBytes(bytes, starts, oneLineEach);
    expect(column.texts).toEqual(values);
    expect(column.byteLength).toBe(Buffer.byteLength(values.join('')));
    expect(column.linesOfBlock(0)).toEqual(ValueColumn.of(values).linesOfBlock(0));
  });
});
