import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, parse, parseAllDocuments, parseDocument, type YAMLMap } from 'yaml';
import { SETTINGS } from '../../src/settings/settings-table.js';
import { helm } from './helm.js';

/** The folder of the chart. */
export const CHART = fileURLToPath(new URL('../../deploy/helm/execution-hooks/', import.meta.url));

/** Values of a chart, or a part of them. */
export type Values = Readonly<Record<string, unknown>>;

/** A Kubernetes resource as a chart renders it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [name: string]: unknown };
  readonly [name: string]: unknown;
}

/** A file of values of the chart, without the defaults. */
export function valuesOf(name: string): Values {
  return (parse(readFileSync(join(CHART, name), 'utf8')) ?? {}) as Values;
}

/** Values over others, as Helm merges them: object by object; a list replaces a list. */
export function merged(defaults: Values, values: Values): Values {
  const both = Object.entries(values).map(([name, value]): [string, unknown] => {
    const under = defaults[name];
    return [name, isValues(under) && isValues(value) ? merged(under, value) : value];
  });
  return { ...defaults, ...Object.fromEntries(both) };
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Runs something with a file of values. */
export async function withValues<T>(values: Values, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'execution-hooks-chart-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, JSON.stringify(values));
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What `helm template hooks … --namespace platform` renders, resources of hooks and tests too.
 *
 * @param values over the defaults
 * @param chart the folder of another chart, of which this one is a part
 * @throws Error with what Helm complained of, or where a template renders no YAML
 */
export async function rendered(values: Values, chart = CHART): Promise<Manifest[]> {
  const { stdout } = await withValues(values, (file) =>
    helm('template', 'hooks', chart, '--namespace', 'platform', '--values', file),
  );
  return parseAllDocuments(stdout, { uniqueKeys: true }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

/** The text that Helm prints after an installation. */
export async function notes(values: Values): Promise<string> {
  const { stdout } = await withValues(values, (file) =>
    helm('install', 'hooks', CHART, '--namespace', 'platform', '--values', file, '--dry-run=client', '--hide-secret'),
  );
  const [, text = ''] = stdout.split(/^NOTES:$/m);
  return text.trim();
}

/** One value of the chart: its path, its default as JSON, and what the comment above it says. */
interface DocumentedValue {
  readonly path: string;
  readonly default: string;
  readonly meaning: string;
}

/**
 * Every value of `values.yaml` that has a comment. A map whose comment explains a group has its members explained too,
 * where they have comments of their own.
 */
export function documentedValues(): DocumentedValue[] {
  const { contents } = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  if (!isMap(contents)) throw new Error('values.yaml is no map.');
  return members(contents, '');
}

function members(map: YAMLMap, prefix: string): DocumentedValue[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`A key below ${prefix} is no text.`);
    const path = `${prefix}${String(key.value)}`;
    // The first member's comment belongs to the map in YAML's own reckoning.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const meaning = comment.split('\n\n').at(-1)?.replaceAll(/\s+/g, ' ').trim() ?? '';
    const inner = isMap(value) ? members(value, `${path}.`) : [];
    const own = { path, default: JSON.stringify((value as { toJSON?: () => unknown } | null)?.toJSON?.()), meaning };
    if (inner.length > 0) return meaning === '' ? inner : [{ ...own, default: '' }, ...inner];
    return meaning === '' ? [] : [own];
  });
}

/** Settings that the chart sets itself. */
const OWN_SETTINGS =
  /^(HOST|PORT|DATABASE_URL|DATABASE_URL_FILE|DATA_DIR|DEMO|TLS_.*|SHUTDOWN_.*|METRICS_PORT|OTEL_.*)$/;

/** The names that `settings` of the chart takes, beside those of OpenTelemetry, PostgreSQL and Node. */
function settingNames(): string[] {
  return Object.keys(SETTINGS).filter((name) => !OWN_SETTINGS.test(name));
}

interface Schema {
  readonly properties: {
    readonly settings: { properties: Readonly<Record<string, { readonly type: readonly string[] }>> };
  };
}

const BEGIN = '<!-- The table is made of values.yaml by npm run chart:write. -->';
const END = '<!-- The end of the table. -->';

/** The chart's generated files, not yet formatted: README.md with its table of values, values.schema.json with its settings. */
export async function generatedChartFiles(): Promise<Readonly<Record<string, string>>> {
  const readme = await readFile(join(CHART, 'README.md'), 'utf8');
  const [before, rest = ''] = readme.split(BEGIN);
  const [, after] = rest.split(END);
  if (before === undefined || after === undefined)
    throw new Error('The README.md of the chart has no place for a table.');
  const rows = documentedValues().map(
    (value) =>
      `| \`${value.path}\` | ${value.default === '' ? '' : `\`${value.default}\``} | ${escaped(value.meaning)} |`,
  );
  const table = ['| Value | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
  const schema = JSON.parse(await readFile(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  const accepted = { type: ['string', 'integer', 'boolean'] };
  schema.properties.settings.properties = Object.fromEntries(settingNames().map((name) => [name, accepted]));
  return {
    'README.md': `${before}${BEGIN}\n\n${table}\n\n${END}${after}`,
    'values.schema.json': JSON.stringify(schema, null, 2),
  };
}

function escaped(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('*', String.raw`\*`);
}
