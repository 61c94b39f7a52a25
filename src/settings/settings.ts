import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { SETTINGS } from './settings-table.js';
import type { TlsSettings } from './tls-settings.js';
import { type ValuesOf, Variables } from './variables.js';

type Environment = ValuesOf<typeof SETTINGS>;

/** The settings by the names that the code has for them; the table has the meaning, default and bounds of each. */
function membersOf(env: Environment, tls: TlsSettings | undefined) {
  return {
    host: env.HOST,
    /** 0 takes any free port. */
    port: env.PORT,
    /** Absolute path. */
    dataDir: env.DATA_DIR,
    /** Undefined: the embedded PostgreSQL in `dataDir`. */
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    databasePoolWaitMs: env.DATABASE_POOL_WAIT_MS,
    databaseStatementTimeoutMs: env.DATABASE_STATEMENT_TIMEOUT_MS,
    databaseLockTimeoutMs: env.DATABASE_LOCK_TIMEOUT_MS,
    databaseStartTimeoutMs: env.DATABASE_START_TIMEOUT_MS,
    databasePreparedStatements: env.DATABASE_PREPARED_STATEMENTS,
    matchingTimeoutMs: env.MATCHING_TIMEOUT_MS,
    /** No slash at the end. Undefined: made from each request. */
    publicUrl: env.PUBLIC_URL,
    /** '' or `/segment…` without a slash at the end. */
    basePath: env.BASE_PATH ?? '',
    /** For Fastify's option of that name: trusted addresses and networks, or false for none. */
    trustProxy: Object.freeze(env.TRUST_PROXY) ?? (false as const),
    /** Undefined: plain HTTP. */
    tls: Object.freeze(tls),
    hookNameScope: env.HOOK_NAME_SCOPE,
    logLevel: env.LOG_LEVEL,
    /** Undefined: on the port of the API. 0 takes any free port. */
    metricsPort: env.METRICS_PORT,
    /** Where traces are sent, `/v1/traces` included. Undefined: nowhere. */
    otlpTracesUrl: otlpTracesUrl(env),
    oidcIssuers: env.OIDC_ISSUERS ?? [],
    /** Undefined: no other origin. */
    corsOrigins: env.CORS_ORIGINS,
    /** Of one address in a minute; 0 for any number. */
    failedAuthenticationLimit: env.FAILED_AUTHENTICATION_LIMIT,
    bodyLimitBytes: env.BODY_LIMIT_BYTES,
    /** Counted after decompression. */
    inventoryBodyLimitBytes: env.INVENTORY_BODY_LIMIT_BYTES,
    inventoryCacheBytes: env.INVENTORY_CACHE_BYTES,
    ingestsPerAccount: env.INGESTS_PER_ACCOUNT,
    listsPerAccount: env.LISTS_PER_ACCOUNT,
    shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_MS,
    /** Whether an empty embedded database is filled with the demo; never true with `databaseUrl`. */
    demo: env.DEMO ?? env.DATABASE_URL === undefined,
  };
}

const Members = Object as unknown as new () => Readonly<ReturnType<typeof membersOf>>;

/**
 * The environment as one frozen object, made by `readSettings`. It is a class so that Nest can inject it by type. It
 * holds secrets: never log it as a whole.
 */
export class Settings extends Members {
  constructor(env: Environment, tls: TlsSettings | undefined) {
    super();
    Object.freeze(Object.assign(this, membersOf(env, tls)));
  }
}

/** The least severe level that is logged, in Fastify's terms. */
export type LogLevel = Settings['logLevel'];

/**
 * Reads the environment once. Variables that the table does not name are ignored.
 *
 * @throws {SettingsError} naming every bad variable, not only the first
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const variables = new Variables(env);
  const values = variables.values(SETTINGS);
  const tls = tlsSettings(variables);
  const { DATABASE_URL, DATABASE_URL_FILE, DEMO } = variables.given;
  if (DEMO === 'true' && (DATABASE_URL ?? DATABASE_URL_FILE) !== undefined) {
    variables.refuse('DEMO', 'false or nothing, because the database is not the embedded one');
  }
  return new Settings(variables.checked(values), tls);
}

/** TLS_CERT_FILE and TLS_KEY_FILE: both or none, readable, and of one pair. */
function tlsSettings(variables: Variables): TlsSettings | undefined {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = variables.given;
  if (certFile !== undefined && keyFile === undefined)
    variables.refuse('TLS_KEY_FILE', 'a path, as TLS_CERT_FILE is set');
  if (keyFile !== undefined && certFile === undefined)
    variables.refuse('TLS_CERT_FILE', 'a path, as TLS_KEY_FILE is set');
  const cert = variables.file('TLS_CERT_FILE');
  const key = variables.file('TLS_KEY_FILE');
  if (certFile === undefined || keyFile === undefined || cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
  } catch {
    variables.refuse(
      'TLS_CERT_FILE',
      'a PEM certificate chain whose private key is in TLS_KEY_FILE, without a passphrase',
    );
  }
  return { certFile: resolve(certFile), keyFile: resolve(keyFile), cert, key };
}

/** OTEL_EXPORTER_OTLP_…, as OpenTelemetry reads them: the endpoint of all signals has a path for each. */
function otlpTracesUrl(values: Environment): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = values;
  if (values.OTEL_SDK_DISABLED) return undefined;
  return traces ?? (all === undefined ? undefined : `${all}/v1/traces`);
}
