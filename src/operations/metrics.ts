import { createRequire } from 'node:module';
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Database } from '../database/database.js';
import { Admission, BOUNDED_WORK } from './admission.js';
import { Shutdown } from './shutdown.js';

/** Why a request was not let in. */
export type AuthenticationFailure = 'missing' | 'invalid' | 'throttled' | 'disabled';

const { version: VERSION } = createRequire(import.meta.url)('#package') as { readonly version: string };

/** Of all metrics but those of Node itself. */
const PREFIX = 'execution_hooks_';

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WAIT_SECONDS = [0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 1, 5];
const MATCHING_SECONDS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1];
const INGEST_BYTES = [1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
const INGEST_PODS = [10, 100, 1000, 10_000, 100_000, 1_000_000];

/**
 * What the service counts of itself, for Prometheus. No label has a value that a client can make up, and none names an
 * account, a user or a resource.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private requestsInFlight = 0;
  /** Counted by hand: a list asks once for each of its hooks. */
  private readonly cacheAnswers = { hit: 0, miss: 0 };

  private readonly requests = this.histogram(
    'http_request_duration_seconds',
    'Requests by route template and status; `aborted` is one whose answer was not sent to its end.',
    REQUEST_SECONDS,
    ['method', 'route', 'status'],
  );
  private readonly matching = this.histogram(
    'matching_duration_seconds',
    'Matching of the criteria of one hook with an inventory in memory.',
    MATCHING_SECONDS,
  );
  private readonly hooksMatchingNothing = new Counter({
    name: `${PREFIX}hooks_matching_nothing_total`,
    help: 'Hooks in answers whose criteria no container of their app meets.',
    registers: [this.registry],
  });
  private readonly waits = this.histogram(
    'database_wait_seconds',
    'Waits for a database connection of the pool.',
    WAIT_SECONDS,
  );
  private readonly ingestBytes = this.histogram(
    'inventory_ingest_bytes',
    'Size of the inventories taken in, after decompression.',
    INGEST_BYTES,
  );
  private readonly ingestPods = this.histogram(
    'inventory_ingest_pods',
    'Pods kept of the inventories taken in.',
    INGEST_PODS,
  );
  private readonly authenticationFailures = new Counter({
    name: `${PREFIX}authentication_failures_total`,
    help: 'Requests without a token (missing), with a bad one (invalid), held back after too many (throttled), or of a disabled user (disabled).',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  private readonly certificateEnd = new Gauge({
    name: `${PREFIX}certificate_expiry_timestamp_seconds`,
    help: 'When the certificate that is served ends, in seconds since 1970; none where the service speaks plain HTTP.',
    registers: [this.registry],
    collect: () => {
      const end = this.certificateEndsAt?.();
      if (end === undefined) this.certificateEnd.remove({});
      else this.certificateEnd.set(end.getTime() / 1000);
    },
  });
  private certificateEndsAt: (() => Date) | undefined;

  constructor(database: Database, admission: Admission, shutdown: Shutdown) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Always 1: which version of the service this is, and of Node.',
      labelNames: ['version', 'node'],
      registers: [this.registry],
    }).set({ version: VERSION, node: process.version }, 1);
    this.gauge('ready', 'Whether the service is ready, as at `/readyz`: 1 or 0.', () => isReady(database, shutdown));
    for (const reason of ['missing', 'invalid', 'throttled', 'disabled'] as const) {
      this.authenticationFailures.inc({ reason }, 0);
    }
    this.counter(
      'inventory_cache_requests_total',
      'Inventories asked for: hit, found in memory; miss, read from the database.',
      (set) => {
        set(this.cacheAnswers.hit, { result: 'hit' });
        set(this.cacheAnswers.miss, { result: 'miss' });
      },
      ['result'],
    );
    this.gauge('http_requests_in_flight', 'Requests that have no complete answer yet.', () => this.requestsInFlight);
    this.watchDatabase(database);
    for (const work of BOUNDED_WORK) {
      const name = work === 'ingest' ? 'ingests' : 'lists';
      const noun = work === 'ingest' ? 'Inventories' : 'Unpaged lists';
      this.gauge(`${name}_at_work`, `${noun} under way.`, () => admission.usage(work).atWork);
      this.counter(`${name}_refused_total`, `${noun} refused because too many were under way.`, (set) => {
        set(admission.usage(work).refused);
      });
    }
  }

  /** The media type of {@link text}. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** Everything, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** @param endsAt when the certificate ends that is served at the moment */
  servesCertificate(endsAt: () => Date): void {
    this.certificateEndsAt = endsAt;
  }

  requestBegan(): void {
    this.requestsInFlight += 1;
  }

  /** @param route the template, never the path @param status a number, or `aborted` */
  requestEnded(method: string, route: string, status: number | 'aborted', seconds: number): void {
    this.requestsInFlight -= 1;
    this.requests.observe({ method, route, status }, seconds);
  }

  matched(seconds: number): void {
    this.matching.observe(seconds);
  }

  /** A hook was asked for whose criteria no container of its app meets. */
  matchedNothing(): void {
    this.hooksMatchingNothing.inc();
  }

  cacheAsked(result: 'hit' | 'miss'): void {
    this.cacheAnswers[result] += 1;
  }

  ingested(bytes: number, pods: number): void {
    this.ingestBytes.observe(bytes);
    this.ingestPods.observe(pods);
  }

  authenticationFailed(reason: AuthenticationFailure): void {
    this.authenticationFailures.inc({ reason });
  }

  /** A value that is looked up when it is asked for. */
  gauge(name: string, help: string, value: () => number | Promise<number>): void {
    const gauge: Gauge = new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers: [this.registry],
      collect: async () => {
        gauge.set(await value());
      },
    });
  }

  /** A count that is kept elsewhere, and looked up when it is asked for. */
  private counter<Label extends string = never>(
    name: string,
    help: string,
    look: (set: (value: number, labels?: Readonly<Record<Label, string>>) => void) => void,
    labelNames: Label[] = [],
  ): void {
    new Counter<Label>({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        look((value, labels) => {
          if (labels === undefined) this.inc(value);
          else this.inc(labels, value);
        });
      },
    });
  }

  private histogram<Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name: `${PREFIX}${name}`, help, buckets, labelNames, registers: [this.registry] });
  }

  private watchDatabase(database: Database): void {
    let retries = 0;
    let connectionFailures = 0;
    database.observe({
      waited: (seconds) => {
        this.waits.observe(seconds);
      },
      retried: () => {
        retries += 1;
      },
      connectionFailed: () => {
        connectionFailures += 1;
      },
    });
    this.counter('database_retries_total', 'Transactions run again after a conflict.', (set) => {
      set(retries);
    });
    this.counter('database_connection_failures_total', 'Connections that could not be made.', (set) => {
      set(connectionFailures);
    });
    this.gauge('database_connections', 'Open connections of the pool.', () => database.poolUsage().total);
    this.gauge('database_connections_idle', 'Open connections of the pool that nobody uses.', () => {
      return database.poolUsage().idle;
    });
    this.gauge('database_connections_max', 'The most connections that the pool opens.', () => database.poolUsage().max);
    this.gauge(
      'database_waiting',
      'Callers that wait for a connection of the pool.',
      () => database.poolUsage().waiting,
    );
  }
}

async function isReady(database: Database, shutdown: Shutdown): Promise<number> {
  if (shutdown.isStopping) return 0;
  return database.probe.requireReady().then(
    () => 1,
    () => 0,
  );
}
