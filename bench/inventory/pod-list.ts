import type { InventoryPod } from '../../src/matching/inventory-snapshot.js';
import { type GeneratedInventory, generatedPods } from './generated-pods.js';

/** The bytes of one item as `kubectl get pods -o json` prints it, so that 100,000 pods are about 1 GiB. */
const POD_BYTES = 10_700;

/** A generated inventory of which some pods may have other images than before. */
export interface PodListContent extends GeneratedInventory {
  /** One pod in so many has another image than the same inventory without it. */
  readonly changedOneIn?: number;
}

/** The pods of a generated inventory, some of them changed. */
export function* podsOf({ changedOneIn, ...inventory }: PodListContent): Generator<InventoryPod, void> {
  let index = 0;
  for (const pod of generatedPods(inventory)) {
    const isChanged = changedOneIn !== undefined && index % changedOneIn === 0;
    index += 1;
    yield isChanged ? { ...pod, containers: pod.containers.map(changed) } : pod;
  }
}

function changed({ name, image }: { readonly name: string; readonly image: string }): { name: string; image: string } {
  return { name, image: `${image}-changed` };
}

/** Bytes of a piece of a list: some twelve pods. */
const PIECE_BYTES = 128 * 1024;

/** More than the bytes of any one pod. */
const MOST_POD_BYTES = 2 * POD_BYTES;

/**
 * A generated inventory as a pod list of that size, as `kubectl` prints it, in pieces. Only what differs from pod to pod
 * is made anew: whoever sends a list takes little of a machine on which others are measured.
 */
export function* podList(content: PodListContent): Generator<Buffer, void> {
  yield Buffer.from('{\n    "apiVersion": "v1",\n    "items": [\n');
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let length = 0;
  let isFirst = true;
  for (const pod of podsOf(content)) {
    if (!isFirst) length += piece.write(',\n', length, 'latin1');
    isFirst = false;
    length = writePod(piece, length, pod);
    if (length + MOST_POD_BYTES > PIECE_BYTES) {
      yield piece.subarray(0, length);
      piece = Buffer.allocUnsafe(PIECE_BYTES);
      length = 0;
    }
  }
  yield piece.subarray(0, length);
  yield Buffer.from('\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n');
}

/** @returns where the pod ends in the piece; generated pods are ASCII, without anything to escape */
function writePod(
  piece: Buffer,
  start: number,
  { namespaceName, podName, podLabels, containers }: InventoryPod,
): number {
  const [container] = containers;
  const values: Readonly<Record<string, string>> = {
    '"$labels"': `{ ${podLabels.map(({ name, value }) => `"${name}": "${value}"`).join(', ')} }`,
    $namespace: namespaceName,
    $pod: podName,
    $name: container?.name ?? '',
    $image: container?.image ?? '',
  };
  let at = start;
  for (const { text, placeholder } of TEMPLATE) {
    at += text.copy(piece, at);
    at += piece.write(values[placeholder] ?? '', at, 'latin1');
  }
  return at;
}

const PROBE = {
  failureThreshold: 3,
  httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds: 10,
  successThreshold: 1,
  timeoutSeconds: 1,
};

/** Environment variables make up what the API server's managed fields and a real workload's configuration take. */
function templateWith(variables: number): string {
  const env = Array.from({ length: variables }, (_, index) => ({
    name: `SETTING_${index}`,
    valueFrom: { secretKeyRef: { key: `setting-${index}`, name: 'workload-settings' } },
  }));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      annotations: { 'kubernetes.io/config.seen': '2026-01-01T00:00:00.000000000Z' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: '$labels',
      name: '$pod',
      namespace: '$namespace',
      resourceVersion: '123456789',
      uid: '2c9aad91-6e57-4139-aaba-cc62778daeb3',
    },
    spec: {
      containers: [
        {
          env,
          image: '$image',
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: PROBE,
          name: '$name',
          ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
          readinessProbe: PROBE,
          resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '256Mi' } },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          volumeMounts: [{ mountPath: '/var/run/secrets', name: 'token', readOnly: true }],
        },
      ],
      dnsPolicy: 'ClusterFirst',
      nodeName: 'node-17.cluster.example',
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      volumes: [{ name: 'token', secret: { defaultMode: 420, secretName: 'token' } }],
    },
    status: {
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        lastProbeTime: null,
        lastTransitionTime: '2026-01-01T00:00:00Z',
        status: 'True',
        type,
      })),
      containerStatuses: [{ image: '$image', name: '$name', ready: true, restartCount: 0, started: true }],
      hostIP: '10.0.0.14',
      phase: 'Running',
      podIP: '10.244.0.28',
      qosClass: 'Burstable',
      startTime: '2026-01-01T00:00:00Z',
    },
  };
  // Items stand two levels deep.
  return `        ${JSON.stringify(pod, null, 4).replaceAll('\n', '\n        ')}`;
}

/** What stands before a placeholder, and the placeholder; none after the last text. */
interface TemplatePart {
  readonly text: Buffer;
  readonly placeholder: string;
}

function partsOf(template: string): TemplatePart[] {
  const parts = template.split(/("\$labels"|\$(?:namespace|pod|name|image))/);
  return parts.flatMap((text, index) =>
    index % 2 === 0 ? [{ text: Buffer.from(text), placeholder: parts[index + 1] ?? '' }] : [],
  );
}

const EMPTY_BYTES = templateWith(0).length;
const TEMPLATE = partsOf(templateWith(Math.round((POD_BYTES - EMPTY_BYTES) / (templateWith(1).length - EMPTY_BYTES))));
