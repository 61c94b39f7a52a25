import type { OidcIssuer } from './oidc-issuer.js';
import { SettingsReader } from './settings-reader.js';
import type { TlsSettings } from './tls-settings.js';

/** The least severe level that is logged, in Fastify's terms. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/**
 * The environment as one frozen object. It is a class so that Nest can inject it by type; `readSettings` makes it, and
 * `settings-table.ts` holds each value's meaning, default and bounds. It holds secrets: never log it as a whole.
 */
export class Settings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  /** Undefined: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly databasePoolWaitMs: number;
  readonly databaseStatementTimeoutMs: number;
  readonly databaseLockTimeoutMs: number;
  readonly databaseStartTimeoutMs: number;
  readonly databasePreparedStatements: boolean;
  readonly matchingTimeoutMs: number;
  /** No slash at the end. Undefined: made from each request. */
  readonly publicUrl: string | undefined;
  /** '' or `/segment…` without a slash at the end. */
  readonly basePath: string;
  /** For Fastify's option of that name: trusted addresses and networks, or false for none. */
  readonly trustProxy: readonly string[] | false;
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  readonly hookNameScope: 'account' | 'app';
  readonly logLevel: LogLevel;
  /** Undefined: on the port of the API. 0 takes any free port. */
  readonly metricsPort: number | undefined;
  /** Where traces are sent, `/v1/traces` included. Undefined: nowhere. */
  readonly otlpTracesUrl: string | undefined;
  readonly oidcIssuers: readonly OidcIssuer[];
  /** Undefined: no other origin. */
  readonly corsOrigins: readonly string[] | '*' | undefined;
  /** Of one address in a minute; 0 for any number. */
  readonly failedAuthenticationLimit: number;
  readonly bodyLimitBytes: number;
  /** Counted after decompression. */
  readonly inventoryBodyLimitBytes: number;
  readonly inventoryCacheBytes: number;
  readonly ingestsPerAccount: number;
  readonly listsPerAccount: number;
  readonly shutdownDelayMs: number;
  readonly shutdownTimeoutMs: number;
  /** Whether an empty embedded database is filled with the demo; never true with `databaseUrl`. */
  readonly demo: boolean;

  /** @throws {SettingsError} naming every bad variable */
  constructor(reader: SettingsReader) {
    this.host = reader.read('HOST');
    this.port = reader.read('PORT');
    this.dataDir = reader.read('DATA_DIR');
    this.databaseUrl = reader.read('DATABASE_URL');
    this.databasePoolSize = reader.read('DATABASE_POOL_SIZE');
    this.databasePoolWaitMs = reader.read('DATABASE_POOL_WAIT_MS');
    this.databaseStatementTimeoutMs = reader.read('DATABASE_STATEMENT_TIMEOUT_MS');
    this.databaseLockTimeoutMs = reader.read('DATABASE_LOCK_TIMEOUT_MS');
    this.databaseStartTimeoutMs = reader.read('DATABASE_START_TIMEOUT_MS');
    this.databasePreparedStatements = reader.read('DATABASE_PREPARED_STATEMENTS');
    this.matchingTimeoutMs = reader.read('MATCHING_TIMEOUT_MS');
    this.publicUrl = reader.read('PUBLIC_URL');
    this.basePath = reader.read('BASE_PATH') ?? '';
    this.trustProxy = reader.read('TRUST_PROXY') ?? false;
    this.tls = reader.tls();
    this.hookNameScope = reader.read('HOOK_NAME_SCOPE');
    this.metricsPort = reader.read('METRICS_PORT');
    this.logLevel = reader.read('LOG_LEVEL');
    this.otlpTracesUrl = reader.otlpTracesUrl();
    this.oidcIssuers = reader.read('OIDC_ISSUERS') ?? [];
    this.corsOrigins = reader.read('CORS_ORIGINS');
    this.failedAuthenticationLimit = reader.read('FAILED_AUTHENTICATION_LIMIT');
    this.bodyLimitBytes = reader.read('BODY_LIMIT_BYTES');
    this.inventoryBodyLimitBytes = reader.read('INVENTORY_BODY_LIMIT_BYTES');
    this.inventoryCacheBytes = reader.read('INVENTORY_CACHE_BYTES');
    this.ingestsPerAccount = reader.read('INGESTS_PER_ACCOUNT');
    this.listsPerAccount = reader.read('LISTS_PER_ACCOUNT');
    this.shutdownDelayMs = reader.read('SHUTDOWN_DELAY_MS');
    this.shutdownTimeoutMs = reader.read('SHUTDOWN_TIMEOUT_MS');
    this.demo = reader.demo();
    reader.finish();
    if (this.trustProxy !== false) Object.freeze(this.trustProxy);
    Object.freeze(this.tls);
    Object.freeze(this);
  }
}

/**
 * Reads the environment once. Variables that the table does not name are ignored.
 *
 * @throws {SettingsError} naming every bad variable, not only the first
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return new Settings(new SettingsReader(env));
}
