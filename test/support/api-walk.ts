import type { ExampleObject, MediaTypeObject, RequestBodyObject } from '@nestjs/swagger';
import type { Response } from 'supertest';
import { answerOf, type Conformance, type Operation } from './conformance.js';
import type { TestService } from './service.js';

/** The resources that a request's path names, and the token that may use them. */
export interface Target {
  readonly params: Readonly<Record<string, string>>;
  readonly token: string;
}

/** A request beyond its path; the target's token is sent unless another one, or null for none, is given. */
export interface Sent {
  readonly token?: string | null;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly body?: string | Buffer;
}

/** What a walk needs of a service. */
export interface WalkedService extends Pick<TestService, 'sendBare'> {
  readonly account: Pick<TestService['account'], 'accountID' | 'token'>;
  readonly database: Pick<TestService['database'], 'query'>;
}

type Body = Readonly<Record<string, unknown>>;

/** How a resource for a path parameter is made: by which operation, and of which example of its. */
const MAKERS: Readonly<Record<string, readonly [operationId: string, example?: string]>> = {
  // The app whose inventory keeps the pods of any namespace.
  app_id: ['createApp', 'everything'],
  hookSource_id: ['createHookSource'],
  executionHook_id: ['createExecutionHook'],
  executionHookOverride_id: ['createAppExecutionHookOverride'],
  user_id: ['createUser'],
  roleBinding_id: ['createRoleBinding'],
  token_id: ['createUserToken'],
};

let names = 0;

/** Sends requests to any documented operation, and makes the resources that they are about out of the documented examples. */
export class ApiWalk {
  constructor(
    private readonly service: WalkedService,
    private readonly conformance: Conformance,
  ) {}

  /** @throws Error when there is no operation of this id */
  operation(operationId: string): Operation {
    const found = this.conformance.operations.find(({ operation }) => operation.operationId === operationId);
    if (found === undefined) throw new Error(`There is no operation ${operationId}.`);
    return found;
  }

  /** Makes every resource that the path of an operation names, each of them new but for the account. */
  async target({ path }: Operation): Promise<Target> {
    const { accountID, token } = this.service.account;
    const params: Record<string, string> = { account_id: accountID };
    for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
      if (name === 'cloud_id') params[name] = await this.cloud({ params, token });
      const maker = MAKERS[name];
      if (maker !== undefined) params[name] = await this.create(maker[0], maker[1], { params, token });
      // Only a user with a role in the account can have a token for it.
      if (name === 'user_id') await this.create('createRoleBinding', undefined, { params, token });
    }
    return { params, token };
  }

  /** The id of a resource made of an example of the operation that creates it, the first one when none is named. */
  private async create(operationId: string, example: string | undefined, target: Target): Promise<string> {
    const operation = this.operation(operationId);
    const body = JSON.stringify(await this.body(operation, target, example));
    const answer = await this.send(operation, target, { body });
    if (answer.status !== 201) throw new Error(`${operationId} answered ${answer.status}: ${answer.text}`);
    return (answer.body as { readonly id: string }).id;
  }

  /** The account's cloud, which nobody makes. */
  private async cloud(target: Target): Promise<string> {
    const answer = await this.send(this.operation('listClouds'), target);
    return (answer.body as { readonly items: readonly { readonly id: string }[] }).items[0]?.id ?? '';
  }

  /** A hook that only the operator can install. */
  private async netappHook(target: Target): Promise<string> {
    const id = await this.create('createExecutionHook', undefined, target);
    await this.makeNetapp(id);
    return id;
  }

  /** Makes a hook one that only the operator can install. */
  async makeNetapp(executionHookId: string): Promise<void> {
    await this.service.database.query(
      { text: `UPDATE execution_hooks SET hook_type = 'netapp', app_id = NULL WHERE id = $1` },
      [executionHookId],
    );
  }

  /** The examples of an operation's request body, by name. */
  examples({ operation }: Operation): readonly [name: string, value: Body][] {
    const { requestBody } = operation;
    if (requestBody === undefined) return [];
    const [media] = Object.values(this.conformance.resolve<RequestBodyObject>(requestBody).content);
    return exampleValues(this.conformance, media);
  }

  /** The media types of an operation's request body. */
  requestTypes({ operation }: Operation): string[] {
    const { requestBody } = operation;
    return requestBody === undefined
      ? []
      : Object.keys(this.conformance.resolve<RequestBodyObject>(requestBody).content);
  }

  /** An example of the request body, the first one or one by its name, that refers to resources which exist. */
  async body(operation: Operation, target: Target, name?: string): Promise<Body> {
    const examples = this.examples(operation);
    const [, example] = examples.find(([each]) => name === undefined || each === name) ?? [];
    if (example === undefined) throw new Error(`${operation.operation.operationId ?? ''} has no example.`);
    const { params } = target;
    return {
      ...example,
      ...('name' in example ? { name: `name-${(names += 1)}` } : {}),
      ...('email' in example ? { email: `user-${(names += 1)}@payroll.example` } : {}),
      ...('hookSourceID' in example ? { hookSourceID: await this.create('createHookSource', undefined, target) } : {}),
      ...('executionHookID' in example ? { executionHookID: await this.netappHook(target) } : {}),
      ...('appID' in example ? { appID: params.app_id ?? (await this.create('createApp', undefined, target)) } : {}),
      ...('userID' in example
        ? { userID: params.user_id ?? (await this.create('createUser', undefined, target)) }
        : {}),
    };
  }

  /** Sends one request. */
  async send({ method, path }: Operation, target: Target, sent: Sent = {}): Promise<Response> {
    const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => target.params[name] ?? '');
    const request = this.service.sendBare(
      method as 'get' | 'post' | 'put' | 'delete',
      sent.query === undefined ? filled : `${filled}?${sent.query}`,
    );
    const token = sent.token === undefined ? target.token : sent.token;
    if (token !== null) void request.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(sent.headers ?? {})) void request.set(name, value);
    if (sent.body !== undefined) {
      void request
        .set('content-type', sent.contentType ?? 'application/json')
        .serialize((body: unknown) => body as string);
      void request.send(sent.body as string);
    }
    return request;
  }
}

/** The values of a body's examples, by name. */
function exampleValues(conformance: Conformance, media: MediaTypeObject | undefined): [name: string, value: Body][] {
  return Object.entries(media?.examples ?? {}).map(([name, example]) => [
    name,
    conformance.resolve<ExampleObject>(example).value as Body,
  ]);
}

/** Collects what the answers of one operation were, and in what they were not as documented. */
export class Seen {
  private readonly answers = new Set<string>();
  readonly violations: string[] = [];

  constructor(
    private readonly conformance: Conformance,
    private readonly operation: Operation,
  ) {}

  add(response: Response, expected: number): Response {
    const answer = answerOf(response);
    const about = `${answer.method} ${answer.path}: ${answer.status}`;
    if (answer.status !== expected) this.violations.push(`${about}, expected ${expected}. ${answer.text}`);
    this.violations.push(...this.conformance.violations(answer).map((violation) => `${about}: ${violation}`));
    const { type } = response.body as { type?: unknown };
    this.answers.add(answer.status < 400 ? String(answer.status) : `${answer.status} ${String(type)}`);
    return response;
  }

  /** What is documented and has not been seen: each status of a success, each problem of another status. */
  missing(): string[] {
    return this.documented().filter((answer) => !this.answers.has(answer));
  }

  /** What is documented, each in the form of `400 https://astra.netapp.io/problems/8`. */
  documented(): string[] {
    return Object.keys(this.operation.operation.responses).flatMap((status) => {
      if (Number(status) < 400) return [status];
      const media = this.conformance.response(this.operation, Number(status))?.content?.['application/problem+json'];
      return exampleValues(this.conformance, media).map(([, value]) => `${status} ${String(value.type)}`);
    });
  }
}
