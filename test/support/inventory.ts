import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Response } from 'supertest';
import type { TestService } from './service.js';

/** What a test says of a pod; the rest is what a running pod has. */
export interface PodFields {
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Container name to image. */
  readonly containers: Readonly<Record<string, string>>;
  readonly phase?: string;
}

/** A Kubernetes `PodList` of these pods, as an API server answers it. */
export function podList(pods: readonly PodFields[]): object {
  return { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' }, items: pods.map(pod) };
}

/** What `kubectl get pods -o json` has printed for a namespace of a real cluster. */
export async function recordedPods(namespace: Recorded): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../${RECORDED[namespace]}`, import.meta.url)), 'utf8');
}

/** Replaces an app's inventory over HTTP. */
export async function putInventory(service: TestService, appId: string, list: object | string): Promise<Response> {
  const answer = await service
    .send('put', `/k8s/v1/apps/${appId}/inventory`)
    .set('content-type', 'application/json')
    .send(typeof list === 'string' ? list : JSON.stringify(list));
  if (answer.status !== 200) throw new Error(`PUT of the inventory: ${answer.status} ${answer.text}`);
  return answer;
}

const RECORDED = {
  'payroll-east': 'demo/pods-payroll-east.json',
  'payroll-west': 'demo/pods-payroll-west.json',
  logging: 'test/data/pods-logging.json',
  streaming: 'test/data/pods-streaming.json',
  wordpress: 'test/data/pods-wordpress.json',
} as const;

type Recorded = keyof typeof RECORDED;

function pod({ namespace = 'default', name, labels, containers, phase = 'Running' }: PodFields): object {
  return {
    metadata: { namespace, name, ...(labels === undefined ? {} : { labels }) },
    spec: { containers: Object.entries(containers).map(([container, image]) => ({ name: container, image })) },
    status: { phase },
  };
}
