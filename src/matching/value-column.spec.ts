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
        ...column
          .linesOfBlock(block)
          .toString()
          .split(/(?<=\n)/),
      );
    }
    expect(lines).toEqual(texts.map((text) => `${text}\n`));
  });

  it.each([
    [['a', 'b', 'c'], true],
    [['a', 'b\n', 'c'], false],
    [['a', '', 'c'], false],
  ])('knows whether each of %j is a line', (values, oneLineEach) => {
    expect(ValueColumn.of(values).oneLineEach).toBe(oneLineEach);
  });

  it.each([[[]], [['a', 'b\n', '']], [texts]])('is made of its fields again', (values) => {
    const { bytes, starts, oneLineEach } = ValueColumn.of(values);
    const column = new ValueColumn(bytes, starts, oneLineEach);
    expect(column.texts).toEqual(values);
    expect(column.byteLength).toBe(Buffer.byteLength(values.join('')));
    expect(column.linesOfBlock(0)).toEqual(ValueColumn.of(values).linesOfBlock(0));
  });
});
