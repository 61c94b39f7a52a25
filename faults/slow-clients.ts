import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deployment } from './deployment.js';
import { until } from './patience.js';
import type { Replica } from './replica.js';
import { SlowClient, type SlowRequest } from './slow-client.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const SLOW_CLIENTS = 200;
const ABORTED = 200;
/** Hooks of some three kilobytes each: a list that fits into no buffer on the way. */
const LISTED = 10_000;
const OTHERS = 4;
/**
 * Some 50 MiB are in use, with slow clients as without. Without a limit near that V8 lets the heap of any load grow to
 * three times as much before it collects what is garbage, and what is held by somebody could hide in that.
 */
const HEAP_MIB = 96;
/** More than without slow clients: the buffers of 200 connections and four lists. */
const MOST_MORE_MIB = 32;
/** For 99 of 100 answers: so many times as long as without slow clients, whose requests take processor time too. */
const MOST_TIMES_THE_WAIT = 4;
/** Below that no client has to wait. */
const SHORT_WAIT_MS = 250;
const REST_LIMIT_MS = 90_000;

/** Clients that take their time, and clients that leave in the middle. */
export const slowClients: Proof = {
  name: 'slow-clients',
  promise: `${SLOW_CLIENTS} clients at a byte a second and ${ABORTED} that break off cost others nothing and leave nothing`,
  rounds: 120,
  unit: 'seconds',
  async run(trial) {
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` };
    const service = await Deployment.start(trial, { replicas: 1, env });
    const replica = service.replica(0);
    await makeHooks(service);
    const watch = new Watch(service, replica);
    await watch.warmUp();
    const before = await watch.during(trial, trial.rounds * 1_000);
    trial.saw(`without slow clients ${before.toString()}`);
    const descriptors = await openDescriptors(replica);
    const slow = Array.from({ length: SLOW_CLIENTS }, (_, index) => {
      return new SlowClient(replica.port, slowRequest(service, index));
    });
    for (const client of slow) client.start();
    const meanwhile = await watch.during(trial, trial.rounds * 1_000);
    const ended = slow.reduce((sum, client) => sum + client.ended, 0);
    for (const client of slow) client.stop();
    trial.saw(
      `with ${SLOW_CLIENTS} for ${trial.rounds} s, of whom the service ended ${ended} connections, ${meanwhile.toString()}`,
    );
    await breakOff(trial, service, replica);
    const more = Math.max(meanwhile.peakMiB, await replica.residentMiB()) - before.peakMiB;
    trial.saw(`at most ${more.toFixed(0)} MiB more than without`);
    trial.expect(more <= MOST_MORE_MIB, `slow clients cost ${more.toFixed(0)} MiB`);
    const longest = Math.max(SHORT_WAIT_MS, MOST_TIMES_THE_WAIT * before.wait(0.99));
    trial.expect(meanwhile.wait(0.99) <= longest, `one in a hundred waited longer than ${longest.toFixed(0)} ms`);
    await requireRest(trial, service, replica, descriptors);
  },
};

/** Copies of one hook, as many as make a long list. */
async function makeHooks(service: Deployment): Promise<void> {
  const body = service.hook({
    name: 'original',
    description: 'x'.repeat(511),
    arguments: Array(16).fill('x'.repeat(127)),
  });
  const id = await service.create(HOOKS, body);
  await service.postgres.execute(`
    INSERT INTO execution_hooks (account_id, id, version, name, name_scope, hook_type, matching_criteria, action, stage,
      hook_source_id, arguments, app_id, enabled, description, labels, created_by)
    SELECT account_id, gen_random_uuid(), version, 'copy ' || n, name_scope, hook_type, matching_criteria, action, stage,
      hook_source_id, arguments, app_id, enabled, description, labels, created_by
    FROM execution_hooks, generate_series(1, ${LISTED}) AS n WHERE id = '${id}'`);
  await service.postgres.execute('ANALYZE');
}

function slowRequest(service: Deployment, index: number): SlowRequest {
  const head = (method: string, path: string, more: string): string =>
    `${method} ${service.path(path)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${service.token}\r\n${more}\r\n`;
  const body = 'Content-Type: application/json\r\nContent-Length: 100000\r\n';
  switch (index % 3) {
    case 0:
      return { head: head('POST', HOOKS, body), body: '{"name": "slow"                    ' };
    case 1:
      return {
        head: head('PUT', `/k8s/v1/apps/${service.references.appID}/inventory`, body),
        body: '{"kind": "PodList", "items": [                    ',
      };
    default:
      return { head: head('GET', HOOKS, '') };
  }
}

/** What was seen for a while. */
class Seen {
  private readonly sorted: readonly number[];

  constructor(
    /** The most memory, in MiB. */
    readonly peakMiB: number,
    waits: readonly number[],
  ) {
    this.sorted = waits.toSorted((left, right) => left - right);
  }

  /** How long this share of the answers took at most, in milliseconds. */
  wait(share: number): number {
    return this.sorted[Math.floor((this.sorted.length - 1) * share)] ?? Number.NaN;
  }

  toString(): string {
    const [half, most, all] = [0.5, 0.99, 1].map((share) => this.wait(share).toFixed(0));
    return (
      `${this.peakMiB.toFixed(0)} MiB at most, ${this.sorted.length} others served: ` +
      `median ${half ?? ''} ms, 99 % within ${most ?? ''} ms, longest ${all ?? ''} ms`
    );
  }
}

/** Clients in a hurry, and how long they wait. */
class Watch {
  private waits: number[] = [];
  private names = 0;

  constructor(
    private readonly service: Deployment,
    private readonly replica: Replica,
  ) {}

  /** So that what every process allocates once is there before anything is measured. */
  async warmUp(): Promise<void> {
    const end = Date.now() + 5_000;
    while (Date.now() < end) await this.ask();
    const list = await this.service.send(this.replica, 'GET', HOOKS);
    if (list.status !== 200) throw new Error(`GET of the list: ${list.status} ${list.text}`);
  }

  async during(trial: Trial, milliseconds: number): Promise<Seen> {
    this.waits = [];
    const end = Date.now() + milliseconds;
    const asking = Array.from({ length: OTHERS }, async () => {
      while (Date.now() < end) {
        const failure = await this.ask();
        trial.expect(failure === undefined, failure ?? '');
        await sleep(50);
      }
    });
    let peak = 0;
    let nextReport = 0;
    while (Date.now() < end) {
      peak = Math.max(peak, await this.replica.residentMiB());
      if (Date.now() > nextReport) trial.say(`${this.waits.length} answers to others; ${peak.toFixed(0)} MiB`);
      if (Date.now() > nextReport) nextReport = Date.now() + 20_000;
      await sleep(1_000);
    }
    await Promise.all(asking);
    return new Seen(peak, this.waits);
  }

  /** A read, a page and a write. @returns what was wrong */
  private async ask(): Promise<string | undefined> {
    this.names += 1;
    const { service, replica } = this;
    for (const [status, method, path, body] of [
      [200, 'GET', `${HOOKS}?limit=20`, undefined],
      [201, 'POST', HOOKS, service.hook({ name: `other ${this.names}` })],
    ] as const) {
      const start = performance.now();
      const answer = await service.send(replica, method, path, body === undefined ? {} : { body });
      this.waits.push(performance.now() - start);
      if (answer.status !== status) return `${method} ${path} answered ${answer.status} ${answer.text}`;
    }
    return undefined;
  }
}

/** Uploads and lists whose client goes away in the middle. */
async function breakOff(trial: Trial, service: Deployment, replica: Replica): Promise<void> {
  for (let turn = 0; turn < ABORTED; turn++) {
    const { head, body } = slowRequest(service, turn);
    const socket = connect({ host: '127.0.0.1', port: replica.port });
    socket.on('error', () => undefined);
    socket.write(head);
    if (body === undefined) await Promise.race([once(socket, 'data'), sleep(1_000)]);
    else {
      socket.write(body.repeat(20));
      await sleep(trial.random.integer(0, 20));
    }
    socket.destroy();
  }
  trial.saw(`${ABORTED} uploads and lists broken off`);
}

/** Sockets and files of the process, where the system tells. */
async function openDescriptors({ pid = 0 }: Replica): Promise<number | undefined> {
  const directory = `/proc/${pid}/fd`;
  return existsSync(directory) ? (await readdir(directory)).length : undefined;
}

async function requireRest(
  trial: Trial,
  service: Deployment,
  replica: Replica,
  before: number | undefined,
): Promise<void> {
  const start = Date.now();
  await until('no session of the database is in a transaction, so no cursor is open', REST_LIMIT_MS, async () => {
    return (await service.postgres.busySessions()) === 0;
  });
  trial.saw(`all database sessions idle ${Date.now() - start} ms after the last client`);
  service.close();
  if (before === undefined) return;
  // Of the pool and of what has just been closed.
  const few = 15;
  await until('the sockets are closed', REST_LIMIT_MS, async () => {
    return ((await openDescriptors(replica)) ?? 0) <= before + few;
  });
  trial.saw(`${before} descriptors before, ${(await openDescriptors(replica)) ?? 0} after`);
}
