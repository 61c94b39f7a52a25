import { committedConformance, type Answer, type Operation } from '../test/support/conformance.js';
import { Deployment } from './deployment.js';
import type { Random } from './random.js';
import { type GeneratedRequest, type KnownResources, RequestGenerator } from './request-generator.js';
import type { Proof } from './trial.js';

/** Resources of one kind that are kept to be named in paths; the older ones are deleted. */
const MOST_KNOWN = 20;
const SHOWN = 20;

/** What creates the resources that a path parameter names. */
const CREATED_BY: Readonly<Record<string, string>> = {
  createAccount: 'account_id',
  createApp: 'app_id',
  createHookSource: 'hookSource_id',
  createExecutionHook: 'executionHook_id',
  createAppExecutionHook: 'executionHook_id',
  createAppExecutionHookOverride: 'executionHookOverride_id',
  createUser: 'user_id',
  createRoleBinding: 'roleBinding_id',
  createUserToken: 'token_id',
};

/** The account that everything else is in must not go, or the rest of the run would be answered 404. */
const OTHER_ACCOUNTS_ONLY = ['deleteAccount', 'replaceAccount'];

/** Requests made up from openapi.json, most of them wrong. */
export const fuzz: Proof = {
  name: 'fuzz',
  promise: 'whatever is sent, no answer is a 5xx and every one is as openapi.json documents it',
  rounds: 20_000,
  unit: 'requests',
  async run(trial) {
    const service = await Deployment.start(trial, { replicas: 1, env: { FAILED_AUTHENTICATION_LIMIT: '0' } });
    const resources = new Resources(trial.random, service);
    await resources.makeNetappHook();
    const conformance = committedConformance();
    const generator = new RequestGenerator(conformance, trial.random, resources, service.token);
    const statuses = new Map<number, number>();
    // Three resources are made for each that is deleted, so that most requests are about one that exists.
    const operations = conformance.operations.flatMap((each) => (each.method === 'post' ? [each, each, each] : [each]));
    const [replica] = service.replicas;
    if (replica === undefined) return;
    let violations = 0;
    const start = Date.now();
    for (let turn = 1; turn <= trial.rounds; turn++) {
      const operation = trial.random.pick(operations);
      const request = resources.aboutOther(operation, generator.next(operation));
      const answer = await send(service, request);
      const found = answer === undefined ? ['there was no answer'] : conformance.violations(answer);
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) found.push(`status ${status}`);
      if (found.length > 0) {
        violations += 1;
        if (violations <= SHOWN) trial.expect(false, `request ${turn}: ${shown(request)}: ${found.join('; ')}`);
      }
      if (answer !== undefined) resources.learn(operation, request, answer);
      if (turn % 1_000 === 0) trial.say(`${turn} requests, ${violations} answers that are not as documented`);
    }
    const rate = (trial.rounds / (Date.now() - start)) * 1_000;
    const counts = [...statuses].toSorted(([left], [right]) => left - right).map(([status, n]) => `${n} × ${status}`);
    trial.saw(`${trial.rounds} requests of ${conformance.operations.length} operations, ${rate.toFixed(0)} a second`);
    trial.saw(counts.join(', '));
    trial.expect(violations === 0, `${violations} answers were not as documented`);
    trial.expect(replica.isRunning, 'the service ended');
    const busy = await service.postgres.busySessions();
    trial.expect(busy === 0, `${busy} sessions of the database are in the middle of something`);
  },
};

async function send(service: Deployment, { method, path, ...sent }: GeneratedRequest): Promise<Answer | undefined> {
  try {
    return await service.sendAsIs(service.replica(0), method, path, sent);
  } catch {
    return undefined;
  }
}

function shown({ method, path, headers, body }: GeneratedRequest): string {
  const { authorization, ...others } = headers ?? {};
  const about = authorization === undefined ? 'no token ' : '';
  return `${method} ${path} ${about}${JSON.stringify(others)} ${String(body).slice(0, 600)}`;
}

/** What has been made so far. */
class Resources implements KnownResources {
  private readonly ids = new Map<string, string[]>();

  constructor(
    private readonly random: Random,
    private readonly service: Deployment,
  ) {
    this.add('hookSource_id', service.references.hookSourceID);
    this.add('app_id', service.references.appID);
  }

  any(parameter: string): string | undefined {
    if (parameter === 'account_id') return this.service.accountID;
    const ids = this.ids.get(parameter) ?? [];
    return ids.length === 0 ? undefined : this.random.pick(ids);
  }

  /** The request, about another account than the one that everything is in where it might harm that. */
  aboutOther({ operation }: Operation, request: GeneratedRequest): GeneratedRequest {
    if (!OTHER_ACCOUNTS_ONLY.includes(operation.operationId ?? '')) return request;
    const [other = 'deadbeef-0000-4000-8000-000000000000'] = this.ids.get('account_id') ?? [];
    return { ...request, path: request.path.replace(this.service.accountID, other) };
  }

  /** Keeps what an answer says that there is. */
  learn({ operation }: Operation, { method, path }: GeneratedRequest, { status, text }: Answer): void {
    if (status === 204 && method === 'DELETE') this.forget(path.split('?', 1)[0]?.split('/').at(-1) ?? '');
    if (status === 200 && text.includes('"continue":')) {
      const [, token = ''] = /"continue":"([^"]*)"/.exec(text) ?? [];
      this.add('continue', token);
    }
    const parameter = CREATED_BY[operation.operationId ?? ''];
    if (status === 201 && parameter !== undefined) {
      this.add(parameter, (JSON.parse(text) as { readonly id: string }).id);
    }
  }

  /** A hook that only the operator can install, for the overrides of apps. */
  async makeNetappHook(): Promise<void> {
    const id = await this.service.create('/core/v1/executionHooks', this.service.hook({}));
    await this.service.postgres.execute(
      `UPDATE execution_hooks SET hook_type = 'netapp', app_id = NULL WHERE id = '${id}'`,
    );
    this.add('netappHook_id', id);
    this.add('executionHook_id', id);
  }

  private forget(id: string): void {
    for (const ids of this.ids.values()) {
      const at = ids.indexOf(id);
      if (at !== -1) ids.splice(at, 1);
    }
  }

  private add(parameter: string, id: string): void {
    const ids = this.ids.get(parameter) ?? [];
    ids.push(id);
    if (ids.length > MOST_KNOWN) ids.splice(this.random.integer(0, ids.length - 2), 1);
    this.ids.set(parameter, ids);
  }
}
