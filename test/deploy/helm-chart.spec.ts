import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';
import ts from 'typescript';
import { readSettings } from '../../src/settings/settings.js';
import { CHART, type Manifest, merged, RenderedChart, type Values, valuesOf } from '../support/helm-chart.js';

/** Whoever checks a manifest against Kubernetes' own schema of its kind: names, types, formats, what is required. */
const CHECKS: Readonly<Record<string, (manifest: Manifest) => void>> = {
  'apps/v1 Deployment': (manifest) => {
    new Deployment(manifest).validate();
  },
  'autoscaling/v2 HorizontalPodAutoscaler': (manifest) => {
    new HorizontalPodAutoscaler(manifest).validate();
  },
  'batch/v1 Job': (manifest) => {
    new Job(manifest).validate();
  },
  'networking.k8s.io/v1 Ingress': (manifest) => {
    new Ingress(manifest).validate();
  },
  'networking.k8s.io/v1 NetworkPolicy': (manifest) => {
    new NetworkPolicy(manifest).validate();
  },
  'policy/v1 PodDisruptionBudget': (manifest) => {
    new PodDisruptionBudget(manifest).validate();
  },
  'v1 Service': (manifest) => {
    new Service(manifest).validate();
  },
  'v1 ServiceAccount': (manifest) => {
    new ServiceAccount(manifest).validate();
  },
  // The Prometheus operator's own kind: its definition is in no package.
  'monitoring.coreos.com/v1 ServiceMonitor': ({ spec }) => {
    expect(spec).toEqual({
      selector: { matchLabels: expect.any(Object) as unknown },
      endpoints: [{ port: 'metrics', path: '/metrics', interval: expect.stringMatching(/^\d+s$/) as unknown }],
    });
  },
};

function kindOf({ apiVersion, kind }: Manifest): string {
  return `${apiVersion} ${kind}`;
}

const SECRET = { database: { existingSecret: 'a-secret' } };

/** Values that switch everything on that the chart has. */
const EVERYTHING: Values = {
  ...merged(valuesOf('values-three-replicas.yaml'), {
    tls: { existingSecret: 'certificate' },
    image: { digest: `sha256:${'a'.repeat(64)}` },
  }),
  imagePullSecrets: [{ name: 'registry' }],
  extraEnv: [{ name: 'OIDC_ISSUERS', valueFrom: { secretKeyRef: { name: 'oidc', key: 'issuers' } } }],
  serviceAccount: { annotations: { a: 'b' } },
  service: { annotations: { a: 'b' } },
  podAnnotations: { a: 'b' },
  podLabels: { a: 'b' },
  priorityClassName: 'important',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  networkPolicy: { extraEgress: [{ ports: [{ port: 443, protocol: 'TCP' }] }] },
};

const CASES: readonly (readonly [string, Values])[] = [
  ['the defaults', SECRET],
  ['values-small.yaml', valuesOf('values-small.yaml')],
  ['values-three-replicas.yaml', valuesOf('values-three-replicas.yaml')],
  ['everything', EVERYTHING],
];

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as object;
const acceptsValues = new Ajv({ allErrors: true }).compile(schema);

/** What of a Deployment or Job the tests below look into. */
interface Workload {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds?: number;
        readonly automountServiceAccountToken: boolean;
        readonly securityContext: Values;
        readonly volumes: readonly Values[];
        readonly containers: readonly {
          readonly image: string;
          readonly command?: readonly string[];
          readonly env: readonly { readonly name: string; readonly value?: string }[];
          readonly resources: Values;
          readonly securityContext: Values;
          readonly livenessProbe?: { readonly httpGet: Values };
          readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
          readonly volumeMounts: readonly { readonly mountPath: string }[];
        }[];
      };
    };
  };
}

function workloads(values: Values): Workload[] {
  const manifests = new RenderedChart(values).manifests();
  return manifests.filter(({ kind }) => ['Deployment', 'Job'].includes(kind)) as unknown as Workload[];
}

function deployment(values: Values): Workload {
  return new RenderedChart(values).manifest('Deployment') as unknown as Workload;
}

function job(values: Values): Workload {
  return new RenderedChart(values).manifest('Job') as unknown as Workload;
}

function container(workload: Workload): Workload['spec']['template']['spec']['containers'][number] {
  const [only] = workload.spec.template.spec.containers;
  if (only === undefined) throw new Error('There is no container.');
  return only;
}

function environment(workload: Workload): Record<string, string> {
  return Object.fromEntries(
    container(workload).env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Fields that Kubernetes does not know, which its schemas let pass: what the types of the manifests complain about. */
function unknownFields(manifests: readonly Manifest[]): string[] {
  const typed = manifests.filter(({ apiVersion }) => !apiVersion.startsWith('monitoring.'));
  const text = typed
    .map((manifest, index) => {
      const path = `${manifest.apiVersion}/${manifest.kind}`;
      return `import type { I${manifest.kind} as T${index} } from 'kubernetes-models/${path}';
export const manifest${index}: T${index} = ${JSON.stringify(manifest)};`;
    })
    .join('\n');
  const name = join(CHART, '../../../test/deploy/rendered.ts');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === name || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === name ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : getSourceFile(path, ...rest);
  const program = ts.createProgram([name], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n').trim());
}

describe('the Helm chart', () => {
  it.each(CASES)('with %s renders what Kubernetes accepts', (_name, values) => {
    const manifests = new RenderedChart(values).manifests();
    for (const manifest of manifests) {
      const check = CHECKS[kindOf(manifest)];
      if (check === undefined) throw new Error(`Nobody checks ${kindOf(manifest)}.`);
      check(manifest);
    }
    const names = manifests.map(({ kind, metadata: { name } }) => `${kind}/${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.join()).not.toMatch(/undefined|no value/);
  });

  it('renders every kind when everything is on', () => {
    const kinds = new RenderedChart(EVERYTHING).manifests().map(kindOf);
    expect(new Set(kinds)).toEqual(new Set(Object.keys(CHECKS)));
  });

  it('names no field that Kubernetes does not know', () => {
    expect(unknownFields(CASES.flatMap(([, values]) => new RenderedChart(values).manifests()))).toEqual([]);
    const service = new RenderedChart(SECRET).manifest('Service');
    expect(unknownFields([{ ...service, spec: { port: [] } }])).toHaveLength(1);
  });

  it('demands the Secret with the URL of the database', () => {
    expect(() => new RenderedChart({}).manifests()).toThrow('database.existingSecret is required');
  });

  it.each(CASES)('with %s lets the containers do nothing that they need not', (_name, values) => {
    for (const workload of workloads(values)) {
      const { spec } = workload.spec.template;
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({ requests: { cpu: expect.any(String) as unknown }, limits: {} });
      }
    }
  });

  it.each(CASES)('with %s sets settings that the service accepts', (_name, values) => {
    for (const workload of workloads(values)) {
      const { DATABASE_URL_FILE: file = '', TLS_CERT_FILE, TLS_KEY_FILE, METRICS_PORT, ...env } = environment(workload);
      const mounts = container(workload).volumeMounts.map(({ mountPath }) => mountPath);
      for (const path of [file, TLS_CERT_FILE ?? file, TLS_KEY_FILE ?? file]) {
        expect(mounts.some((mount) => path.startsWith(`${mount}/`))).toBe(true);
      }
      expect(METRICS_PORT ?? '9464').toBe('9464');
      expect(() => readSettings({ ...env, DATABASE_URL: 'postgresql://localhost/hooks' })).not.toThrow();
    }
  });

  it.each([
    [10_000, 5, 20],
    [10_001, 0, 16],
    [0, 0, 5],
    [600_000, 30, 635],
  ])(
    'gives a pod that stops within %d ms after %d s a grace period of %d s',
    (shutdownTimeoutMs, preStopSeconds, grace) => {
      const workload = deployment({ ...SECRET, shutdownTimeoutMs, preStopSeconds });
      expect(workload.spec.template.spec.terminationGracePeriodSeconds).toBe(grace);
      expect(environment(workload).SHUTDOWN_TIMEOUT_MS).toBe(String(shutdownTimeoutMs));
      expect(container(workload).lifecycle?.preStop.exec.command).toEqual(['sleep', String(preStopSeconds)]);
    },
  );

  it('leaves the number of replicas to the autoscaler where there is one', () => {
    expect(deployment(SECRET).spec.replicas).toBe(2);
    expect(deployment({ ...SECRET, autoscaling: { enabled: true } }).spec.replicas).toBeUndefined();
  });

  it('probes by HTTPS where the service speaks it', () => {
    expect(container(deployment(SECRET)).livenessProbe?.httpGet.scheme).toBe('HTTP');
    expect(container(deployment(EVERYTHING)).livenessProbe?.httpGet.scheme).toBe('HTTPS');
  });

  it('sends requests to the replicas and to nothing else', () => {
    const manifests = new RenderedChart(EVERYTHING).manifests();
    const labels = deployment(EVERYTHING).spec.template.metadata.labels;
    const migration = job(EVERYTHING).spec.template.metadata.labels;
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Service')) {
      const { selector } = spec as { selector: Record<string, string> };
      expect(labels).toMatchObject(selector);
      expect(migration).not.toMatchObject(selector);
    }
  });

  it('runs an image by its digest where there is one', () => {
    expect(container(deployment(SECRET)).image).toBe('execution-hooks:0.1.0');
    expect(container(deployment(EVERYTHING)).image).toBe(`execution-hooks@sha256:${'a'.repeat(64)}`);
  });

  it('runs the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(CHART, '../../../package.json'), 'utf8')) as { version: string };
    expect(container(deployment(SECRET)).image).toBe(`execution-hooks:${version}`);
  });

  it('migrates by a command that the image has', () => {
    expect(container(job(EVERYTHING)).command).toEqual(['node', 'dist/src/cli.js', 'migrate']);
    const build = readFileSync(join(CHART, '../../../Dockerfile'), 'utf8');
    expect(build).toContain('COPY --from=build /service/dist ./dist');
  });

  it.each(CASES)('with %s says how to go on', (_name, values) => {
    const notes = new RenderedChart(values).text('NOTES.txt');
    expect(notes).toContain('rollout status deployment/hooks-execution-hooks');
    expect(notes).not.toMatch(/undefined|no value/);
  });
});

describe('values.schema.json', () => {
  it.each(CASES)('accepts %s', (_name, values) => {
    acceptsValues(merged(valuesOf('values.yaml'), values));
    expect(acceptsValues.errors ?? []).toEqual([]);
  });

  it.each([
    ['no Secret', {}],
    ['a value that does not exist', { ...SECRET, replicas: 3 }],
    ['a setting that the chart sets', { ...SECRET, settings: { PORT: '1' } }],
    ['a setting that is no text', { ...SECRET, settings: { DATABASE_POOL_SIZE: 5 } }],
    ['a grace that the service does not accept', { ...SECRET, shutdownTimeoutMs: 600_001 }],
    ['metrics on the port of the API', { ...SECRET, metrics: { port: 8080 } }],
  ])('refuses %s', (_name, values) => {
    expect(acceptsValues(merged(valuesOf('values.yaml'), values))).toBe(false);
  });

  it('knows every value, and each is explained', () => {
    const text = readFileSync(join(CHART, 'values.yaml'), 'utf8');
    const lines = text.split('\n');
    const unexplained = lines.flatMap((line, index) => {
      if (!/^\s*[\w-]+:/.test(line)) return [];
      const above = lines[index - 1] ?? '';
      const isGroup = /^\w+:$/.test(line) || /^ {2}\w+:$/.test(line);
      const isQuantity = /^ {2,4}(requests|limits|cpu|memory):/.test(line);
      return isGroup || isQuantity || /^\s*#/.test(above) ? [] : [line];
    });
    expect(unexplained).toEqual([]);
  });
});
