import {
  type AcceptedValues,
  basePath,
  listenAddress,
  oneOf,
  origins,
  path,
  postgresUrl,
  publicUrl,
  trustedProxies,
  wholeNumber,
  yesOrNo,
} from './accepted-values.js';
import { oidcIssuers } from './oidc-issuer.js';

/** One environment variable: all there is to say about it. */
export interface Setting<Value> {
  readonly accepts: AcceptedValues<Value>;
  /** The value when the variable is not set, written as an operator would write it; absent when there is none. */
  readonly default?: string;
  /** What happens without the variable, for a setting that has no default value. */
  readonly absent?: string;
  /** What a number counts; '' for everything that is no quantity. */
  readonly unit: '' | 'bytes' | 'connections' | 'ms';
  readonly description: string;
  /** The value may hold a password: it can also be given by a file whose path is in `<NAME>_FILE`. */
  readonly secret?: true;
}

const MEBIBYTE = 1024 ** 2;
const TEBIBYTE = 1024 ** 4;

/** Every environment variable that the service reads, in the order in which the README lists them. */
export const SETTINGS = {
  HOST: {
    accepts: listenAddress,
    default: '127.0.0.1',
    unit: '',
    description: 'Address that the service listens on; `0.0.0.0` is every IPv4 address of the machine.',
  },
  PORT: {
    accepts: wholeNumber(0, 65_535),
    default: '8080',
    unit: '',
    description: 'Port that the service listens on; `0` takes any free one and logs it.',
  },
  DATA_DIR: {
    accepts: path,
    default: '.data',
    unit: '',
    description: 'Folder of the embedded PostgreSQL; not used with `DATABASE_URL`.',
  },
  DATABASE_URL: {
    accepts: postgresUrl,
    absent: 'embedded PostgreSQL',
    unit: '',
    description: 'The PostgreSQL database to use.',
    secret: true,
  },
  DATABASE_POOL_SIZE: {
    accepts: wholeNumber(1, 1000),
    default: '10',
    unit: 'connections',
    description: 'How many database connections one process opens at most.',
  },
  DATABASE_POOL_WAIT_MS: {
    accepts: wholeNumber(1, 600_000),
    default: '5000',
    unit: 'ms',
    description: 'How long a request waits for a free database connection before it is answered 503.',
  },
  DATABASE_STATEMENT_TIMEOUT_MS: {
    accepts: wholeNumber(1, 86_400_000),
    default: '30000',
    unit: 'ms',
    description: 'How long one SQL statement may run before PostgreSQL cancels it.',
  },
  DATABASE_LOCK_TIMEOUT_MS: {
    accepts: wholeNumber(1, 86_400_000),
    default: '10000',
    unit: 'ms',
    description: 'How long one SQL statement waits for a lock that another one holds.',
  },
  DATABASE_START_TIMEOUT_MS: {
    accepts: wholeNumber(0, 3_600_000),
    default: '60000',
    unit: 'ms',
    description: 'How long a starting service waits for its database before it gives up; `0` tries once.',
  },
  DATABASE_PREPARED_STATEMENTS: {
    accepts: yesOrNo,
    default: 'true',
    unit: '',
    description: 'Whether statements are prepared by name; `false` behind a PgBouncer older than 1.21.',
  },
  MATCHING_TIMEOUT_MS: {
    accepts: wholeNumber(1, 86_400_000),
    default: '30000',
    unit: 'ms',
    description:
      'How long matching a hook may work: beyond that, a read is answered 503, beyond a third of it, a write 400.',
  },
  PUBLIC_URL: {
    accepts: publicUrl,
    absent: "the request's own host and protocol",
    unit: '',
    description: 'The URL in front of `/accounts` as clients see it, its path included; it begins every `Location`.',
  },
  BASE_PATH: {
    accepts: basePath,
    absent: 'no prefix',
    unit: '',
    description: 'Prefix of every path that the service answers, e.g. `/hooks`.',
  },
  TRUST_PROXY: {
    accepts: trustedProxies,
    absent: 'no proxy is trusted',
    unit: '',
    description: 'Proxies whose `X-Forwarded-For`, `-Host` and `-Proto` headers count.',
  },
  TLS_CERT_FILE: {
    accepts: path,
    absent: 'plain HTTP',
    unit: '',
    description: 'PEM file with the certificate chain to serve HTTPS with; needs `TLS_KEY_FILE`.',
  },
  TLS_KEY_FILE: {
    accepts: path,
    absent: 'plain HTTP',
    unit: '',
    description: 'PEM file with the private key of `TLS_CERT_FILE`.',
  },
  HOOK_NAME_SCOPE: {
    accepts: oneOf('account', 'app'),
    default: 'account',
    unit: '',
    description: 'Where the name of an execution hook must be unique.',
  },
  LOG_LEVEL: {
    accepts: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    unit: '',
    description: 'The least severe messages that are logged.',
  },
  METRICS_PORT: {
    accepts: wholeNumber(0, 65_535),
    absent: 'on `PORT`, with a token',
    unit: '',
    description: 'Port of `HOST` that serves `/metrics` without a token; for networks that you trust.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    accepts: publicUrl,
    absent: 'no traces',
    unit: '',
    description: 'OpenTelemetry collector that traces are sent to by OTLP over HTTP, at `/v1/traces` below it.',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    accepts: publicUrl,
    absent: 'see `OTEL_EXPORTER_OTLP_ENDPOINT`',
    unit: '',
    description: 'The same, as the whole URL for traces.',
  },
  OTEL_SDK_DISABLED: {
    accepts: yesOrNo,
    default: 'false',
    unit: '',
    description: 'Sends no traces, whatever else is set.',
  },
  OIDC_ISSUERS: {
    accepts: oidcIssuers,
    absent: 'tokens of the service only',
    unit: '',
    description: 'OpenID Connect issuers whose JWTs let users in beside the tokens of the service.',
    secret: true,
  },
  CORS_ORIGINS: {
    accepts: origins,
    absent: 'no other web page',
    unit: '',
    description: 'Web pages of other origins that browsers let use the service.',
  },
  FAILED_AUTHENTICATION_LIMIT: {
    accepts: wholeNumber(0, 1_000_000),
    default: '60',
    unit: '',
    description: 'How many bad tokens one address may send in a minute before it is answered 429; `0` is any number.',
  },
  BODY_LIMIT_BYTES: {
    accepts: wholeNumber(1024, 256 * MEBIBYTE),
    default: String(MEBIBYTE),
    unit: 'bytes',
    description: 'The longest request body, inventories apart; a longer one is answered 413.',
  },
  INVENTORY_BODY_LIMIT_BYTES: {
    accepts: wholeNumber(1024, TEBIBYTE),
    default: String(4096 * MEBIBYTE),
    unit: 'bytes',
    description: 'The longest inventory, measured after decompression; a longer one is answered 413.',
  },
  INVENTORY_CACHE_BYTES: {
    accepts: wholeNumber(0, TEBIBYTE),
    default: String(128 * MEBIBYTE),
    unit: 'bytes',
    description: 'Memory for the inventories that one process keeps for matching; `0` reads them anew each time.',
  },
  INGESTS_PER_ACCOUNT: {
    accepts: wholeNumber(1, 1000),
    default: '4',
    unit: '',
    description:
      'How many inventories of one account are taken in at the same time; others wait, then are answered 429.',
  },
  LISTS_PER_ACCOUNT: {
    accepts: wholeNumber(1, 1000),
    default: '4',
    unit: '',
    description: 'How many unpaged lists of one account are sent at the same time; others wait, then are answered 429.',
  },
  SHUTDOWN_DELAY_MS: {
    accepts: wholeNumber(0, 600_000),
    default: '0',
    unit: 'ms',
    description:
      'How long a stopping service, no longer ready, goes on serving until nobody sends it requests any more.',
  },
  SHUTDOWN_TIMEOUT_MS: {
    accepts: wholeNumber(0, 600_000),
    default: '10000',
    unit: 'ms',
    description: 'How long a stopping service, after that delay, lets requests under way finish.',
  },
  DEMO: {
    accepts: yesOrNo,
    absent: '`true` on the embedded PostgreSQL, else `false`',
    unit: '',
    description: 'Loads the demo into an empty embedded PostgreSQL at start; cannot be `true` with `DATABASE_URL`.',
  },
} as const satisfies Record<string, Setting<unknown>>;

/** The name of a setting's environment variable. */
export type SettingName = keyof typeof SETTINGS;

/** One row of the README's table of settings, each member a cell in Markdown. */
export interface SettingsTableRow {
  readonly variable: string;
  readonly default: string;
  readonly unit: string;
  readonly accepted: string;
  readonly meaning: string;
}

/** Every row of the README's table of settings: each setting and, after a secret one, its `_FILE` sibling. */
export const SETTINGS_TABLE: readonly SettingsTableRow[] = Object.entries<Setting<unknown>>(SETTINGS).flatMap(
  ([name, definition]) => {
    const row = {
      variable: `\`${name}\``,
      default: definition.default === undefined ? (definition.absent ?? '') : `\`${definition.default}\``,
      unit: definition.unit,
      accepted: definition.accepts.description,
      meaning: definition.description,
    };
    if (definition.secret === undefined) return [row];
    const file = {
      variable: `\`${name}_FILE\``,
      default: '',
      unit: '',
      accepted: `a file that holds ${definition.accepts.description}`,
      meaning: `Instead of \`${name}\`: a file with its value, for mounted secrets.`,
    };
    return [row, file];
  },
);

/** The README's table of settings in Markdown, to be pasted there; `settings-table.spec.ts` compares the two. */
export function settingsMarkdown(): string {
  const lines = SETTINGS_TABLE.map(
    (row) => `| ${row.variable} | ${row.default} | ${row.unit} | ${row.accepted} | ${row.meaning} |`,
  );
  return ['| Variable | Default | Unit | Accepted | Meaning |', '| --- | --- | --- | --- | --- |', ...lines].join('\n');
}
