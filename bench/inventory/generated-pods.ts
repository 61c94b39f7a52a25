import type { InventoryPod } from '../../src/matching/inventory-snapshot.js';

/** What decides a generated inventory: the same parameters always give the same pods. */
export interface GeneratedInventory {
  /** How many containers, and pods: each pod has one container, which is the most pod names that there can be. */
  readonly containers: number;
  readonly seed: number;
}

/** The words that images, containers and workloads are named by: 50 images. */
export const WORDS = [
  ...['payroll', 'billing', 'invoice', 'ledger', 'catalog', 'basket', 'search', 'profile', 'session', 'gateway'],
  ...['mariadb', 'mysql', 'postgresql', 'mongodb', 'redis', 'kafka', 'zookeeper', 'rabbitmq', 'nats', 'etcd'],
  ...['nginx', 'envoy', 'haproxy', 'varnish', 'fluentd', 'logstash', 'prometheus', 'grafana', 'loki', 'tempo'],
  ...['wordpress', 'drupal', 'joomla', 'gitea', 'jenkins', 'nexus', 'harbor', 'vault', 'consul', 'keycloak'],
  ...['report', 'mailer', 'worker', 'scheduler', 'importer', 'exporter', 'archive', 'thumbnail', 'webhook', 'notifier'],
] as const;

const REGISTRIES = ['docker.io/bitnami', 'quay.io/acme', 'registry.acme.example:5000/team'] as const;
const COMPONENTS = ['api', 'database', 'cache', 'queue', 'web', 'batch', 'proxy', 'agent'] as const;
const ENVIRONMENTS = ['production', 'staging', 'testing', 'development'] as const;
const TEAMS = ['payments', 'shop', 'platform', 'data', 'content'] as const;

/** Pods of one workload: the replicas of a deployment. */
const REPLICAS = 50;

/** The letters and digits of generated names, as Kubernetes picks them: no vowels, so that no words arise. */
const NAME_CHARACTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The pods of a generated inventory: 50 images, 50 container names, 20 namespaces, 4 labels a pod, deployments of 50 pods
 * each, distinct pod names. In no particular order, as a list of several namespaces may come.
 */
export function* generatedPods(inventory: GeneratedInventory): Generator<InventoryPod, void> {
  const workloads = Math.ceil(inventory.containers / REPLICAS);
  for (let pod = 0; pod < inventory.containers; pod++) {
    // Workload after workload would come sorted by workload; the API server sorts by namespace and name.
    yield generatedPod(inventory.seed, pod % workloads, Math.floor(pod / workloads));
  }
}

function generatedPod(seed: number, workload: number, replica: number): InventoryPod {
  const word = WORDS[workload % WORDS.length] ?? '';
  const version = workload % WORDS.length;
  const component = COMPONENTS[Math.floor(workload / WORDS.length) % COMPONENTS.length] ?? '';
  const environment = ENVIRONMENTS[mixed(seed, workload, 1) % ENVIRONMENTS.length] ?? '';
  const team = TEAMS[mixed(seed, workload, 2) % TEAMS.length] ?? '';
  const instance = `${word}-${component}-${workload}`;
  const templateHash = nameOf(mixed(seed, workload, 3), 10);
  return {
    namespaceName: `${team}-${environment}`,
    podName: `${instance}-${templateHash}-${nameOf(replica * 7919 + (mixed(seed, workload, 4) % 7919), 5)}`,
    podLabels: [
      { name: 'app.kubernetes.io/component', value: component },
      { name: 'app.kubernetes.io/instance', value: instance },
      { name: 'app.kubernetes.io/name', value: word },
      { name: 'pod-template-hash', value: templateHash },
    ],
    containers: [
      {
        name: word,
        image: `${REGISTRIES[version % REGISTRIES.length] ?? ''}/${word}:${1 + (version % 7)}.${version}.3`,
      },
    ],
  };
}

/** A number of 32 bits that looks like chance and follows from its arguments (the finalizer of MurmurHash3). */
export function mixed(...parts: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

/** `length` characters that stand for a number; distinct for distinct numbers below 27 to the power of `length`. */
function nameOf(number: number, length: number): string {
  let name = '';
  for (let rest = number; name.length < length; rest = Math.floor(rest / NAME_CHARACTERS.length)) {
    name += NAME_CHARACTERS[rest % NAME_CHARACTERS.length] ?? '';
  }
  return name;
}
