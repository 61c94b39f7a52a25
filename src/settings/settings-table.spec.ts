import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SETTINGS, SETTINGS_TABLE, type Setting, settingsMarkdown, type SettingsTableRow } from './settings-table.js';

const README = new URL('../../README.md', import.meta.url);
const HEADER = ['Variable', 'Default', 'Unit', 'Accepted', 'Meaning'];

/** The cells of a Markdown table row; undefined for any other line. The formatter's padding does not count. */
function cells(line: string): string[] | undefined {
  if (!/^\|.*\|\s*$/.test(line)) return undefined;
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

/** The rows below each table header of a Markdown text that is exactly the settings table's. */
function settingsTables(markdown: string): SettingsTableRow[][] {
  const lines = markdown.split('\n').map(cells);
  return lines.flatMap((line, index) => {
    if (line?.join() !== HEADER.join()) return [];
    const rest = lines.slice(index + 2);
    const end = rest.indexOf(undefined);
    const rows = (end === -1 ? rest : rest.slice(0, end)).map((row = []) => {
      const [variable = '', fallback = '', unit = '', accepted = '', meaning = '', ...more] = row;
      expect(more).toEqual([]);
      return { variable, default: fallback, unit, accepted, meaning };
    });
    return [rows];
  });
}

describe('the table of settings', () => {
  it.each(Object.entries<Setting<unknown>>(SETTINGS))(
    '%s has a usable default or says what its absence means',
    (...entry) => {
      const [, setting] = entry;
      if (setting.default === undefined) expect(setting.absent).toMatch(/\S/);
      else expect(setting.accepts.parse(setting.default)).toBeDefined();
    },
  );

  it('gives every quantity a unit, by its name', () => {
    for (const [name, { unit }] of Object.entries<Setting<unknown>>(SETTINGS)) {
      expect([name, unit === 'ms', unit === 'bytes']).toEqual([name, name.endsWith('_MS'), name.endsWith('_BYTES')]);
    }
  });

  it('has a row for each setting and one for the file of each secret', () => {
    const names = Object.entries<Setting<unknown>>(SETTINGS).flatMap(([name, { secret }]) =>
      secret === true ? [name, `${name}_FILE`] : [name],
    );
    expect(SETTINGS_TABLE.map((row) => row.variable)).toEqual(names.map((name) => `\`${name}\``));
  });

  it('survives Markdown', () => {
    expect(settingsTables(settingsMarkdown())).toEqual([SETTINGS_TABLE]);
  });

  it('is in README.md once, with exactly these rows (see settingsMarkdown)', () => {
    expect(settingsTables(readFileSync(README, 'utf8'))).toEqual([SETTINGS_TABLE]);
  });
});
