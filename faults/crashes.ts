import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../test/support/conformance.js';
import { podList } from '../test/support/inventory.js';
import { Deployment } from './deployment.js';
import { until } from './patience.js';
import type { Random } from './random.js';
import type { Replica } from './replica.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const WRITERS = 8;
const PODS = 60;
const RECOVERY_LIMIT_MS = 30_000;

/** Kills replicas and the database under writers that remember what they were promised. */
export const crashes: Proof = {
  name: 'crashes',
  promise: 'whatever is killed, an acknowledged write is there, none is half there, none twice',
  rounds: 20,
  unit: 'times a replica, the database and both are killed',
  async run(trial) {
    const service = await Deployment.start(trial);
    const writers = Array.from(
      { length: WRITERS },
      (_, index) => new Writer(trial, service, trial.random.fork(), index),
    );
    const inventory = new InventoryWriter(trial, service);
    const stop = new AbortController();
    const working = Promise.all([...writers, inventory].map((writer) => writer.until(stop.signal)));
    try {
      for (let round = 1; round <= trial.rounds; round++) {
        await killReplica(trial, service);
        await killDatabase(trial, service);
        await killBoth(trial, service);
        const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
        trial.say(`round ${round}: ${acknowledged} writes acknowledged so far`);
      }
    } finally {
      stop.abort();
    }
    await working;
    await check(trial, service, writers, inventory);
  },
};

/** A moment at random. */
function moment(random: Random): Promise<void> {
  return sleep(random.integer(50, 1_500));
}

async function killReplica(trial: Trial, service: Deployment): Promise<void> {
  await moment(trial.random);
  const replica = trial.random.pick(service.replicas);
  await replica.end('SIGKILL');
  await moment(trial.random);
  await replica.start();
}

async function killDatabase(trial: Trial, { postgres, replicas }: Deployment): Promise<void> {
  await moment(trial.random);
  await postgres.end(trial.random.pick(['immediate', 'kill -9']));
  await moment(trial.random);
  await postgres.start();
  await Promise.all(replicas.map((replica) => replica.ready()));
}

async function killBoth(trial: Trial, { postgres, replicas }: Deployment): Promise<void> {
  await moment(trial.random);
  const replica = trial.random.pick(replicas);
  await Promise.all([replica.end('SIGKILL'), postgres.end(trial.random.pick(['immediate', 'kill -9']))]);
  await moment(trial.random);
  // A replica waits for its database, so their order does not matter.
  await Promise.all([replica.start(), postgres.start()]);
  await Promise.all(replicas.map((each) => each.ready()));
}

/** What a hook is written with in one go; if one of them differs from the others, a write was halved. */
function marks(mark: string): object {
  return { description: mark, arguments: [mark], metadata: { labels: [{ name: 'mark', value: mark }] } };
}

interface Marked {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly string[];
  readonly metadata: { readonly labels: readonly { readonly value: string }[] };
}

/** What a writer knows of one hook. */
interface Written {
  /** Of the acknowledged POST; undefined while it was not acknowledged. */
  id: string | undefined;
  /** The last mark that was acknowledged, and those sent since then, each of which may have been stored or not. */
  acknowledged: string | undefined;
  open: string[];
  deleted: 'no' | 'perhaps' | 'yes';
}

/** Makes hooks of unique names, changes some of them and deletes some. */
class Writer {
  readonly hooks = new Map<string, Written>();
  acknowledged = 0;
  private last: Written | undefined;

  constructor(
    private readonly trial: Trial,
    private readonly service: Deployment,
    private readonly random: Random,
    private readonly index: number,
  ) {}

  async until(signal: AbortSignal): Promise<void> {
    for (let turn = 1; !signal.aborted; turn++) {
      const mark = `${this.index}-${turn}`;
      const choice = this.random.fraction();
      if (this.last === undefined || choice < 0.5) await this.make(mark);
      else if (choice < 0.85) await this.change(this.last, mark);
      else await this.delete(this.last);
    }
  }

  private async make(mark: string): Promise<void> {
    const written: Written = { id: undefined, acknowledged: undefined, open: [mark], deleted: 'no' };
    const name = `hook ${mark}`;
    this.hooks.set(name, written);
    const answer = await this.send('POST', HOOKS, this.service.hook({ name, ...marks(mark) }));
    if (answer?.status !== 201) return;
    written.id = (JSON.parse(answer.text) as Marked).id;
    written.acknowledged = mark;
    written.open = [];
    this.last = written;
    this.acknowledged += 1;
  }

  private async change(written: Written, mark: string): Promise<void> {
    written.open.push(mark);
    const body = { type: 'application/astra-executionHook', version: '1.2', ...marks(mark) };
    const answer = await this.send('PUT', `${HOOKS}/${written.id ?? ''}`, body);
    if (answer?.status !== 204) return;
    written.acknowledged = mark;
    written.open = [];
    this.acknowledged += 1;
  }

  private async delete(written: Written): Promise<void> {
    this.last = undefined;
    written.deleted = 'perhaps';
    const answer = await this.send('DELETE', `${HOOKS}/${written.id ?? ''}`);
    if (answer?.status !== 204) return;
    written.deleted = 'yes';
    this.acknowledged += 1;
  }

  /** @returns the answer; undefined when there was none, or none but that it cannot be done now */
  private async send(method: string, path: string, body?: object): Promise<Answer | undefined> {
    return attempt(this.trial, this.service, this.random.pick(this.service.replicas), method, path, body);
  }
}

/** @returns the answer where it is a success; any other one than 503 breaks the promise */
async function attempt(
  trial: Trial,
  service: Deployment,
  replica: Replica,
  method: string,
  path: string,
  body?: object,
): Promise<Answer | undefined> {
  let answer: Answer;
  try {
    answer = await service.send(replica, method, path, body === undefined ? {} : { body });
  } catch {
    // Killed under it, or not yet back.
    await sleep(20);
    return undefined;
  }
  if (answer.status < 300) return answer;
  trial.expect(answer.status === 503, `${method} ${path}: ${answer.status} ${answer.text}`);
  await sleep(20);
  return undefined;
}

/** Replaces an inventory again and again, each time with pods that all say the same number. */
class InventoryWriter {
  acknowledged = 0;
  sent = 0;

  constructor(
    private readonly trial: Trial,
    private readonly service: Deployment,
  ) {}

  async until(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.sent += 1;
      const { sent } = this;
      const pods = Array.from({ length: PODS }, (_, index) => ({
        name: `pod-${index}`,
        labels: { snapshot: String(sent) },
        containers: { main: 'registry.example/main:1' },
      }));
      const path = `/k8s/v1/apps/${this.service.references.appID}/inventory`;
      const answer = await attempt(
        this.trial,
        this.service,
        this.service.replica(sent % 2),
        'PUT',
        path,
        podList(pods),
      );
      if (answer !== undefined) this.acknowledged = sent;
      await sleep(50);
    }
  }
}

async function check(
  trial: Trial,
  service: Deployment,
  writers: readonly Writer[],
  inventory: InventoryWriter,
): Promise<void> {
  const stored = await service.items<Marked>(HOOKS);
  const byName = new Map(stored.map((hook) => [hook.name, hook]));
  trial.expect(byName.size === stored.length, `${stored.length - byName.size} hooks are there twice`);
  let open = 0;
  for (const { hooks } of writers) {
    for (const [name, written] of hooks) {
      const hook = byName.get(name);
      byName.delete(name);
      if (written.acknowledged === undefined || written.deleted === 'perhaps' || written.open.length > 0) open += 1;
      for (const violation of violations(hook, written)) trial.expect(false, `${name}: ${violation}`);
    }
  }
  trial.expect(byName.size === 0, `${byName.size} hooks are there that no client has written`);
  const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0);
  trial.saw(`${acknowledged} acknowledged writes of hooks, ${open} hooks with a write that got no answer`);

  const containers = await service.items<{ readonly podLabels: readonly { readonly value: string }[] }>(
    `/k8s/v1/apps/${service.references.appID}/inventory`,
  );
  const snapshots = new Set(containers.map(({ podLabels }) => Number(podLabels[0]?.value)));
  const [snapshot = 0] = snapshots;
  trial.expect(snapshots.size === 1 && containers.length === PODS, 'the inventory is a mix of two snapshots');
  trial.expect(snapshot >= inventory.acknowledged, `inventory ${inventory.acknowledged} was lost for ${snapshot}`);
  trial.saw(`${inventory.sent} inventories`);
  await until('the database is at rest', RECOVERY_LIMIT_MS, async () => (await service.postgres.busySessions()) === 0);
}

function violations(hook: Marked | undefined, { id, acknowledged, open, deleted }: Written): string[] {
  if (hook === undefined) return acknowledged !== undefined && deleted === 'no' ? ['an acknowledged hook is lost'] : [];
  const mark = hook.description;
  const isWhole = hook.arguments[0] === mark && hook.metadata.labels[0]?.value === mark;
  return [
    ...(deleted === 'yes' ? ['an acknowledged deletion is lost'] : []),
    ...(id !== undefined && hook.id !== id ? [`it is another hook, ${hook.id} instead of ${id}`] : []),
    ...(isWhole ? [] : [`a write is half there: ${JSON.stringify(hook)}`]),
    ...(mark === acknowledged || open.includes(mark) ? [] : [`an acknowledged change is lost: ${mark}`]),
  ];
}
