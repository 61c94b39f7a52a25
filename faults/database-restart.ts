import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../test/support/conformance.js';
import { Deployment } from './deployment.js';
import type { Ending } from './postgres-server.js';
import type { Replica } from './replica.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const CLIENTS = 12;
/** How soon after its database a replica must serve again, in milliseconds. */
const RECOVERY_LIMIT_MS = 5_000;
const ENDINGS: readonly Ending[] = ['fast', 'immediate', 'kill -9'];

/** The database goes away under load and comes back; the service stays. */
export const databaseRestart: Proof = {
  name: 'database-restart',
  promise: 'without its database the process lives and answers 503; it serves again within 5 s of the database',
  rounds: 9,
  unit: 'restarts',
  async run(trial) {
    const service = await Deployment.start(trial);
    const hook = await service.create(HOOKS, service.hook({ name: 'kept' }));
    const pids = service.replicas.map(({ pid }) => pid);
    const stop = new AbortController();
    const clients = Array.from(
      { length: CLIENTS },
      (_, index) => new Client(trial, service, service.replica(index % 2), hook, index),
    );
    const working = Promise.all(clients.map((client) => client.until(stop.signal)));
    const recoveries: number[] = [];
    try {
      for (let round = 0; round < trial.rounds; round++) {
        await sleep(trial.random.integer(500, 1_500));
        const recovery = await restart(trial, service, clients, ENDINGS[round % ENDINGS.length] ?? 'fast');
        recoveries.push(recovery);
      }
    } finally {
      stop.abort();
      await working;
    }
    const same = service.replicas.every(({ pid }, index) => pid !== undefined && pid === pids[index]);
    trial.expect(same, 'a replica ended');
    const slowest = Math.max(...recoveries);
    trial.saw(`all clients served again within ${slowest.toFixed(0)} ms of the database`);
    trial.expect(slowest <= RECOVERY_LIMIT_MS, 'a replica took longer than 5 s');
    const count = (status: number): number => clients.reduce((sum, { seen }) => sum + (seen.get(status) ?? 0), 0);
    trial.saw(`${count(200) + count(201)} successes, ${count(503)} answers of 503`);
    trial.expect(count(503) > 0, 'no client was answered 503');
    const slow = Math.max(...clients.map(({ longestMs }) => longestMs));
    trial.saw(`longest wait for an answer ${slow.toFixed(0)} ms`);
  },
};

/** @returns how long after the database (milliseconds) the last client was served again */
async function restart(
  trial: Trial,
  { postgres, replicas }: Deployment,
  clients: readonly Client[],
  ending: Ending,
): Promise<number> {
  await postgres.end(ending);
  await sleep(trial.random.integer(1_000, 3_000));
  for (const replica of replicas) await checkProbes(trial, replica);
  await postgres.start();
  const back = Date.now();
  const served = clients.map((client) => client.nextSuccess());
  const times = (await Promise.all(served)).map((time) => time - back);
  const slowest = Math.max(...times);
  // What was going on when it came back may still fail; afterwards nothing may.
  const settled = back + RECOVERY_LIMIT_MS;
  await sleep(Math.max(0, settled - Date.now()));
  const before = clients.reduce((sum, { seen }) => sum + (seen.get(503) ?? 0), 0);
  await sleep(500);
  const after = clients.reduce((sum, { seen }) => sum + (seen.get(503) ?? 0), 0);
  trial.expect(after === before, `${after - before} answers of 503 more than 5 s after the database`);
  trial.say(`${ending}: served again after ${slowest} ms`);
  return slowest;
}

/** Alive and not ready: a platform takes it out of service and does not restart it. */
async function checkProbes(trial: Trial, replica: Replica): Promise<void> {
  const [alive, ready] = await Promise.all(['healthz', 'readyz'].map((path) => fetch(`${replica.url}/${path}`)));
  trial.expect(alive?.status === 200, `/healthz answered ${alive?.status ?? 0}`);
  trial.expect(ready?.status === 503, `/readyz answered ${ready?.status ?? 0}`);
}

/** Reads, lists and makes hooks, one request after the other. */
class Client {
  readonly seen = new Map<number, number>();
  longestMs = 0;
  private turn = 0;
  private waiting: (time: number) => void = () => undefined;

  constructor(
    private readonly trial: Trial,
    private readonly service: Deployment,
    private readonly replica: Replica,
    private readonly hook: string,
    private readonly index: number,
  ) {}

  /** The time of the next request that is sent from now on and succeeds. */
  nextSuccess(): Promise<number> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  async until(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const start = Date.now();
      const { waiting } = this;
      const answer = await this.next();
      this.longestMs = Math.max(this.longestMs, Date.now() - start);
      if (answer === undefined) continue;
      this.seen.set(answer.status, (this.seen.get(answer.status) ?? 0) + 1);
      if (answer.status < 300) waiting(Date.now());
      else this.check(answer);
      // So that a client of a service that refuses everything at once is not all that runs.
      await sleep(answer.status < 300 ? 5 : 25);
    }
  }

  private async next(): Promise<Answer | undefined> {
    this.turn += 1;
    try {
      switch (this.turn % 3) {
        case 0:
          return await this.service.send(this.replica, 'GET', `${HOOKS}/${this.hook}`);
        case 1:
          return await this.service.send(this.replica, 'GET', `${HOOKS}?limit=10&count=true`);
        default:
          return await this.service.send(this.replica, 'POST', HOOKS, {
            body: this.service.hook({ name: `hook ${this.index}-${this.turn}` }),
          });
      }
    } catch (error) {
      this.trial.expect(false, `no answer: ${String(error)}`);
      return undefined;
    }
  }

  private check({ status, headers, text }: Answer): void {
    const isProblem = /problems\/(24|41)"/.test(text) && headers['content-type'] === 'application/problem+json';
    this.trial.expect(status === 503 && isProblem, `answered ${status} ${text}`);
  }
}
