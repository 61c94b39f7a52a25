import { setTimeout as sleep } from 'node:timers/promises';
import { Deployment } from './deployment.js';
import { HttpClient } from './http-client.js';
import { Nginx } from './nginx.js';
import { until } from './patience.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const CLIENTS = 12;
const FOLLOW_LIMIT_MS = 30_000;
/** Long enough for nginx to hear of it and to finish what it had sent. */
const SHUTDOWN_DELAY_MS = 2_000;

/** One replica after the other is stopped and started while clients go on. */
export const rollingRestart: Proof = {
  name: 'rolling-restart',
  promise: 'a rolling restart of two replicas behind nginx fails no request',
  rounds: 10,
  unit: 'times both are restarted',
  async run(trial) {
    const service = await Deployment.start(trial, { env: { SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS) } });
    const hook = await service.create(HOOKS, service.hook({ name: 'kept' }));
    const nginx = await Nginx.start(trial, service.replicas);
    const stop = new AbortController();
    const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(trial, service, nginx.url, hook, index));
    const working = Promise.all(clients.map((client) => client.until(stop.signal)));
    try {
      for (let round = 1; round <= trial.rounds; round++) {
        for (const replica of service.replicas) {
          await sleep(trial.random.integer(100, 1_000));
          const status = await replica.end('SIGTERM');
          trial.expect(status === 0, `a replica ended with status ${String(status)}`);
          await replica.start();
          await until('nginx sends requests to the replica', FOLLOW_LIMIT_MS, () => nginx.servesFrom(replica));
        }
        trial.say(`round ${round}: ${clients.reduce((sum, { served }) => sum + served, 0)} requests served so far`);
      }
    } finally {
      stop.abort();
      await working;
    }
    const served = clients.reduce((sum, client) => sum + client.served, 0);
    const failed = clients.reduce((sum, client) => sum + client.failed, 0);
    trial.saw(`${trial.rounds * service.replicas.length} restarts, ${served} requests served, ${failed} failed`);
  },
};

/** Reads, lists, makes and changes hooks, each request on a connection of its own: nginx ends kept ones at a reload. */
class Client {
  served = 0;
  failed = 0;
  private readonly http: HttpClient;
  private made = '';

  constructor(
    private readonly trial: Trial,
    private readonly service: Deployment,
    url: string,
    private readonly hook: string,
    private readonly index: number,
  ) {
    this.http = new HttpClient(url, false);
    this.made = hook;
  }

  async until(signal: AbortSignal): Promise<void> {
    for (let turn = 0; !signal.aborted; turn++) {
      switch (turn % 4) {
        case 0:
          await this.send(200, 'GET', `${HOOKS}/${this.hook}`);
          break;
        case 1:
          await this.send(200, 'GET', HOOKS + '?limit=200');
          break;
        case 2: {
          const text = await this.send(201, 'POST', HOOKS, this.service.hook({ name: `hook ${this.index}-${turn}` }));
          if (text !== undefined) this.made = (JSON.parse(text) as { readonly id: string }).id;
          break;
        }
        default:
          await this.send(204, 'PUT', `${HOOKS}/${this.made}`, {
            type: 'application/astra-executionHook',
            version: '1.2',
            description: `turn ${turn}`,
          });
      }
      await sleep(20);
    }
  }

  /** @returns the text of the answer; undefined when it was another one than expected */
  private async send(status: number, method: string, path: string, body?: object): Promise<string | undefined> {
    const headers = { authorization: `Bearer ${this.service.token}` };
    try {
      const answer = await this.http.send(method, this.service.path(path), {
        headers,
        ...(body === undefined ? {} : { body }),
      });
      if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`);
      this.served += 1;
      return answer.text;
    } catch (error) {
      this.failed += 1;
      this.trial.expect(false, `${method} ${path}: ${String(error)}`);
      return undefined;
    }
  }
}
