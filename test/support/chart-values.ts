import { merged, type Values, valuesOf } from './helm-chart.js';

/** The least that the chart needs. */
export const SECRET: Values = { database: { existingSecret: 'a-secret' } };

/** Values that switch everything on that the chart has. */
export const EVERYTHING: Values = merged(valuesOf('values-three-replicas.yaml'), {
  trustedCA: { existingSecret: 'authorities' },
  tls: { existingSecret: 'certificate' },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] },
  backup: { enabled: true, volume: { persistentVolumeClaim: { claimName: 'backups' } } },
});

/** Another value than the default and {@link EVERYTHING}'s of each documented one, by its path. */
export const TOGGLES: Readonly<Record<string, unknown>> = {
  nameOverride: 'other',
  fullnameOverride: 'other',
  namespaceOverride: 'elsewhere',
  commonLabels: { team: 'storage' },
  'image.repository': 'registry.example.com/hooks',
  'image.tag': '1.2.3',
  'image.digest': `sha256:${'a'.repeat(64)}`,
  'image.pullPolicy': 'Always',
  imagePullSecrets: [{ name: 'registry' }],
  replicaCount: 5,
  'database.existingSecret': 'another-secret',
  'database.secretKey': 'uri',
  'database.ports': [5432, 6432],
  'trustedCA.existingSecret': 'other-authorities',
  'trustedCA.existingConfigMap': 'authorities',
  'trustedCA.key': 'root.pem',
  'migration.job': false,
  'migration.existingSecret': 'another-owner',
  'migration.deadlineSeconds': 7200,
  settings: {
    LOG_LEVEL: 'warn',
    DATABASE_POOL_SIZE: 20,
    OTEL_SERVICE_NAME: 'hooks',
    DATABASE_PREPARED_STATEMENTS: false,
  },
  extraEnv: [{ name: 'OIDC_ISSUERS', valueFrom: { secretKeyRef: { name: 'oidc', key: 'issuers' } } }],
  envFrom: [{ configMapRef: { name: 'settings' } }],
  extraVolumes: [{ name: 'issuers', secret: { secretName: 'issuers' } }],
  extraVolumeMounts: [{ name: 'issuers', mountPath: '/run/secrets/issuers', readOnly: true }],
  initContainers: [{ name: 'database-proxy', image: 'proxy', restartPolicy: 'Always' }],
  sidecars: [{ name: 'log-shipper', image: 'shipper' }],
  shutdownDelayMs: 10_000,
  shutdownTimeoutMs: 60_000,
  'tls.existingSecret': 'another-certificate',
  'service.type': 'LoadBalancer',
  'service.port': 8443,
  'service.annotations': { a: 'b' },
  'service.extraSpec': { externalTrafficPolicy: 'Local' },
  'ingress.enabled': false,
  'ingress.className': 'other',
  'ingress.annotations': { a: 'b' },
  'ingress.hosts': ['other.example.com'],
  'ingress.path': '/hooks',
  'ingress.pathType': 'Exact',
  'ingress.tls': [{ secretName: 'other' }],
  'httpRoute.enabled': false,
  'httpRoute.parentRefs': [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
  'httpRoute.hostnames': ['hooks.example.com'],
  'httpRoute.path': '/hooks',
  'httpRoute.annotations': { a: 'b' },
  'httpRoute.filters': [
    { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } },
  ],
  'httpRoute.timeouts': { request: '1h' },
  resources: { requests: { cpu: '2', memory: '2Gi' }, limits: { memory: '4Gi' } },
  tmpSizeLimit: '1Gi',
  probes: { startup: { failureThreshold: 7 } },
  'probes.startup': { periodSeconds: 9 },
  'probes.liveness': { failureThreshold: 9 },
  'probes.readiness': { initialDelaySeconds: 9 },
  podSecurityContext: { runAsUser: 1001, fsGroup: 1001 },
  containerSecurityContext: { runAsUser: 1002 },
  'autoscaling.enabled': false,
  'autoscaling.minReplicas': 2,
  'autoscaling.maxReplicas': 20,
  'autoscaling.targetCPUUtilizationPercentage': 50,
  'autoscaling.metrics': [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 80 } } },
  ],
  'autoscaling.behavior': { scaleDown: { stabilizationWindowSeconds: 600 } },
  'podDisruptionBudget.enabled': false,
  'podDisruptionBudget.maxUnavailable': '25%',
  topologySpreadConstraints: [
    { topologyKey: 'kubernetes.io/hostname', maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' },
  ],
  'networkPolicy.enabled': false,
  'networkPolicy.from': [{ ipBlock: { cidr: '192.0.2.0/24' } }],
  'networkPolicy.metricsFrom': [{ namespaceSelector: {} }],
  'networkPolicy.databaseTo': [{ ipBlock: { cidr: '192.0.2.0/24' } }],
  'networkPolicy.dnsPorts': [53, 5353],
  'networkPolicy.dnsTo': [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } } }],
  'networkPolicy.extraEgress': [{ ports: [{ port: 443, protocol: 'TCP' }] }],
  'metrics.port': 9000,
  'metrics.serviceMonitor.enabled': false,
  'metrics.serviceMonitor.interval': '15s',
  'metrics.serviceMonitor.labels': { prometheus: 'other' },
  'metrics.prometheusRule.enabled': false,
  'metrics.prometheusRule.labels': { prometheus: 'other' },
  'metrics.dashboard.enabled': false,
  'metrics.dashboard.labels': { dashboard: 'yes' },
  'metrics.dashboard.annotations': { grafana_folder: 'Platform' },
  'backup.enabled': false,
  'backup.schedule': '@hourly',
  'backup.timeZone': 'Europe/Berlin',
  'backup.keep': 30,
  'backup.volume': { nfs: { server: 'nfs.example.com', path: '/backups' } },
  'backup.fsGroup': 0,
  'backup.existingSecret': 'reader',
  'backup.image.repository': 'registry.example.com/backup',
  'backup.image.tag': '1.2.3',
  'backup.image.digest': `sha256:${'b'.repeat(64)}`,
  'backup.image.pullPolicy': 'Always',
  'backup.resources': { limits: { memory: '1Gi' } },
  'serviceAccount.create': false,
  'serviceAccount.name': 'other',
  'serviceAccount.annotations': { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111111111111:role/hooks' },
  deploymentAnnotations: { 'reloader.stakater.com/auto': 'true' },
  podAnnotations: { a: 'b' },
  podLabels: { a: 'b' },
  priorityClassName: 'important',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  extraObjects: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-one' } },
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ include "execution-hooks.fullname" . }}-two\n',
  ],
};

/** What a value needs beside itself and {@link EVERYTHING} to count. */
const COMPANIONS: Readonly<Record<string, Values>> = {
  replicaCount: { autoscaling: { enabled: false } },
  'trustedCA.existingConfigMap': { trustedCA: { existingSecret: '' } },
};

/** {@link EVERYTHING} with every value changed that leaves on what is on. */
export const CHANGED: Values = Object.keys(TOGGLES)
  .filter((path) => TOGGLES[path] !== false && !(path in COMPANIONS))
  .reduce((values, path) => merged(values, change(path)), EVERYTHING);

/** {@link EVERYTHING} but for one value. */
export function toggled(path: string): { readonly base: Values; readonly values: Values } {
  const base = merged(EVERYTHING, COMPANIONS[path] ?? {});
  return { base, values: merged(base, change(path)) };
}

/** A path as the maps that lead to its value of {@link TOGGLES}. */
function change(path: string): Values {
  const [last = '', ...above] = path.split('.').reverse();
  return above.reduce<Values>((inner, name) => ({ [name]: inner }), { [last]: TOGGLES[path] });
}
