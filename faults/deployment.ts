import { join } from 'node:path';
import { createAccount } from '../src/features/accounts/new-account.js';
import { openDatabase } from '../src/database/open-database.js';
import type { Answer } from '../test/support/conformance.js';
import { type Fields, hookBody, SCRIPT, appBody, hookSourceBody } from '../test/support/resources.js';
import { freePort } from './free-port.js';
import { HttpClient, type Sent } from './http-client.js';
import { PostgresServer } from './postgres-server.js';
import { Replica } from './replica.js';
import type { Trial } from './trial.js';

/** How a deployment differs from two replicas with the defaults. */
export interface DeploymentOptions {
  readonly replicas?: number;
  /** Settings of each replica. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the database server. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** Where the database server keeps its data; in the trial's folder when left out. */
  readonly dataDirectory?: string;
  /** Where the database server keeps its write-ahead log, when not with the data. */
  readonly logDirectory?: string;
}

/** Replicas of the built service on a PostgreSQL of their own, with an account, an app and a hook source to write with. */
export class Deployment {
  private readonly kept = new Map<string, HttpClient>();

  private constructor(
    readonly postgres: PostgresServer,
    readonly replicas: readonly Replica[],
    readonly accountID: string,
    readonly token: string,
    readonly references: { readonly appID: string; readonly hookSourceID: string },
  ) {}

  /** Starts it; everything is stopped at the end of the trial. */
  static async start(trial: Trial, options: DeploymentOptions = {}): Promise<Deployment> {
    const directory = options.dataDirectory ?? (await trial.folder('database'));
    const postgres = await PostgresServer.start(directory, options.postgres, options.logDirectory);
    trial.atEnd(() => postgres.end('immediate'));
    const replicas: Replica[] = [];
    for (let index = 0; index < (options.replicas ?? 2); index++) {
      const log = join(trial.directory, `replica-${index}.log`);
      const replica = new Replica(await freePort(), { DATABASE_URL: postgres.url, ...options.env }, log);
      trial.atEnd(() => replica.end('SIGKILL'));
      replicas.push(replica);
    }
    await Promise.all(replicas.map((replica) => replica.start()));
    const { accountID, token } = await firstAccount(postgres.url);
    const maker = new Deployment(postgres, replicas, accountID, token, { appID: '', hookSourceID: '' });
    trial.atEnd(() => {
      maker.close();
      return Promise.resolve();
    });
    const deployment = new Deployment(postgres, replicas, accountID, token, {
      appID: await maker.create('/k8s/v2/apps', appBody()),
      hookSourceID: await maker.create('/core/v1/hookSources', hookSourceBody({ source: SCRIPT })),
    });
    trial.atEnd(() => {
      deployment.close();
      return Promise.resolve();
    });
    return deployment;
  }

  /** One of the replicas. @throws RangeError when there is none of this number */
  replica(index: number): Replica {
    const replica = this.replicas[index];
    if (replica === undefined) throw new RangeError(`There is no replica ${index}.`);
    return replica;
  }

  /** Path below the account. */
  path(path: string): string {
    return `/accounts/${this.accountID}${path}`;
  }

  /** A request below the account, with the owner's token, to a replica or whatever else serves at the URL. */
  send(at: { readonly url: string }, method: string, path: string, sent: Sent = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, ...sent.headers };
    return this.sendAsIs(at, method, this.path(path), { ...sent, headers });
  }

  /** A request without a token. */
  sendAsIs({ url }: { readonly url: string }, method: string, path: string, sent: Sent = {}): Promise<Answer> {
    let client = this.kept.get(url);
    if (client === undefined) {
      client = new HttpClient(url, true);
      this.kept.set(url, client);
    }
    return client.send(method, path, sent);
  }

  /** The body of a POST of a hook in the deployment's app. */
  hook(fields: Fields): Fields {
    return hookBody(this.references, fields);
  }

  /** Makes a resource at the first replica. @returns its id @throws Error when that fails */
  async create(path: string, body: object): Promise<string> {
    const answer = await this.send(this.replica(0), 'POST', path, { body });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return (JSON.parse(answer.text) as { readonly id: string }).id;
  }

  /** The items of a collection, all of them, from the first replica. @throws Error when it cannot be read */
  async items<Item>(path: string): Promise<Item[]> {
    const answer = await this.send(this.replica(0), 'GET', path);
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
    return (JSON.parse(answer.text) as { readonly items: Item[] }).items;
  }

  /** Ends the connections that are kept. */
  close(): void {
    for (const client of this.kept.values()) client.close();
  }
}

async function firstAccount(url: string): Promise<{ readonly accountID: string; readonly token: string }> {
  const database = await openDatabase(
    {
      url,
      poolSize: 1,
      statementTimeoutMs: 30_000,
      lockTimeoutMs: 30_000,
      idleInTransactionTimeoutMs: 30_000,
      connectionTimeoutMs: 30_000,
      applicationName: 'fault test',
    },
    () => undefined,
  );
  try {
    return await database.transaction((transaction) =>
      createAccount(transaction, { name: 'Faults', ownerEmail: 'owner@faults.example' }),
    );
  } finally {
    await database.onApplicationShutdown();
  }
}
