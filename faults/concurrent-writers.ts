import { Deployment } from './deployment.js';
import type { Proof, Trial } from './trial.js';

const WRITERS = 50;
const COUNTERS = 20;
const HOOKS = '/core/v1/executionHooks';

interface Hook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Names and updates that many writers want at the same time, on two replicas. */
export const concurrentWriters: Proof = {
  name: 'concurrent-writers',
  promise: `of ${WRITERS} writers of one name on two replicas one wins; no update with If-Match is lost`,
  rounds: 20,
  unit: 'rounds',
  async run(trial) {
    const service = await Deployment.start(trial);
    for (let round = 1; round <= trial.rounds; round++) await raceForName(trial, service, `wanted ${round}`);
    trial.saw(`${trial.rounds} names, ${trial.rounds * WRITERS} writers`);
    for (let round = 1; round <= trial.rounds; round++) await countTogether(trial, service, `counter ${round}`);
    const updates = trial.rounds * COUNTERS;
    trial.saw(`${updates} updates of ${trial.rounds} hooks`);
  },
};

function ofAll<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

async function raceForName(trial: Trial, service: Deployment, name: string): Promise<void> {
  const answers = await ofAll(WRITERS, (index) => {
    const path = index % 4 < 2 ? HOOKS : `/k8s/v1/apps/${service.references.appID}/executionHooks`;
    return service.send(service.replica(index % 2), 'POST', path, { body: service.hook({ name }) });
  });
  const made = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status, text }) => status === 409 && text.includes('problems/10"'));
  trial.expect(made.length === 1, `"${name}" was made ${made.length} times`);
  const others = answers.length - made.length - refused.length;
  trial.expect(others === 0, `${others} writers of "${name}" were answered neither 201 nor 409, problem 10`);
  const stored = await service.items<Hook>(`${HOOKS}?filter=${encodeURIComponent(`name eq '${name}'`)}`);
  trial.expect(stored.length === 1, `"${name}" is stored ${stored.length} times`);
}

async function countTogether(trial: Trial, service: Deployment, name: string): Promise<void> {
  const id = await service.create(HOOKS, service.hook({ name, description: '0' }));
  const path = `${HOOKS}/${id}`;
  await ofAll(COUNTERS, async (index) => {
    const replica = service.replica(index % 2);
    for (;;) {
      const read = await service.send(replica, 'GET', path);
      const description = String(Number((JSON.parse(read.text) as Hook).description) + 1);
      const { status, text } = await service.send(replica, 'PUT', path, {
        headers: { 'if-match': read.headers.etag ?? '' },
        body: { type: 'application/astra-executionHook', version: '1.2', description },
      });
      if (status === 204) return;
      if (status !== 412) throw new Error(`PUT with If-Match: ${status} ${text}`);
    }
  });
  const { text } = await service.send(service.replica(0), 'GET', path);
  const counted = (JSON.parse(text) as Hook).description;
  trial.expect(counted === String(COUNTERS), `${COUNTERS} updates made ${counted}`);
}
