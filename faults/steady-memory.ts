import { setTimeout as sleep } from 'node:timers/promises';
import { podList } from '../test/support/inventory.js';
import { Deployment } from './deployment.js';
import type { Random } from './random.js';
import type { Replica } from './replica.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
/** Hooks that are there most of the time: as many are deleted as are made. */
const HOOKS_KEPT = 500;
const REQUESTS_PER_SECOND = 30;
const SAMPLE_MS = 5_000;
/** The first comparison comes after this share of the time: 5 of 30 minutes. */
const SETTLED = 1 / 6;
/** Samples of one comparison, of which the median counts: a minute of 30. */
const SAMPLES_SHARE = 1 / 30;
const MOST_GROWTH = 1.1;

/** Resident memory under a load of every kind of request that goes on and on. */
export const steadyMemory: Proof = {
  name: 'steady-memory',
  promise: 'under a mixed load memory at the end is within 10 % of memory after a sixth of the time',
  rounds: 30,
  unit: 'minutes',
  isLasting: true,
  async run(trial) {
    const service = await Deployment.start(trial);
    const load = new MixedLoad(service, trial.random);
    const end = Date.now() + trial.rounds * 60_000;
    const samples: number[][] = service.replicas.map(() => []);
    const working = load.until(end);
    let nextReport = 0;
    while (Date.now() < end) {
      await sleep(SAMPLE_MS);
      const now = await Promise.all(service.replicas.map((replica) => replica.residentMiB()));
      for (const [index, value] of now.entries()) samples[index]?.push(value);
      if (Date.now() > nextReport) {
        trial.say(`${load.answered} answers; ${now.map((value) => value.toFixed(0)).join(' and ')} MiB`);
        nextReport = Date.now() + 60_000;
      }
    }
    await working;
    for (const [index, values] of samples.entries()) compare(trial, index, values);
    trial.saw(`${load.answered} answers`);
    trial.expect(load.unexpected.length === 0, `unexpected answers: ${load.unexpected.slice(0, 5).join(', ')}`);
    const busy = await service.postgres.busySessions();
    trial.expect(busy === 0, `${busy} sessions of the database are in the middle of something`);
  },
};

function compare(trial: Trial, replica: number, samples: readonly number[]): void {
  const width = Math.max(1, Math.round(samples.length * SAMPLES_SHARE));
  const settled = Math.round(samples.length * SETTLED);
  const before = median(samples.slice(settled, settled + width));
  const after = median(samples.slice(-width));
  const growth = after / before;
  trial.saw(
    `replica ${replica}: ${before.toFixed(0)} MiB, then ${after.toFixed(0)} MiB (${((growth - 1) * 100).toFixed(1)} %)`,
  );
  trial.expect(growth <= MOST_GROWTH, `the memory of replica ${replica} grew by more than 10 %`);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

type Act = (replica: Replica) => Promise<void>;

/** Requests of every kind, good and bad ones, at a steady rate. */
class MixedLoad {
  answered = 0;
  readonly unexpected: string[] = [];
  private readonly hooks: string[] = [];
  private names = 0;
  private readonly acts: readonly Act[];

  constructor(
    private readonly service: Deployment,
    private readonly random: Random,
  ) {
    const read: Act = (replica) => this.expect(200, replica, 'GET', `${HOOKS}/${this.hook()}`);
    const make: Act = (replica) => this.make(replica);
    this.acts = [
      read,
      read,
      read,
      make,
      make,
      (replica) => this.expect(200, replica, 'GET', `${HOOKS}?limit=50&count=true`),
      (replica) => this.expect(200, replica, 'GET', `/k8s/v1/apps/${this.appID}/executionHooks?include=id,name`),
      (replica) => this.expect(200, replica, 'GET', `${HOOKS}?filter=${encodeURIComponent("action eq 'snapshot'")}`),
      (replica) => this.expect(200, replica, 'GET', `/k8s/v1/apps/${this.appID}/inventory?limit=20`),
      (replica) => this.change(replica),
      (replica) => this.expect(400, replica, 'POST', HOOKS, { name: 1, nonsense: true }),
      (replica) => this.expect(404, replica, 'GET', `${HOOKS}/deadbeef-0000-4000-8000-000000000000`),
      (replica) => this.expect(400, replica, 'GET', `${HOOKS}?filter=nonsense`),
      (replica) => this.takeInventory(replica),
    ];
  }

  async until(end: number): Promise<void> {
    for (let hooks = 0; hooks < HOOKS_KEPT; hooks++) await this.make(this.service.replica(hooks % 2));
    const underWay = new Set<Promise<void>>();
    while (Date.now() < end) {
      const act = this.random.pick(this.acts);
      const work = act(this.random.pick(this.service.replicas));
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
      await sleep(1_000 / REQUESTS_PER_SECOND);
    }
    await Promise.all(underWay);
  }

  private get appID(): string {
    return this.service.references.appID;
  }

  /** One of the hooks, but not of the oldest, which may be deleted at any moment. */
  private hook(): string {
    return this.hooks[this.random.integer(Math.floor(this.hooks.length / 2), this.hooks.length - 1)] ?? '';
  }

  private async expect(status: number, replica: Replica, method: string, path: string, body?: object): Promise<void> {
    try {
      const answer = await this.service.send(replica, method, path, body === undefined ? {} : { body });
      this.answered += 1;
      if (answer.status !== status) this.unexpected.push(`${method} ${path}: ${answer.status} ${answer.text}`);
    } catch (error) {
      this.unexpected.push(`${method} ${path}: ${String(error)}`);
    }
  }

  /** Makes a hook and, when there are many, deletes the oldest. */
  private async make(replica: Replica): Promise<void> {
    this.names += 1;
    const body = this.service.hook({
      name: `hook ${this.names}`,
      action: this.random.pick(['snapshot', 'backup']),
      matchingCriteria: [{ type: 'podName', value: `^pod-${this.random.integer(1, 20)}` }],
      description: 'x'.repeat(this.random.integer(0, 511)),
    });
    const answer = await this.service.send(replica, 'POST', HOOKS, { body });
    this.answered += 1;
    if (answer.status !== 201) {
      this.unexpected.push(`POST: ${answer.status} ${answer.text}`);
      return;
    }
    this.hooks.push((JSON.parse(answer.text) as { readonly id: string }).id);
    const oldest = this.hooks.length > HOOKS_KEPT ? this.hooks.shift() : undefined;
    if (oldest !== undefined) await this.expect(204, replica, 'DELETE', `${HOOKS}/${oldest}`);
  }

  private change(replica: Replica): Promise<void> {
    const description = `changed ${this.random.integer(1, 1_000_000)}`;
    return this.expect(204, replica, 'PUT', `${HOOKS}/${this.hook()}`, {
      type: 'application/astra-executionHook',
      version: '1.2',
      description,
    });
  }

  /** Some pods come and go; every other inventory changes nothing. */
  private takeInventory(replica: Replica): Promise<void> {
    const first = this.random.integer(0, 3);
    const pods = Array.from({ length: 200 }, (_, index) => ({
      name: `pod-${first + index}`,
      labels: { app: `app-${index % 10}` },
      containers: { main: `registry.example/app-${index % 10}:1.${first}`, sidecar: 'registry.example/proxy:2' },
    }));
    return this.expect(200, replica, 'PUT', `/k8s/v1/apps/${this.appID}/inventory`, podList(pods));
  }
}
