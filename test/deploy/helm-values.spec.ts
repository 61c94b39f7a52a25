import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
import { CHANGED, EVERYTHING, SECRET, toggled, TOGGLES } from '../support/chart-values.js';
import { helm } from '../support/helm.js';
import {
  CHART,
  documentedValues,
  generatedChartFiles,
  type Manifest,
  rendered,
  type Values,
  valuesOf,
  withValues,
} from '../support/helm-chart.js';
import { KINDS, kindOf, requireValid, unknownFields } from '../support/kubernetes-schemas.js';

const CASES: readonly (readonly [string, Values])[] = [
  ['the least values', SECRET],
  ['values-small.yaml', valuesOf('values-small.yaml')],
  ['values-three-replicas.yaml', valuesOf('values-three-replicas.yaml')],
  ['everything', EVERYTHING],
];

/** `helm lint`: what it says, where it fails. */
async function lint(values: Values): Promise<string> {
  const { stdout } = await withValues(values, (file) => helm('lint', CHART, '--strict', '--values', file));
  return stdout;
}

describe('the Helm chart', () => {
  it.each(CASES)('with %s passes the lint of Helm and the schemas of Kubernetes', async (_name, values) => {
    expect(await lint(values)).toContain('0 chart(s) failed');
    const manifests = await rendered(values);
    manifests.forEach(requireValid);
    expect(unknownFields(manifests)).toEqual([]);
    const names = manifests.map((manifest) => `${kindOf(manifest)}/${manifest.metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('renders every kind when everything is on', async () => {
    expect(new Set((await rendered(EVERYTHING)).map(kindOf))).toEqual(new Set(Object.keys(KINDS)));
  });

  it('notices a field that Kubernetes does not know', async () => {
    const service = (await rendered(SECRET)).find(({ kind }) => kind === 'Service');
    if (service === undefined) throw new Error('There is no Service.');
    expect(unknownFields([{ ...service, spec: { port: [] } }])).toHaveLength(1);
  });

  it('has a documented value for each that these tests change, and the other way round', () => {
    const leaves = documentedValues().filter(({ default: value, path }) => value !== '' || path.startsWith('probes'));
    const withDefaults = [...TOGGLED_MAPS].filter((path) => documentedValues().some((value) => value.path === path));
    expect(new Set(Object.keys(TOGGLES))).toEqual(new Set([...leaves.map(({ path }) => path), ...withDefaults]));
  });

  describe('with another', () => {
    const bases = new Map<string, Promise<Manifest[]>>();
    const seen = new Map<string, Manifest>();

    it.each(Object.keys(TOGGLES))('%s renders something else, and valid', async (path) => {
      const { base, values } = toggled(path);
      const key = JSON.stringify(base);
      const before = bases.get(key) ?? rendered(base);
      bases.set(key, before);
      const manifests = await rendered(values);
      manifests.forEach(requireValid);
      expect(manifests).not.toEqual(await before);
      for (const manifest of manifests) seen.set(JSON.stringify(manifest), manifest);
    });

    // Of all of them at once: the compiler takes its time to begin with.
    it('value renders no field that Kubernetes does not know', () => {
      expect(unknownFields([...seen.values()])).toEqual([]);
    });
  });
});

/** Maps with a comment of their own whose members are documented too, and which are changed as a whole besides. */
const TOGGLED_MAPS = new Set(['probes']);

describe('as a part of another chart', () => {
  let parent: string;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'execution-hooks-parent-'));
    const dependency = { name: 'execution-hooks', version: '*.*.*', condition: 'execution-hooks.enabled' };
    const chart = { apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies: [dependency] };
    await writeFile(join(parent, 'Chart.yaml'), JSON.stringify(chart));
    await mkdir(join(parent, 'charts'));
    await symlink(CHART.replace(/\/$/, ''), join(parent, 'charts/execution-hooks'));
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it.each([...CASES, ['every value changed', CHANGED] as const])('renders the same with %s', async (_name, values) => {
    const below = await rendered({ global: { a: 'b' }, 'execution-hooks': { enabled: true, ...values } }, parent);
    expect(below).toEqual(await rendered(values));
  });

  it('renders nothing where the condition is not met', async () => {
    expect(await rendered({ 'execution-hooks': { enabled: false } }, parent)).toEqual([]);
  });
});

describe('values that are wrong', () => {
  it('say of the defaults what is missing, and pass the lint', async () => {
    const { stdout, stderr } = await helm('lint', CHART);
    expect(stdout).toContain('0 chart(s) failed');
    expect(stdout + stderr).toContain('database.existingSecret is required: the name of a Secret whose key');
    await expect(rendered({})).rejects.toThrow('database.existingSecret is required: the name of a Secret whose key');
  });

  it.each([
    ['a value that does not exist', { replicas: 3 }, 'replicas'],
    ['a misspelt setting', { settings: { LOG_LEVL: 'warn' } }, 'LOG_LEVL'],
    ['a setting that the chart sets', { settings: { PORT: '1' } }, 'PORT'],
    ['a grace that the service does not accept', { shutdownTimeoutMs: 600_001 }, 'shutdownTimeoutMs'],
    ['metrics on the port of the API', { metrics: { port: 8080 } }, 'metrics/port'],
    [
      'more replicas at least than at most',
      { autoscaling: { enabled: true, minReplicas: 7 } },
      'minReplicas (7) is above',
    ],
    ['a pod label that the chart sets', { podLabels: { 'app.kubernetes.io/name': 'a' } }, 'podLabels'],
    ['a common label that the chart sets', { commonLabels: { 'app.kubernetes.io/instance': 'a' } }, 'commonLabels'],
    ['a label that Kubernetes refuses', { podLabels: { a: 'b c' } }, 'podLabels/a'],
    ['a backup that goes nowhere', { backup: { enabled: true } }, 'backup.volume is required'],
    ['a route without a gateway', { httpRoute: { enabled: true } }, 'httpRoute.parentRefs is required'],
    [
      'two sources of authorities',
      { trustedCA: { existingSecret: 'a', existingConfigMap: 'b' } },
      'exclude each other',
    ],
    ['a selector of the Service', { service: { extraSpec: { selector: {} } } }, 'extraSpec'],
  ])('are refused: %s', async (_name, values, reason) => {
    await expect(rendered({ ...SECRET, ...values })).rejects.toThrow(reason);
  });
});

describe('what is generated of the chart', () => {
  it('is what values.yaml and the settings say: npm run chart:write makes it so', async () => {
    for (const [name, text] of Object.entries(await generatedChartFiles())) {
      const path = join(CHART, name);
      const formatted = await format(text, { ...(await resolveConfig(path)), filepath: path });
      expect({ name, text: await readFile(path, 'utf8') }).toEqual({ name, text: formatted });
    }
  });

  it('says something about every value', () => {
    const documented = documentedValues().map(({ path }) => path);
    const unexplained = paths(valuesOf('values.yaml')).filter(
      (path) => !documented.some((each) => path === each || path.startsWith(`${each}.`)),
    );
    expect(unexplained).toEqual([]);
  });
});

/** The paths of everything that is no map. */
function paths(values: Values, prefix = ''): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return isMap ? paths(value as Values, `${prefix}${name}.`) : [`${prefix}${name}`];
  });
}
