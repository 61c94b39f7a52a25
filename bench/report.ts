import type { Floor, Measurement } from './scenario.js';

const HEADINGS = ['', 'work', 'ours', 'beside it', 'ratio', 'floor', '', 'details'] as const;

/** The measurements as one Markdown table. */
export function table(measurements: readonly Measurement[]): string {
  const rows = [HEADINGS, ...measurements.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function cells({ scenario, what, unit, ours, peer, ratio, floor, holds, details }: Measurement): string[] {
  return [
    scenario,
    what,
    Number.isNaN(ours) ? '–' : `${figure(ours)} ${unit}`,
    peer === undefined ? '–' : figure(peer),
    ratio === undefined ? '–' : figure(ratio),
    floor === undefined ? '–' : floorText(floor),
    floor === undefined ? '' : holds ? 'holds' : 'MISSED',
    details,
  ];
}

function floorText(floor: Floor): string {
  return 'atMost' in floor ? `≤ ${figure(floor.atMost)}` : `≥ ${figure(floor.atLeast)}`;
}

/** Three digits that count, and no more behind the point than that. */
function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(4, digits));
}
