import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestService, type TestService } from '../support/service.js';

/** Another generator than that of `openapi.d.ts`, by other authors: what one puts up with, the other may not. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What this spec uses of the generated functions. */
interface GeneratedClient {
  listAccounts(request: { readonly baseUrl: string; readonly auth: string }): Promise<{
    readonly data?: { readonly items: readonly { readonly id: string }[] };
  }>;
}

const COMPILER_OPTIONS = {
  strict: true,
  skipLibCheck: true,
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom', 'dom.iterable'],
  types: [],
  rootDir: 'src',
  outDir: 'dist',
};

let folder: string;
let service: TestService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'execution-hooks-client-'));
  service = await startTestService();
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a program of an installed package. @throws Error, with what it printed, when it ends badly */
function run(
  program: string,
  ...parts: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(process.execPath, [join(ROOT, 'node_modules', program), ...parts], { cwd: ROOT });
}

describe('a client of another generator', () => {
  it('is made without a warning, compiles, and runs against the service', async () => {
    const document = join(ROOT, 'openapi.json');
    const sources = join(folder, 'src');
    const generated = await run('@hey-api/openapi-ts/bin/run.js', '-i', document, '-o', sources, '--no-log-file');
    expect(generated.stderr).toBe('');
    expect(generated.stdout).toContain('Done!');
    expect(generated.stdout).not.toMatch(/warn|error|⚠/i);

    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src'] }),
    );
    expect(await run('typescript/bin/tsc', '--project', folder)).toEqual({ stdout: '', stderr: '' });

    const client = (await import(pathToFileURL(join(folder, 'dist/index.js')).href)) as GeneratedClient;
    const { data } = await client.listAccounts({ baseUrl: service.url, auth: service.account.token });
    expect(data?.items.map(({ id }) => id)).toEqual([service.account.accountID]);
  }, 300_000);
});
