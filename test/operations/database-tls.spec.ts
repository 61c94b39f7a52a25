import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorMessage } from '../../src/database/error-code.js';
import { waitForDatabase } from '../../src/database/wait-for-database.js';
import { selfSignedPair } from '../../src/operations/self-signed-pair.js';
import { SystemPostgres } from '../support/system-postgres.js';

// What docs/postgresql.md says of each sslmode, against a server whose authority is unknown until it is named.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let server: SystemPostgres;
let folder: string;
let authority: string;
beforeAll(async () => {
  const pair = await selfSignedPair();
  server = await SystemPostgres.start(pair);
  folder = await mkdtemp(join(tmpdir(), 'execution-hooks-database-tls-'));
  authority = join(folder, 'ca.crt');
  await writeFile(authority, pair.cert);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly status: number;
  readonly said: string;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  const PATH = `${server.bin}${delimiter}${process.env.PATH ?? ''}`;
  return new Promise((resolve) => {
    execFile(program, args, { cwd: ROOT, env: { PATH, ...env } }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), said: stdout + stderr });
    });
  });
}

/** What becomes of a connection as the service makes it; '' where it is made. */
async function reason(connection: string): Promise<string> {
  const options = { url: connection, connectionTimeoutMs: 10_000, deadlineMs: 0, notice: () => undefined };
  return waitForDatabase(options).then(
    () => '',
    (error: unknown) => errorMessage(error),
  );
}

/** The same by the driver in a process of its own: Node reads NODE_EXTRA_CA_CERTS at its start. */
async function trusting(connection: string): Promise<Outcome> {
  const script = `import pg from 'pg'; const client = new pg.Client(process.env.DATABASE_URL); await client.connect(); await client.end();`;
  const env = { DATABASE_URL: connection, NODE_EXTRA_CA_CERTS: authority, NODE_NO_WARNINGS: '1' };
  return run(process.execPath, ['--input-type=module', '--eval', script], env);
}

function url(rest: string): string {
  return server.url('postgres', 'postgres', rest);
}

describe('a database behind TLS', () => {
  it.each(['allow', 'prefer', 'require', 'verify-ca', 'verify-full'])(
    'is not used by sslmode=%s while its authority is unknown, and is once that is trusted',
    async (mode) => {
      expect(await reason(url(`?sslmode=${mode}`))).toMatch(/self-signed certificate|unable to verify/);
      expect(await reason(url(`?sslmode=${mode}&sslrootcert=${authority}`))).toBe('');
      expect(await trusting(url(`?sslmode=${mode}`))).toEqual({ status: 0, said: '' });
    },
  );

  it('is used by sslmode=no-verify, and in the way of psql where that is asked for, and not by disable', async () => {
    expect(await reason(url('?sslmode=no-verify'))).toBe('');
    expect(await reason(url('?uselibpqcompat=true&sslmode=require'))).toBe('');
    expect(await reason(url('?sslmode=disable'))).toMatch(/no encryption|pg_hba/);
  });

  it.each([
    ['?sslmode=verify-full', { NODE_EXTRA_CA_CERTS: 'ca' }],
    ['?sslmode=verify-full', { PGSSLROOTCERT: 'ca' }],
    ['?sslmode=verify-full&sslrootcert=ca', {}],
    ['?sslmode=require', { NODE_EXTRA_CA_CERTS: 'ca' }],
    ['?sslmode=no-verify', {}],
    ['?uselibpqcompat=true&sslmode=require', {}],
    ['?ssl=true&statement_timeout=5000', { NODE_EXTRA_CA_CERTS: 'ca' }],
  ])('is backed up by %s with %j', async (rest, env) => {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.dump`);
    const named = Object.fromEntries(Object.entries(env).map(([name]) => [name, authority]));
    const outcome = await run('scripts/backup.sh', [file], {
      DATABASE_URL: url(rest.replace('sslrootcert=ca', `sslrootcert=${authority}`)),
      ...named,
    });
    expect(outcome).toEqual({ status: 0, said: expect.stringContaining(`Wrote ${file}`) as unknown });
    expect((await readFile(file)).subarray(0, 5).toString()).toBe('PGDMP');
  });

  it('is not backed up where the service would not trust it', async () => {
    const { status, said } = await run('scripts/backup.sh', [join(folder, 'refused')], {
      DATABASE_URL: url('?sslmode=require'),
    });
    expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(/certificate/) as unknown });
  });
});
