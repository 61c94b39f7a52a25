import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { SettingsError } from './settings-error.js';
import { ENVIRONMENT, type SettingName, SECRETS, SETTINGS } from './settings-table.js';
import { isTlsPair, type TlsSettings } from './tls-settings.js';

/** Every variable's value, under the variable's name. */
type Environment = v.InferOutput<typeof ENVIRONMENT>;

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

type Texts = Readonly<Record<string, string | undefined>>;
/** Notes a bad variable; the first thing that is wrong with it is what the operator is told. */
type Refuse = (variable: string, expected: string) => void;

/**
 * Reads the environment once. Variables that the table does not name are ignored.
 *
 * @throws {SettingsError} naming every bad variable, not only the first
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const bad = new Map<string, string>();
  const refuse: Refuse = (variable, expected) => {
    if (!bad.has(variable)) bad.set(variable, expected);
  };
  // An empty variable counts as not set: that is what `${NAME:-}` of a compose file or shell leaves.
  const given: Texts = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''));
  const values = parse(given, refuse);
  const tls = tlsSettings(given, refuse);
  const ownDatabase = given.DATABASE_URL !== undefined || given.DATABASE_URL_FILE !== undefined;
  if (given.DEMO === 'true' && ownDatabase) {
    refuse('DEMO', 'false or nothing, because the database is not the embedded one');
  }
  if (values === undefined || bad.size > 0) {
    throw new SettingsError(Array.from(bad, ([name, expected]) => ({ name, expected })));
  }
  return new Settings(values, tls);
}

/** Parses every variable, those secrets included that files hold. */
function parse(given: Texts, refuse: Refuse): Environment | undefined {
  const fromFiles = secretsInFiles(given, refuse);
  // A check without a message of its own says nothing: the library's messages repeat the value.
  const silent = { abortPipeEarly: true, message: '' };
  const { success, output, issues = [] } = v.safeParse(ENVIRONMENT, { ...given, ...fromFiles }, silent);
  const reasons = new Map<SettingName, string[]>();
  for (const { path: [variable, ...path] = [], message } of issues) {
    const name = variable?.key as SettingName;
    const place = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    reasons.set(name, [...(reasons.get(name) ?? []), ...(message === '' ? [] : [`${place} ${message}`.trim()])]);
  }
  for (const [name, details] of reasons) {
    const accepted = [SETTINGS[name].accepted, ...(details.length === 0 ? [] : [details.join('; ')])].join(': ');
    if (name in fromFiles) refuse(`${name}_FILE`, `a file that holds ${accepted}`);
    else refuse(name, accepted);
  }
  return success ? output : undefined;
}

/** The secrets that a file holds whose path is given, by their own names. */
function secretsInFiles(given: Texts, refuse: Refuse): Texts {
  const secrets = SECRETS.flatMap((name) => {
    const file = given[`${name}_FILE`];
    if (file === undefined) return [];
    if (given[name] !== undefined) {
      refuse(`${name}_FILE`, `nothing, because ${name} is set too`);
      return [];
    }
    // An editor or `echo` leaves a line end behind the secret.
    return [[name, readFile(`${name}_FILE`, file, refuse)?.trimEnd()]];
  });
  return Object.fromEntries(secrets) as Texts;
}

/** TLS_CERT_FILE and TLS_KEY_FILE: both or none, readable, and of one pair. */
function tlsSettings(given: Texts, refuse: Refuse): TlsSettings | undefined {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = given;
  if (certFile !== undefined && keyFile === undefined) refuse('TLS_KEY_FILE', 'a path, as TLS_CERT_FILE is set');
  if (keyFile !== undefined && certFile === undefined) refuse('TLS_CERT_FILE', 'a path, as TLS_KEY_FILE is set');
  const cert = certFile === undefined ? undefined : readFile('TLS_CERT_FILE', certFile, refuse);
  const key = keyFile === undefined ? undefined : readFile('TLS_KEY_FILE', keyFile, refuse);
  if (certFile === undefined || keyFile === undefined || cert === undefined || key === undefined) return undefined;
  const expected = 'a PEM certificate chain whose private key is in TLS_KEY_FILE, without a passphrase';
  if (!isTlsPair({ cert, key })) refuse('TLS_CERT_FILE', expected);
  return { certFile: resolve(certFile), keyFile: resolve(keyFile), cert, key };
}

function readFile(variable: string, file: string, refuse: Refuse): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    refuse(variable, 'the path of a file that the service can read');
    return undefined;
  }
}

/** OTEL_EXPORTER_OTLP_…, as OpenTelemetry reads them: the endpoint of all signals has a path for each. */
function otlpTracesUrl(values: Environment): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces } = values;
  if (values.OTEL_SDK_DISABLED) return undefined;
  return traces ?? (all === undefined ? undefined : `${all}/v1/traces`);
}
