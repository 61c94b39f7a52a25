import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../src/settings/settings.js';
import { CHANGED, EVERYTHING, SECRET } from '../support/chart-values.js';
import { CHART, type Manifest, merged, notes, rendered, type Values, valuesOf } from '../support/helm-chart.js';

type Labels = Readonly<Record<string, string>>;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly Values[];
  readonly resources: Values;
  readonly securityContext: Values;
  readonly startupProbe?: { readonly periodSeconds: number; readonly failureThreshold: number };
  readonly livenessProbe?: { readonly httpGet: Values };
  readonly lifecycle?: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** What of a pod the tests below look into. */
interface Template {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: Values;
    readonly initContainers?: readonly Values[];
    readonly volumes: readonly (Values & { readonly name: string })[];
    readonly containers: readonly Container[];
  };
}

interface Workload {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
  readonly spec: {
    readonly replicas?: number;
    readonly progressDeadlineSeconds?: number;
    readonly activeDeadlineSeconds?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: Template;
  };
}

/** The one resource of a kind, and of a name that ends so. */
async function find(values: Values, kind: string, suffix = ''): Promise<Manifest> {
  const manifests = await rendered(values);
  const [found, ...others] = manifests.filter((each) => each.kind === kind && each.metadata.name.endsWith(suffix));
  if (found === undefined || others.length > 0) throw new Error(`There is not one ${kind} ${suffix}.`);
  return found;
}

async function deployment(values: Values): Promise<Workload> {
  return (await find(values, 'Deployment')) as unknown as Workload;
}

async function job(values: Values): Promise<Workload> {
  return (await find(values, 'Job')) as unknown as Workload;
}

async function backupTemplate(values: Values): Promise<Template> {
  const { spec } = (await find(values, 'CronJob')) as unknown as {
    readonly spec: { readonly jobTemplate: { readonly spec: { readonly template: Template } } };
  };
  return spec.jobTemplate.spec.template;
}

async function templates(values: Values): Promise<Template[]> {
  return [(await deployment(values)).spec.template, (await job(values)).spec.template, await backupTemplate(values)];
}

function container({ spec }: Template): Container {
  const [first] = spec.containers;
  if (first === undefined) throw new Error('There is no container.');
  return first;
}

function environment(template: Template): Record<string, string> {
  const { env = [] } = container(template);
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

describe('pods', () => {
  it('do nothing that they need not, as any user', async () => {
    for (const { spec } of await templates(EVERYTHING)) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.securityContext).not.toHaveProperty('runAsUser');
      for (const { securityContext, resources } of spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(resources).toMatchObject({ requests: { cpu: expect.any(String) as unknown }, limits: {} });
      }
    }
    const openShift = merged(EVERYTHING, { backup: { fsGroup: 0 } });
    for (const { spec } of await templates(openShift)) expect(spec.securityContext).not.toHaveProperty('fsGroup');
  });

  it.each([
    ['everything on', EVERYTHING],
    ['everything changed', CHANGED],
  ])('have settings that the service accepts, with %s', async (_name, values) => {
    for (const template of [(await deployment(values)).spec.template, (await job(values)).spec.template]) {
      const {
        DATABASE_URL_FILE: file = '',
        TLS_CERT_FILE,
        TLS_KEY_FILE,
        NODE_EXTRA_CA_CERTS,
        ...env
      } = environment(template);
      const mounts = container(template).volumeMounts.map(({ mountPath }) => mountPath);
      for (const path of [file, TLS_CERT_FILE ?? file, TLS_KEY_FILE ?? file, NODE_EXTRA_CA_CERTS ?? '']) {
        expect(mounts.some((mount) => path.startsWith(`${mount}/`))).toBe(true);
      }
      expect(() => readSettings({ ...env, DATABASE_URL: 'postgresql://localhost/hooks' })).not.toThrow();
    }
  });

  it('write a number as digits', async () => {
    const { spec } = await deployment({
      ...SECRET,
      settings: { INVENTORY_CACHE_BYTES: 33_554_432, OTEL_SDK_DISABLED: true },
    });
    expect(environment(spec.template)).toMatchObject({ INVENTORY_CACHE_BYTES: '33554432', OTEL_SDK_DISABLED: 'true' });
  });

  it('trust a private authority of the database: the service, the migrations and the backups', async () => {
    for (const values of [
      EVERYTHING,
      merged(EVERYTHING, { trustedCA: { existingSecret: '', existingConfigMap: 'ca' } }),
    ]) {
      for (const template of await templates(values)) {
        const file = '/run/secrets/trusted-ca/ca.crt';
        expect(environment(template)).toMatchObject({ NODE_EXTRA_CA_CERTS: file, PGSSLROOTCERT: file });
        const mount = container(template).volumeMounts.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
        const volume = template.spec.volumes.find(({ name }) => name === mount?.name);
        expect(JSON.stringify(volume)).toContain('"items":[{"key":"ca.crt","path":"ca.crt"}]');
      }
    }
  });

  it('have labels of their own: no selector finds the pods of another component', async () => {
    const all = await templates(EVERYTHING);
    const { spec } = await deployment(EVERYTHING);
    const services = (await rendered(EVERYTHING)).filter(({ kind }) => kind === 'Service');
    const selectors = services.map((service) => (service.spec as { selector: Labels }).selector);
    for (const selector of [spec.selector.matchLabels, ...selectors]) {
      const found = all.filter(({ metadata }) =>
        Object.entries(selector).every(([name, value]) => metadata.labels[name] === value),
      );
      expect(found).toEqual([spec.template]);
    }
  });

  it('have the labels and annotations of values, each label once', async () => {
    const values = merged(EVERYTHING, {
      commonLabels: { team: 'storage', tier: 'control' },
      podLabels: { team: 'hooks' },
      podAnnotations: { note: 'yes' },
    });
    for (const { metadata } of await templates(values)) {
      expect(metadata.labels).toMatchObject({ team: 'hooks', tier: 'control', 'app.kubernetes.io/instance': 'hooks' });
      expect(metadata.annotations).toEqual({ note: 'yes' });
    }
    for (const { metadata } of await rendered(values)) expect(metadata.labels).toMatchObject({ tier: 'control' });
  });
});

describe('the Deployment', () => {
  it.each([
    [10_000, 5_000, 25],
    [10_001, 0, 21],
    [0, 0, 10],
    [600_000, 600_000, 1210],
  ])(
    'that stops within %d ms after %d ms has a grace period of %d s',
    async (shutdownTimeoutMs, shutdownDelayMs, grace) => {
      const { spec } = await deployment({ ...SECRET, shutdownTimeoutMs, shutdownDelayMs });
      expect(spec.template.spec.terminationGracePeriodSeconds).toBe(grace);
      expect(environment(spec.template)).toMatchObject({
        SHUTDOWN_TIMEOUT_MS: String(shutdownTimeoutMs),
        SHUTDOWN_DELAY_MS: String(shutdownDelayMs),
      });
    },
  );

  it('lets a replica migrate as long as migrations may take', async () => {
    const { spec } = await deployment({ ...SECRET, migration: { deadlineSeconds: 7200 } });
    const { startupProbe } = container(spec.template);
    expect((startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(7200);
    expect(spec.progressDeadlineSeconds).toBeGreaterThan(7200);
  });

  it('leaves the number of replicas to the autoscaler where there is one', async () => {
    expect((await deployment(SECRET)).spec.replicas).toBe(2);
    expect((await deployment(EVERYTHING)).spec.replicas).toBeUndefined();
  });

  it('probes by HTTPS where the service speaks it', async () => {
    expect(container((await deployment(SECRET)).spec.template).livenessProbe?.httpGet.scheme).toBe('HTTP');
    expect(container((await deployment(EVERYTHING)).spec.template).livenessProbe?.httpGet.scheme).toBe('HTTPS');
  });

  it('runs the version of package.json, or an image by its digest', async () => {
    const { version } = JSON.parse(readFileSync(join(CHART, '../../../package.json'), 'utf8')) as { version: string };
    expect(container((await deployment(SECRET)).spec.template).image).toBe(`execution-hooks:${version}`);
    const digest = `sha256:${'a'.repeat(64)}`;
    const { spec } = await deployment({ ...SECRET, image: { digest } });
    expect(container(spec.template).image).toBe(`execution-hooks@${digest}`);
  });
});

describe('the migration Job', () => {
  it('has what the replicas have: volumes, environment, containers that go before', async () => {
    const of = async (values: Values): Promise<Template> => (await job(values)).spec.template;
    const changed = await of(CHANGED);
    expect(container(changed)).toMatchObject({
      command: ['execution-hooks', 'migrate'],
      envFrom: CHANGED.envFrom,
      env: expect.arrayContaining(CHANGED.extraEnv as unknown[]) as unknown,
      volumeMounts: expect.arrayContaining(CHANGED.extraVolumeMounts as unknown[]) as unknown,
    });
    expect(changed.spec.initContainers).toEqual(CHANGED.initContainers);
    expect(changed.spec.volumes).toEqual(expect.arrayContaining(CHANGED.extraVolumes as unknown[]));
    expect(changed.spec.containers).toHaveLength(1);
  });

  it('runs as the account of values, or as one that is there before it', async () => {
    const values = merged(EVERYTHING, { serviceAccount: { create: false, name: 'hooks-database' } });
    for (const { spec } of await templates(values)) expect(spec.serviceAccountName).toBe('hooks-database');

    const annotated = merged(EVERYTHING, { serviceAccount: { annotations: { role: 'hooks' } } });
    const { metadata, spec } = await job(annotated);
    const account = await find(annotated, 'ServiceAccount', spec.template.spec.serviceAccountName);
    const { annotations } = account.metadata as unknown as { readonly annotations: Labels };
    expect(annotations).toMatchObject({ role: 'hooks', 'helm.sh/hook': metadata.annotations?.['helm.sh/hook'] });
    expect(Number(annotations['helm.sh/hook-weight'])).toBeLessThan(0);
  });
});

describe('the NetworkPolicy', () => {
  interface Rule {
    readonly ports: readonly { readonly port: string | number }[];
    readonly from?: readonly Values[];
  }
  async function ingress(values: Values): Promise<readonly Rule[]> {
    const { spec } = await find(values, 'NetworkPolicy');
    return (spec as { ingress: readonly Rule[] }).ingress;
  }

  it('lets Prometheus in where there is a ServiceMonitor for it', async () => {
    const monitored = { ...SECRET, metrics: { serviceMonitor: { enabled: true } } };
    const toMetrics = ({ ports }: Rule): boolean => ports.some(({ port }) => port === 'metrics');
    expect((await ingress(SECRET)).filter(toMetrics)).toEqual([]);
    expect((await ingress(monitored)).filter(toMetrics)).toMatchObject([{ from: [{ namespaceSelector: {} }] }]);
    const metricsFrom = [{ namespaceSelector: { matchLabels: { team: 'monitoring' } } }];
    const narrow = await ingress({ ...monitored, networkPolicy: { metricsFrom } });
    expect(narrow.filter(toMetrics)).toMatchObject([{ from: metricsFrom }]);
    expect(await notes(monitored)).toContain('networkPolicy.metricsFrom');
  });

  it('lets the pod of helm test in, whoever else may come', async () => {
    const [requests] = await ingress(EVERYTHING);
    const pod = await find(EVERYTHING, 'Pod');
    const peers = requests?.from as readonly { podSelector?: { matchLabels: Labels } }[];
    expect(peers.some(({ podSelector }) => podSelector !== undefined)).toBe(true);
    for (const { podSelector } of peers) expect(pod.metadata.labels).toMatchObject(podSelector?.matchLabels ?? {});
  });
});

describe('the alerts and the dashboard', () => {
  it('are those of the files', async () => {
    const rule = await find(EVERYTHING, 'PrometheusRule');
    expect(rule.spec).toEqual(valuesOf('files/alerts.yaml'));
    const { data } = (await find(EVERYTHING, 'ConfigMap')) as unknown as { readonly data: Labels };
    const [json = ''] = Object.values(data);
    expect(JSON.parse(json)).toEqual(valuesOf('files/dashboard.json'));
  });

  it('are off unless they are asked for', async () => {
    const kinds = (await rendered(SECRET)).map(({ kind }) => kind);
    expect(kinds).not.toEqual(expect.arrayContaining(['PrometheusRule']));
    expect(kinds).not.toContain('ConfigMap');
    expect(kinds).not.toContain('CronJob');
  });
});

describe('the notes', () => {
  const host = { ingress: { enabled: true, hosts: ['hooks.example.com'] } };

  it.each<[string, Values, readonly string[], readonly string[]]>([
    ['a tunnel', {}, ['port-forward service/hooks-execution-hooks 8080:80', 'http://127.0.0.1:8080'], ['https://']],
    ['a tunnel to HTTPS', { tls: { existingSecret: 'a' } }, ['https://127.0.0.1:8080'], []],
    ['a tunnel to a path', { settings: { BASE_PATH: '/hooks' } }, ['http://127.0.0.1:8080/hooks'], []],
    ['an ingress without TLS', host, ['http://hooks.example.com/', 'TRUST_PROXY'], ['https://']],
    [
      'an ingress with TLS',
      merged(host, { ingress: { tls: [{ secretName: 'a' }] } }),
      ['https://hooks.example.com/'],
      [],
    ],
    [
      'an ingress with TLS of another host',
      merged(host, { ingress: { tls: [{ secretName: 'a', hosts: ['other.example.com'] }] } }),
      ['http://hooks.example.com/'],
      [],
    ],
    [
      'an ingress at a path',
      merged(host, { ingress: { path: '/hooks' } }),
      ['hooks.example.com/hooks', 'BASE_PATH'],
      [],
    ],
    [
      'an ingress at a path that the service knows',
      merged(host, { ingress: { path: '/hooks' }, settings: { BASE_PATH: '/hooks', TRUST_PROXY: '10.0.0.0/8' } }),
      ['hooks.example.com/hooks'],
      ['set it to the same', 'Neither'],
    ],
    [
      'a load balancer',
      { service: { type: 'LoadBalancer', port: 8443 } },
      ['loadBalancer.ingress', 'http://ADDRESS:8443'],
      ['port-forward'],
    ],
    ['a port of the nodes', { service: { type: 'NodePort' } }, ['nodePort', 'http://NODE:PORT'], ['port-forward']],
    [
      'a gateway',
      { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }], hostnames: ['hooks.example.com'] } },
      ['hooks.example.com/, by the protocol of the gateway'],
      ['port-forward', 'http://'],
    ],
    ['another namespace', { namespaceOverride: 'elsewhere' }, ['--namespace elsewhere'], ['--namespace platform']],
    ['a migration Job', { migration: { job: true } }, ['--timeout'], []],
  ])('lead to %s', async (_name, values, present, absent) => {
    const text = await notes(merged(SECRET, values));
    expect(text).toContain('rollout status deployment/hooks-execution-hooks');
    for (const each of present) expect(text).toContain(each);
    for (const each of absent) expect(text).not.toContain(each);
  });
});
