import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { CLIENT_SETTINGS } from '../cli/service-api.js';
import { SETTINGS } from './settings-table.js';
import type { Setting } from './variables.js';

const PAGE = new URL('../../docs/settings.md', import.meta.url);
const HEADER = ['Variable', 'Default', 'Unit', 'Accepted', 'Meaning'];
const TABLES: readonly Readonly<Record<string, Setting>>[] = [SETTINGS, CLIENT_SETTINGS];

/** What the number of a setting counts, which its name says; '' for everything that is no quantity. */
function unitOf(name: string): string {
  if (name.endsWith('_MS')) return 'ms';
  if (name.endsWith('_BYTES')) return 'bytes';
  return name.endsWith('_SIZE') ? 'connections' : '';
}

/** The rows that the page must have: of each setting and, after a secret one, of its `_FILE` sibling. */
function rowsOf(table: Readonly<Record<string, Setting>>): string[][] {
  return Object.entries(table).flatMap(([name, { default: byDefault, absent = '', accepted, meaning, secret }]) => {
    const fallback = byDefault === undefined ? absent : `\`${byDefault}\``;
    const row = [`\`${name}\``, fallback, unitOf(name), accepted, meaning];
    const instead = `Instead of \`${name}\`: a file with its value, for mounted secrets.`;
    const file = [`\`${name}_FILE\``, '', '', `a file that holds ${accepted}`, instead];
    return secret === true ? [row, file] : [row];
  });
}

/** The cells of a Markdown table row; undefined for any other line. The formatter's padding does not count. */
function cells(line: string): string[] | undefined {
  if (!/^\|.*\|\s*$/.test(line)) return undefined;
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

/** The rows below each header of a Markdown text that is exactly the settings table's. */
function settingsTables(markdown: string): string[][][] {
  const lines = markdown.split('\n').map(cells);
  return lines.flatMap((line, index) => {
    if (line?.join() !== HEADER.join()) return [];
    const rest = lines.slice(index + 2);
    return [rest.slice(0, rest.indexOf(undefined)).map((row = []) => row)];
  });
}

describe('the tables of settings', () => {
  it.each(TABLES.flatMap((table) => Object.entries(table)))(
    '%s has a usable default or says what its absence means',
    (...entry) => {
      const [, setting] = entry;
      if (setting.default === undefined) expect(setting.absent).toMatch(/\S/);
      else expect(v.is(setting.schema, setting.default)).toBe(true);
    },
  );

  it('are in docs/settings.md, with exactly these rows', () => {
    expect(settingsTables(readFileSync(PAGE, 'utf8'))).toEqual(TABLES.map(rowsOf));
  });
});
