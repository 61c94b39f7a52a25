import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { selfSignedPair } from '../operations/self-signed-pair.js';
import { readSettings } from './settings.js';
import { SettingsError } from './settings-error.js';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The error that an environment is refused with. */
function refusal(env: NodeJS.ProcessEnv): SettingsError {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

function refusedNames(env: NodeJS.ProcessEnv): string[] {
  return refusal(env).settings.map(({ name }) => name);
}

const ISSUER = {
  issuer: 'https://login.example.com',
  audience: 'execution-hooks',
  jwksUrl: 'https://login.example.com/keys',
  accountID: '11111111-2222-4333-8444-555555555555',
  roleClaim: 'groups',
  roles: { operators: 'admin' },
};

describe('an empty environment', () => {
  it('gives every setting its default', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      dataDir: resolve('.data'),
      databaseUrl: undefined,
      databasePoolSize: 10,
      databasePoolWaitMs: 5000,
      databaseStatementTimeoutMs: 30_000,
      databaseLockTimeoutMs: 10_000,
      databaseStartTimeoutMs: 60_000,
      databasePreparedStatements: true,
      matchingTimeoutMs: 30_000,
      publicUrl: undefined,
      basePath: '',
      trustProxy: false,
      tls: undefined,
      hookNameScope: 'account',
      metricsPort: undefined,
      otlpTracesUrl: undefined,
      logLevel: 'info',
      oidcIssuers: [],
      corsOrigins: undefined,
      failedAuthenticationLimit: 60,
      bodyLimitBytes: 1_048_576,
      inventoryBodyLimitBytes: 4_294_967_296,
      inventoryCacheBytes: 134_217_728,
      ingestsPerAccount: 4,
      listsPerAccount: 4,
      shutdownDelayMs: 0,
      shutdownTimeoutMs: 10_000,
      demo: true,
    });
  });
});

describe('a full environment', () => {
  const env = {
    HOST: '::',
    PORT: '0',
    DATA_DIR: '/var/lib/hooks',
    DATABASE_URL: 'postgres://hooks:s%40fe@db:5432/hooks?sslmode=require',
    DATABASE_POOL_SIZE: '20',
    DATABASE_POOL_WAIT_MS: '1',
    DATABASE_STATEMENT_TIMEOUT_MS: '2',
    DATABASE_LOCK_TIMEOUT_MS: '3',
    DATABASE_START_TIMEOUT_MS: '0',
    DATABASE_PREPARED_STATEMENTS: 'false',
    MATCHING_TIMEOUT_MS: '4',
    PUBLIC_URL: 'https://Hooks.example.com/api/',
    BASE_PATH: '/hooks/v1',
    TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::/8,192.0.2.7',
    HOOK_NAME_SCOPE: 'app',
    METRICS_PORT: '9090',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com:4318/',
    LOG_LEVEL: 'debug',
    OIDC_ISSUERS: JSON.stringify([ISSUER]),
    CORS_ORIGINS: 'https://console.example.com, http://localhost:3000',
    FAILED_AUTHENTICATION_LIMIT: '0',
    BODY_LIMIT_BYTES: '2048',
    INVENTORY_BODY_LIMIT_BYTES: '4096',
    INVENTORY_CACHE_BYTES: '0',
    INGESTS_PER_ACCOUNT: '6',
    LISTS_PER_ACCOUNT: '7',
    SHUTDOWN_DELAY_MS: '5',
    SHUTDOWN_TIMEOUT_MS: '4',
    DEMO: 'false',
    UNKNOWN: 'ignored',
  };

  it('gives what it says', () => {
    expect(readSettings(env)).toEqual({
      host: '::',
      port: 0,
      dataDir: '/var/lib/hooks',
      databaseUrl: 'postgres://hooks:s%40fe@db:5432/hooks?sslmode=require',
      databasePoolSize: 20,
      databasePoolWaitMs: 1,
      databaseStatementTimeoutMs: 2,
      databaseLockTimeoutMs: 3,
      databaseStartTimeoutMs: 0,
      databasePreparedStatements: false,
      matchingTimeoutMs: 4,
      publicUrl: 'https://hooks.example.com/api',
      basePath: '/hooks/v1',
      trustProxy: ['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.7'],
      tls: undefined,
      hookNameScope: 'app',
      metricsPort: 9090,
      otlpTracesUrl: 'https://collector.example.com:4318/v1/traces',
      logLevel: 'debug',
      oidcIssuers: [
        {
          ...ISSUER,
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
          userClaim: 'sub',
          emailClaim: 'email',
          firstNameClaim: 'given_name',
          lastNameClaim: 'family_name',
          clockSkewSeconds: 5,
          tokenLifetimeSeconds: 0,
          jwksCooldownSeconds: 30,
        },
      ],
      corsOrigins: ['https://console.example.com', 'http://localhost:3000'],
      failedAuthenticationLimit: 0,
      bodyLimitBytes: 2048,
      inventoryBodyLimitBytes: 4096,
      inventoryCacheBytes: 0,
      ingestsPerAccount: 6,
      listsPerAccount: 7,
      shutdownDelayMs: 5,
      shutdownTimeoutMs: 4,
      demo: false,
    });
  });

  it('cannot be changed afterwards', () => {
    const settings = readSettings(env);
    expect(Object.isFrozen(settings)).toBe(true);
    expect(Object.isFrozen(settings.trustProxy)).toBe(true);
  });
});

describe('an environment that cannot be used', () => {
  it('names every bad variable at once', () => {
    const error = refusal({ PORT: '65536', LOG_LEVEL: 'loud', DATABASE_POOL_SIZE: '0', BASE_PATH: 'hooks' });
    expect(error.message).toBe(
      [
        'The environment cannot be used:',
        '  PORT: expected a whole number from 0 to 65535',
        '  DATABASE_POOL_SIZE: expected a whole number from 1 to 1000',
        '  BASE_PATH: expected a path like /hooks: a slash before each segment, none at the end, letters, digits and . _ ~ - between',
        '  LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent',
      ].join('\n'),
    );
  });

  it('never repeats a value, which may be a secret', () => {
    const secret = 'hunter2';
    const env = {
      HOST: `${secret}!`,
      PORT: secret,
      DATABASE_URL: `mysql://root:${secret}@db/hooks`,
      DATABASE_POOL_SIZE: secret,
      PUBLIC_URL: `https://admin:${secret}@example.com`,
      BASE_PATH: secret,
      TRUST_PROXY: secret,
      TLS_CERT_FILE: `/nowhere/${secret}`,
      TLS_KEY_FILE: `/nowhere/${secret}`,
      HOOK_NAME_SCOPE: secret,
      LOG_LEVEL: secret,
      DEMO: secret,
    };
    const error = refusal(env);
    expect(error.settings).toHaveLength(Object.keys(env).length);
    expect(JSON.stringify(error) + String(error.stack)).not.toContain(secret);
  });

  it.each([
    ['HOST', ['with space', 'http://host', '-host']],
    ['PORT', ['-1', '1.5', '0x50', '80a', ' 80', '9999999999999999']],
    ['DATA_DIR', ['a\0b']],
    ['DATABASE_URL', ['localhost:5432', 'http://db/hooks', 'postgres://db:port/hooks']],
    ['PUBLIC_URL', ['example.com', 'ftp://example.com', 'https://a@example.com', 'https://example.com?a', 'https://']],
    ['BASE_PATH', ['hooks', '/hooks/', '/', '//hooks', '/../hooks', '/a b', '/a?b']],
    ['TRUST_PROXY', ['true', '2', 'example.com', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.1,', 'fd00::/129']],
    ['HOOK_NAME_SCOPE', ['Account', 'hook']],
    ['DEMO', ['1', 'yes', 'TRUE']],
    ['OIDC_ISSUERS', ['https://login.example.com', '{}', '[{}]', JSON.stringify([ISSUER, ISSUER])]],
    ['CORS_ORIGINS', ['console.example.com', 'https://console.example.com/', 'https://a.example, *']],
    ['FAILED_AUTHENTICATION_LIMIT', ['-1', '1000001']],
    ['BODY_LIMIT_BYTES', ['1023', '1mb', '268435457']],
  ])('refuses a bad %s', (name, texts) => {
    for (const text of texts) expect([text, refusedNames({ [name]: text })]).toEqual([text, [name]]);
  });
});

describe('OIDC_ISSUERS', () => {
  function expected(issuer: object): string | undefined {
    return refusal({ OIDC_ISSUERS: JSON.stringify([issuer]) }).settings[0]?.expected;
  }

  it('is refused with the path of everything that is wrong, and without its values', () => {
    const message = expected({
      issuer: 'https://login.example.com',
      jwksUrl: 'http://login.example.com',
      secret: 's3',
    });
    expect(message?.split(': ')[1]?.split('; ').sort()).toEqual([
      '[0].accountID is required',
      '[0].audience is required',
      '[0].jwksUrl must be an https:// URL (http:// only of this machine)',
      '[0].secret is not a field of this resource',
    ]);
    expect(message).not.toContain('s3');
  });

  it.each([
    [{ algorithms: ['HS256'] }, 'algorithms[0]'],
    [{ algorithms: ['none'] }, 'algorithms[0]'],
    [{ algorithms: [] }, 'algorithms'],
    [{ roles: { operators: 'king' } }, 'roles'],
    [{ defaultRole: 'king' }, 'defaultRole'],
    [{ clockSkewSeconds: 301 }, 'clockSkewSeconds'],
    [{ clockSkewSeconds: '5' }, 'clockSkewSeconds'],
    [{ jwksUrl: 'file:///keys' }, 'jwksUrl'],
  ])('does not accept %j', (change, field) => {
    expect(expected({ ...ISSUER, ...change })).toContain(`[0].${field} must`);
  });
});

describe('an empty variable', () => {
  it('counts as not set', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '', TLS_CERT_FILE: '', DEMO: '' })).toEqual(readSettings({}));
  });
});

describe('DATABASE_URL_FILE', () => {
  it('names a file that holds the database URL, with or without a line end', () => {
    const settings = readSettings({ DATABASE_URL_FILE: file('url', 'postgres://hooks:secret@db/hooks\n') });
    expect(settings.databaseUrl).toBe('postgres://hooks:secret@db/hooks');
    expect(settings.demo).toBe(false);
  });

  it('is refused when the file is missing or holds something else, or when DATABASE_URL is set too', () => {
    expect(refusedNames({ DATABASE_URL_FILE: join(folder, 'missing') })).toEqual(['DATABASE_URL_FILE']);
    const error = refusal({ DATABASE_URL_FILE: file('bad-url', 'hunter2') });
    expect(error.message).toContain('DATABASE_URL_FILE: expected a file that holds a postgres://');
    expect(error.message).not.toContain('hunter2');
    const url = 'postgres://db/hooks';
    expect(refusedNames({ DATABASE_URL: url, DATABASE_URL_FILE: file('url', url) })).toEqual(['DATABASE_URL_FILE']);
  });

  it('exists for secrets only', () => {
    expect(readSettings({ PORT_FILE: file('port', '9') }).port).toBe(8080);
  });
});

describe('DEMO', () => {
  it('is on by default on the embedded database only', () => {
    expect(readSettings({ DEMO: 'false' }).demo).toBe(false);
    expect(readSettings({ DATABASE_URL: 'postgres://db/hooks' }).demo).toBe(false);
  });

  it("cannot be asked for on an operator's own database", () => {
    expect(refusedNames({ DEMO: 'true', DATABASE_URL: 'postgres://db/hooks' })).toEqual(['DEMO']);
    expect(refusedNames({ DEMO: 'true', DATABASE_URL_FILE: file('url', 'postgres://db/hooks') })).toEqual(['DEMO']);
  });
});

describe('TLS_CERT_FILE and TLS_KEY_FILE', () => {
  async function pair(name: string): Promise<{ cert: string; key: string }> {
    const { cert, key } = await selfSignedPair();
    return { cert: file(`${name}.crt`, cert), key: file(`${name}.key`, key) };
  }

  it('give the texts of the two files', async () => {
    const { cert, key } = await pair('service');
    const { tls } = readSettings({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
    expect(tls?.cert).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(tls?.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(Object.isFrozen(tls)).toBe(true);
  });

  it('are refused one without the other, unreadable, or when they do not belong together', async () => {
    const { cert, key } = await pair('one');
    const { key: otherKey } = await pair('other');
    expect(refusedNames({ TLS_CERT_FILE: cert })).toEqual(['TLS_KEY_FILE']);
    expect(refusedNames({ TLS_KEY_FILE: key })).toEqual(['TLS_CERT_FILE']);
    expect(refusedNames({ TLS_CERT_FILE: join(folder, 'missing'), TLS_KEY_FILE: key })).toEqual(['TLS_CERT_FILE']);
    expect(refusedNames({ TLS_CERT_FILE: cert, TLS_KEY_FILE: otherKey })).toEqual(['TLS_CERT_FILE']);
  });
});
