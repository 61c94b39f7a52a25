import request from 'supertest';
import { ApiWalk } from '../test/support/api-walk.js';
import { type Answer, answerOf, committedConformance } from '../test/support/conformance.js';
import { hostileBodies } from '../test/support/hostile-bodies.js';
import { podList } from '../test/support/inventory.js';
import { appBody } from '../test/support/resources.js';
import { Deployment } from './deployment.js';
import type { Proof, Trial } from './trial.js';

const HOOKS = '/core/v1/executionHooks';
const PODS = 2_500;
const CONTAINERS_OF_POD = 4;
const CRITERIA = 10;
/** Of the event loop's processor time: a third of MATCHING_TIMEOUT_MS for the matching, and as much for all else. */
const LONGEST_ANSWER_MS = 20_000;
/** The same while somebody waits: one compilation of the largest program, which contention makes dearer, and a few turns. */
const LONGEST_WAIT_OF_OTHERS_MS = 1_000;
const MOST_GROWTH_MIB = 512;
/** RE2 repeats nothing more often than that. */
const MOST_REPETITIONS = 1_000;

/** Patterns that get larger and harder to match with a number. */
const FAMILIES: Readonly<Record<string, (size: number) => string>> = {
  'every letter there is': (size) => `(?:\\pL|\\pN|\\pS){${size}}$`,
  'the end is guessed': (size) => `(?:a|b|-)*a(?:a|b|-|\\d){${size}}$`,
  'nested repetition': (size) => `(?:(?:(?:a?-?b?){10}){10}){${Math.ceil(size / 100)}}x${size}$`,
  'any text in between': (size) => `${'.*a'.repeat(size)}$`,
  'many alternatives': (size) => Array.from({ length: size * 10 }, (_, index) => `a.*${index}b`).join('|'),
};

/** Patterns, numbers and texts that are meant to cost much or to be stored wrong. */
export const hostileInput: Proof = {
  name: 'hostile-input',
  promise: 'hostile patterns and bodies are refused or answered right, in bounded time and memory',
  rounds: 1,
  unit: 'times everything',
  async run(trial) {
    const service = await Deployment.start(trial, { replicas: 1, env: { BODY_LIMIT_BYTES: '2097152' } });
    for (let round = 1; round <= trial.rounds; round++) {
      await sendPatterns(trial, service, round);
      await sendBodies(trial, service);
    }
    trial.expect(service.replica(0).isRunning, 'the service ended');
  },
};

/** Containers whose names are long and all different, so that no pattern is tested only once. */
function inventory(): object {
  const text = (pod: number, container: number): string =>
    `${(pod * CONTAINERS_OF_POD + container).toString(2).replaceAll('0', 'a').replaceAll('1', 'b')}-`.repeat(14);
  return podList(
    Array.from({ length: PODS }, (_, pod) => ({
      name: text(pod, 0).slice(0, 200),
      labels: { app: text(pod, 0).slice(0, 60) },
      containers: Object.fromEntries(
        Array.from({ length: CONTAINERS_OF_POD }, (_each, container) => [
          `c${container}-${text(pod, container).slice(0, 60)}`,
          `registry.example/${text(pod, container).slice(0, 200)}`,
        ]),
      ),
    })),
  );
}

async function sendPatterns(trial: Trial, service: Deployment, round: number): Promise<void> {
  const replica = service.replica(0);
  const taken = await service.send(replica, 'PUT', `/k8s/v1/apps/${service.references.appID}/inventory`, {
    body: inventory(),
  });
  trial.expect(taken.status === 200, `PUT of the inventory: ${taken.status} ${taken.text}`);
  const ordinary = await service.create(HOOKS, service.hook({ name: `ordinary ${round}` }));
  const emptyApp = await service.create('/k8s/v2/apps', appBody());
  const before = await replica.residentMiB();
  const watch = new Others(service);
  let longest = 0;
  const outcomes: number[] = [];
  for (const [family, pattern] of Object.entries(FAMILIES)) {
    const size = await largest(trial, service, emptyApp, pattern);
    const matchingCriteria = Array.from({ length: CRITERIA }, (_, index) => ({
      type: ['containerImage', 'containerName', 'podName', 'podLabel'][index % 4],
      // Each a program of its own, of almost the same size.
      value: `(?:${pattern(size)})|x${index}y$`,
    }));
    const name = `${family} ${round}`.slice(0, 63);
    const start = performance.now();
    const startOfWork = await replica.eventLoopMs();
    const made = await service.send(replica, 'POST', HOOKS, { body: service.hook({ name, matchingCriteria }) });
    const took = (await replica.eventLoopMs()) - startOfWork;
    longest = Math.max(longest, took);
    outcomes.push(made.status);
    trial.expect(made.status === 201 || isRefused(made), `"${family}": ${made.status} ${made.text.slice(0, 200)}`);
    trial.say(
      `${family}: of size ${size}, ${pattern(size).length} characters: ${made.status} after ${took.toFixed(0)} ms of work, ` +
        `${(performance.now() - start).toFixed(0)} ms by the clock; ${watch.toString()}`,
    );
    const stored = await service.items<{ readonly id: string }>(
      `${HOOKS}?include=id&filter=${encodeURIComponent(`name eq '${name}'`)}`,
    );
    trial.expect(stored.length === (made.status === 201 ? 1 : 0), `"${family}" is stored ${stored.length} times`);
    if (made.status === 201) {
      const { id } = JSON.parse(made.text) as { readonly id: string };
      const answer = await service.send(replica, 'GET', `${HOOKS}/${id}`);
      trial.expect(answer.status === 200, `GET of a hook with "${family}": ${answer.status}`);
      await service.send(replica, 'DELETE', `${HOOKS}/${id}`);
    } else {
      const changed = await service.send(replica, 'PUT', `${HOOKS}/${ordinary}`, {
        body: { type: 'application/astra-executionHook', version: '1.2', matchingCriteria },
      });
      trial.expect(isRefused(changed), `a change to "${family}": ${changed.status}`);
    }
  }
  const { text } = await service.send(replica, 'GET', `${HOOKS}/${ordinary}`);
  trial.expect(text.includes('"matchingCriteria":[]'), `the ordinary hook has become ${text.slice(0, 200)}`);
  await watch.end();
  const growth = (await replica.residentMiB()) - before;
  trial.saw(
    `the largest programs × ${CRITERIA} criteria × ${PODS * CONTAINERS_OF_POD} containers: answered ${outcomes.join(', ')} within ` +
      `${longest.toFixed(0)} ms of work, ${growth.toFixed(0)} MiB more; ${watch.toString()}`,
  );
  trial.expect(longest <= LONGEST_ANSWER_MS, `a hook took ${longest.toFixed(0)} ms of work`);
  trial.expect(watch.longestWork <= LONGEST_WAIT_OF_OTHERS_MS, `others had to wait: ${watch.toString()}`);
  trial.expect(growth <= MOST_GROWTH_MIB, `memory grew by ${growth.toFixed(0)} MiB`);
}

/** Refused for its criteria, by name. */
function isRefused({ status, text }: Answer): boolean {
  return status === 400 && text.includes('problems/9"') && /"matchingCriteria\[\d\]\.value"/.test(text);
}

/** The largest size of a pattern that is accepted; what is not must be a problem 9 that names it. */
async function largest(
  trial: Trial,
  service: Deployment,
  emptyApp: string,
  pattern: (size: number) => string,
): Promise<number> {
  let accepted = 1;
  let refused = MOST_REPETITIONS + 1;
  while (refused - accepted > 1) {
    const size = Math.floor((accepted + refused) / 2);
    const body = {
      ...service.hook({ matchingCriteria: [{ type: 'podName', value: pattern(size) }] }),
      appID: emptyApp,
    };
    const answer = await service.send(service.replica(0), 'POST', HOOKS, { body });
    if (answer.status === 201) {
      accepted = size;
      await service.send(service.replica(0), 'DELETE', `${HOOKS}/${(JSON.parse(answer.text) as { id: string }).id}`);
    } else {
      refused = size;
      const isRefusal = answer.status === 400 && answer.text.includes('matchingCriteria[0].value');
      trial.expect(isRefusal, `a pattern: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
  }
  return accepted;
}

/** Somebody who reads a page again and again meanwhile, and asks whether the service lives. */
class Others {
  /** The longest work of the event loop while it owed an answer that takes none, in milliseconds of processor time. */
  longestWork = 0;
  /** The longest wait for a page, in milliseconds by the clock: a busy machine makes it longer. */
  private longestWait = 0;
  private ended = false;
  private readonly reading: Promise<void>;

  constructor(private readonly service: Deployment) {
    this.reading = this.read();
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.reading;
  }

  toString(): string {
    const [work, wait] = [this.longestWork, this.longestWait].map((each) => each.toFixed(0));
    return `others waited for ${work ?? ''} ms of work at most, by the clock ${wait ?? ''} ms for a page`;
  }

  private async read(): Promise<void> {
    const { service } = this;
    const replica = service.replica(0);
    while (!this.ended) {
      const start = performance.now();
      const { status } = await service.send(replica, 'GET', '/core/v1/hookSources?limit=5');
      if (status !== 200) throw new Error(`GET of the hook sources: ${status}`);
      this.longestWait = Math.max(this.longestWait, performance.now() - start);
      const before = await replica.eventLoopMs();
      await service.sendAsIs(replica, 'GET', '/healthz');
      this.longestWork = Math.max(this.longestWork, (await replica.eventLoopMs()) - before);
    }
  }
}

/** To every operation that takes a body. */
async function sendBodies(trial: Trial, service: Deployment): Promise<void> {
  const conformance = committedConformance();
  const replica = service.replica(0);
  const walk = new ApiWalk(
    {
      account: service,
      database: {
        query: async <Row extends object>({ text }: { readonly text: string }, values: readonly unknown[] = []) => {
          const sql = text.replace(/\$(\d+)/g, (_, index: string) => `'${String(values[Number(index) - 1])}'`);
          return (await service.postgres.execute(sql)) as Row[];
        },
      },
      sendBare: (method, path) => request(replica.url)[method](path),
    },
    conformance,
  );
  const before = await replica.residentMiB();
  let sent = 0;
  let accepted = 0;
  let longest = 0;
  for (const about of conformance.operations.filter(({ operation }) => operation.requestBody !== undefined)) {
    const target = await walk.target(about);
    const body = await walk.body(about, target);
    for (const { kind, bytes } of hostileBodies(body)) {
      const start = performance.now();
      const answer = await walk.send(about, target, { body: bytes }).catch((error: unknown) => {
        throw new Error(`${about.operation.operationId ?? ''}, ${kind}, after ${sent}`, { cause: error });
      });
      longest = Math.max(longest, performance.now() - start);
      sent += 1;
      if (answer.status < 300) accepted += 1;
      const violations = conformance.violations(answerOf(answer));
      const what = `${about.operation.operationId ?? ''}, ${kind}: ${answer.status}`;
      trial.expect(answer.status < 500 && violations.length === 0, `${what} ${violations.join('; ')}`);
    }
  }
  const growth = (await replica.residentMiB()) - before;
  trial.saw(
    `${sent} hostile bodies, ${accepted} of them harmless and accepted: at most ${longest.toFixed(0)} ms, ${growth.toFixed(0)} MiB more`,
  );
  trial.expect(growth <= MOST_GROWTH_MIB, `memory grew by ${growth.toFixed(0)} MiB`);
}
