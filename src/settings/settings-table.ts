import {
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
import { optionalSetting, setting } from './variables.js';

const MEBIBYTE = 1024 ** 2;
const TEBIBYTE = 1024 ** 4;

/** Every environment variable that the service reads, in the order in which docs/settings.md lists them. */
export const SETTINGS = {
  HOST: setting(listenAddress, '127.0.0.1', {
    meaning: 'Address that the service listens on; `0.0.0.0` is every IPv4 address of the machine.',
  }),
  PORT: setting(wholeNumber(0, 65_535), '8080', {
    meaning: 'Port that the service listens on; `0` takes any free one and logs it.',
  }),
  DATA_DIR: setting(path, '.data', {
    meaning: 'Folder of the embedded PostgreSQL; not used with `DATABASE_URL`.',
  }),
  DATABASE_URL: optionalSetting(postgresUrl, {
    absent: 'embedded PostgreSQL',
    meaning: 'The PostgreSQL database to use.',
    secret: true,
  }),
  DATABASE_POOL_SIZE: setting(wholeNumber(1, 1000), '10', {
    meaning: 'How many database connections one process opens at most.',
  }),
  DATABASE_POOL_WAIT_MS: setting(wholeNumber(1, 600_000), '5000', {
    meaning: 'How long a request waits for a free database connection before it is answered 503.',
  }),
  DATABASE_STATEMENT_TIMEOUT_MS: setting(wholeNumber(1, 86_400_000), '30000', {
    meaning: 'How long one SQL statement may run before PostgreSQL cancels it.',
  }),
  DATABASE_LOCK_TIMEOUT_MS: setting(wholeNumber(1, 86_400_000), '10000', {
    meaning: 'How long one SQL statement waits for a lock that another one holds.',
  }),
  DATABASE_START_TIMEOUT_MS: setting(wholeNumber(0, 3_600_000), '60000', {
    meaning: 'How long a starting service waits for its database before it gives up; `0` tries once.',
  }),
  DATABASE_PREPARED_STATEMENTS: setting(yesOrNo, 'true', {
    meaning: 'Whether statements are prepared by name; `false` behind a PgBouncer older than 1.21.',
  }),
  MATCHING_TIMEOUT_MS: setting(wholeNumber(1, 86_400_000), '30000', {
    meaning:
      'How long matching a hook may work: beyond that, a read is answered 503, beyond a third of it, a write 400.',
  }),
  PUBLIC_URL: optionalSetting(publicUrl, {
    absent: "the request's own host and protocol",
    meaning: 'The URL in front of `/accounts` as clients see it, its path included; it begins every `Location`.',
  }),
  BASE_PATH: optionalSetting(basePath, {
    absent: 'no prefix',
    meaning: 'Prefix of every path that the service answers, e.g. `/hooks`.',
  }),
  TRUST_PROXY: optionalSetting(trustedProxies, {
    absent: 'no proxy is trusted',
    meaning: 'Proxies whose `X-Forwarded-For`, `-Host` and `-Proto` headers count.',
  }),
  TLS_CERT_FILE: optionalSetting(path, {
    absent: 'plain HTTP',
    meaning: 'PEM file with the certificate chain to serve HTTPS with; needs `TLS_KEY_FILE`.',
  }),
  TLS_KEY_FILE: optionalSetting(path, {
    absent: 'plain HTTP',
    meaning: 'PEM file with the private key of `TLS_CERT_FILE`.',
  }),
  HOOK_NAME_SCOPE: setting(oneOf('account', 'app'), 'account', {
    meaning: 'Where the name of an execution hook must be unique.',
  }),
  LOG_LEVEL: setting(oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), 'info', {
    meaning: 'The least severe messages that are logged.',
  }),
  METRICS_PORT: optionalSetting(wholeNumber(0, 65_535), {
    absent: 'on `PORT`, with a token',
    meaning: 'Port of `HOST` that serves `/metrics` without a token; for networks that you trust.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalSetting(publicUrl, {
    absent: 'no traces',
    meaning: 'OpenTelemetry collector that traces are sent to by OTLP over HTTP, at `/v1/traces` below it.',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optionalSetting(publicUrl, {
    absent: 'see `OTEL_EXPORTER_OTLP_ENDPOINT`',
    meaning: 'The same, as the whole URL for traces.',
  }),
  OTEL_SDK_DISABLED: setting(yesOrNo, 'false', {
    meaning: 'Sends no traces, whatever else is set.',
  }),
  OIDC_ISSUERS: optionalSetting(oidcIssuers, {
    absent: 'tokens of the service only',
    meaning: 'OpenID Connect issuers whose JWTs let users in beside the tokens of the service.',
    secret: true,
  }),
  CORS_ORIGINS: optionalSetting(origins, {
    absent: 'no other web page',
    meaning: 'Web pages of other origins that browsers let use the service.',
  }),
  FAILED_AUTHENTICATION_LIMIT: setting(wholeNumber(0, 1_000_000), '60', {
    meaning: 'How many bad tokens one address may send in a minute before it is answered 429; `0` is any number.',
  }),
  BODY_LIMIT_BYTES: setting(wholeNumber(1024, 256 * MEBIBYTE), `${MEBIBYTE}`, {
    meaning: 'The longest request body, inventories apart; a longer one is answered 413.',
  }),
  INVENTORY_BODY_LIMIT_BYTES: setting(wholeNumber(1024, TEBIBYTE), `${4096 * MEBIBYTE}`, {
    meaning: 'The longest inventory, measured after decompression; a longer one is answered 413.',
  }),
  INVENTORY_CACHE_BYTES: setting(wholeNumber(0, TEBIBYTE), `${128 * MEBIBYTE}`, {
    meaning: 'Memory for the inventories that one process keeps for matching; `0` reads them anew each time.',
  }),
  INGESTS_PER_ACCOUNT: setting(wholeNumber(1, 1000), '4', {
    meaning: 'How many inventories of one account are taken in at the same time; others wait, then are answered 429.',
  }),
  LISTS_PER_ACCOUNT: setting(wholeNumber(1, 1000), '4', {
    meaning: 'How many unpaged lists of one account are sent at the same time; others wait, then are answered 429.',
  }),
  SHUTDOWN_DELAY_MS: setting(wholeNumber(0, 600_000), '0', {
    meaning: 'How long a stopping service, no longer ready, goes on serving until nobody sends it requests any more.',
  }),
  SHUTDOWN_TIMEOUT_MS: setting(wholeNumber(0, 600_000), '10000', {
    meaning: 'How long a stopping service, after that delay, lets requests under way finish.',
  }),
  DEMO: optionalSetting(yesOrNo, {
    absent: '`true` on the embedded PostgreSQL, else `false`',
    meaning: 'Loads the demo into an empty embedded PostgreSQL at start; cannot be `true` with `DATABASE_URL`.',
  }),
};
